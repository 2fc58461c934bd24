//! `schema`: what an editor needs to complete and explain the workspace's files.

use camino::Utf8Path;
use clap::{Arg, ArgAction, ArgMatches, Command};
use tegata::load::load;
use tegata::shape::{files::KINDS, json_schema};
use tegata::write::unified_diff;

use super::{DONE, FINDINGS, Fault, NOT_WRITTEN, Outcome, workspace};
use tegata_cli::ui;

pub fn command() -> Command {
    Command::new("schema").about("Write the JSON Schemas of the workspace's files into schemas/").arg(
        Arg::new("check")
            .long("check")
            .action(ArgAction::SetTrue)
            .help("Write nothing; print what would change, and exit 1 if anything would"),
    )
}

pub fn run(arguments: &ArgMatches) -> Outcome {
    let root = workspace(arguments)?;
    let folder = root.join("schemas");
    let check = arguments.get_flag("check");
    let mut differing = 0;
    for (name, title, form) in KINDS {
        let text = format!("{:#}\n", json_schema::schema(title, form));
        let path = folder.join(format!("{name}.json"));
        let old = std::fs::read_to_string(&path).ok();
        if old.as_deref() == Some(&text) {
            continue;
        }
        differing += 1;
        let shown = format!("schemas/{name}.json");
        if check {
            ui::out(&ui::diff(&unified_diff(shown.as_str().into(), old.as_deref(), Some(&text))));
            continue;
        }
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, text)).map_err(|error| {
            Fault::new(
                NOT_WRITTEN,
                format!("can't write {shown}: {error}"),
                "check permissions and free space",
            )
        })?;
        ui::say(&format!("written {shown}\n"));
    }
    let lost = lost(&root);
    ui::say(&lost);
    if differing == 0 {
        ui::say("schemas/ is up to date\n");
    } else if check {
        ui::tell("run `cargo xtask schema`, and commit the change\n");
    }
    Ok(if check && (differing > 0 || !lost.is_empty()) { FINDINGS } else { DONE })
}

/// The beginning of the line that names a file's schema.
const NAMED: &str = "# yaml-language-server: $schema=";

/// A line for each file whose first line names a schema of ours where there is none, as in a file that was moved: an
/// editor says nothing of it, and explains nothing any more.
fn lost(root: &Utf8Path) -> String {
    let loaded = load(root);
    let lines = loaded.sources.iter().filter_map(|(_, source)| {
        let named = source.text.lines().next()?.strip_prefix(NAMED)?.trim();
        let right = right_for(&source.path, named)?;
        let folder = root.join(source.path.parent()?);
        let is_lost = named != right && !folder.join(named).is_file();
        is_lost.then(|| format!("{}: its first line leads nowhere; write {NAMED}{right}\n", source.path))
    });
    lines.collect()
}

/// Where a file finds the schema that it names, if that is one of ours.
fn right_for(file: &Utf8Path, named: &str) -> Option<String> {
    let (folder, name) = named.rsplit_once('/')?;
    let is_ours = KINDS.iter().any(|(kind, ..)| name.strip_suffix(".json") == Some(kind));
    let is_near = folder.trim_start_matches("../") == "schemas";
    let depth = file.parent()?.components().count();
    (is_ours && is_near).then(|| format!("{}schemas/{name}", "../".repeat(depth)))
}
