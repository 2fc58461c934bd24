//! `render`: from the workspace's files to `out/`.

use anstyle::AnsiColor;
use camino::Utf8PathBuf;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use tegata::diagnostic::{Severity, json::FORMAT_VERSION};
use tegata::write::{Change, FileChange};
use tegata::{Mode, Options, Report, generate_with};

use super::{DONE, FAULT, FINDINGS, Outcome, count, format_option, workspace};
use tegata_cli::{findings, ui, visible};

pub fn command() -> Command {
    Command::new("render")
        .about("Render manifests, Helm values and CI includes into out/")
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Write nothing; print what would change, and exit 1 if anything would"),
        )
        .arg(format_option())
}

pub fn run(arguments: &ArgMatches) -> Outcome {
    let root = workspace(arguments)?;
    let mode = if arguments.get_flag("check") { Mode::Check } else { Mode::Write };
    let progress = ui::Progress::begin();
    let memory = memory_folder();
    let options = Options { mode, progress: &|done, all| progress.at(done, all), memory: memory.as_deref() };
    let report = generate_with(&root, options);
    match arguments.get_one::<String>("format").map(String::as_str) {
        Some("json") => ui::out(&format!("{:#}\n", document(&report))),
        _ => print(&report, mode),
    }
    let code = exit_code(&report, mode);
    // The process ends: all at once, and not text by text, the system takes back what a large workspace was.
    std::mem::forget(report);
    Ok(code)
}

/// Where large workspaces remember what has been verified: the user's own folder for caches.
fn memory_folder() -> Option<Utf8PathBuf> {
    let folder = |name| std::env::var(name).ok().filter(|folder| !folder.is_empty()).map(Utf8PathBuf::from);
    let cache = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))?;
    cache.is_absolute().then(|| cache.join("tegata"))
}

fn exit_code(report: &Report, mode: Mode) -> u8 {
    match mode {
        _ if report.failed() => FAULT,
        Mode::Check if report.was_unfinished || !report.changes.is_empty() => FINDINGS,
        _ => DONE,
    }
}

fn document(report: &Report) -> Value {
    let changes: Vec<Value> = report
        .changes
        .iter()
        .map(|change| json!({ "file": change.path.as_str(), "change": change.change.word(), "diff": change.diff }))
        .collect();
    json!({
        "version": FORMAT_VERSION,
        "diagnostics": findings::values(report),
        "changes": changes,
        "files": report.files,
        "unfinishedWrite": report.is_unfinished,
    })
}

fn print(report: &Report, mode: Mode) {
    ui::say(&findings::text(report));
    if report.failed() {
        let is_error = |severity| severity == Severity::Error;
        let errors = report.diagnostics.iter().filter(|diagnostic| is_error(diagnostic.severity)).count();
        let state = if report.is_unfinished {
            "may be half old, half new: run `cargo xtask render` again"
        } else {
            "is as it was"
        };
        ui::tell(&format!("{}; out/ {state}\n", count(errors, "error")));
        return;
    }
    match mode {
        Mode::Write => print_written(report),
        Mode::Check => print_checked(report),
    }
}

/// More lines than anybody reads: the first render of a large workspace writes thousands of files.
const MAX_LINES: usize = 500;

fn print_written(report: &Report) {
    if report.was_unfinished {
        ui::say("an earlier render was broken off; this one has finished it\n");
    }
    ui::say(&lines(&report.changes));
    if report.files == 0 {
        ui::tell("there is no project and no runner yet: `cargo xtask new` begins them\n");
    }
    ui::say(&format!("{}\n", summary(report)));
}

/// A line for each change, as far as anybody reads them.
fn lines(changes: &[FileChange]) -> String {
    let mut lines: String = changes.iter().take(MAX_LINES).map(line).collect();
    let rest = changes.len().saturating_sub(MAX_LINES);
    if rest > 0 {
        lines.push_str(&format!("     and {} more: `--format json` lists all\n", count(rest, "file")));
    }
    lines
}

fn line(change: &FileChange) -> String {
    let colour = match change.change {
        Change::Created => AnsiColor::Green,
        Change::Changed => AnsiColor::Yellow,
        Change::Removed => AnsiColor::Red,
    };
    format!(
        "{} {}\n",
        ui::coloured(colour, &format!("{:>8}", change.change.word())),
        visible::in_a_line(change.path.as_str())
    )
}

fn summary(report: &Report) -> String {
    if report.changes.is_empty() {
        return format!("nothing changed: out/ is up to date ({})", count(report.files, "file"));
    }
    let number = |kind| report.changes.iter().filter(|change| change.change == kind).count();
    let parts: Vec<String> = [Change::Created, Change::Changed, Change::Removed]
        .into_iter()
        .filter(|kind| number(*kind) > 0)
        .map(|kind| format!("{} {}", number(kind), kind.word()))
        .collect();
    format!("out/ has {}: {}", count(report.files, "file"), parts.join(", "))
}

/// First the names: a diff shows nothing of a file that is empty, or that is no text of a readable size.
fn print_checked(report: &Report) {
    ui::say(&lines(&report.changes));
    for diff in report.changes.iter().filter_map(|change| change.diff.as_ref()) {
        ui::out(&ui::diff(diff));
    }
    if report.was_unfinished {
        ui::say("an earlier render was broken off: out/ may be half old, half new\n");
    }
    if report.changes.is_empty() && !report.was_unfinished {
        ui::say(&format!("out/ is up to date ({})\n", count(report.files, "file")));
    } else {
        let verb = if report.changes.len() == 1 { "differs" } else { "differ" };
        ui::tell(&format!(
            "{} {verb}; run `cargo xtask render`, review the change and commit it\n",
            count(report.changes.len(), "file")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_anybody_reads_is_counted() {
        let change =
            |index| FileChange { path: format!("out/{index}").into(), change: Change::Created, diff: None };
        let changes: Vec<_> = (0..MAX_LINES + 2).map(change).collect();
        assert_eq!(lines(&changes[..MAX_LINES]).lines().count(), MAX_LINES);
        let all = lines(&changes);
        assert_eq!(all.lines().count(), MAX_LINES + 1);
        assert!(all.ends_with("     and 2 files more: `--format json` lists all\n"), "{all}");
    }
}
