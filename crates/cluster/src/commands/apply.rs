//! `apply`: the cluster comes to be what `out/` says.

use std::io::IsTerminal;

use camino::Utf8PathBuf;
use clap::{Arg, ArgAction, ArgMatches, Command};
use tegata_cli::{DONE, FAULT, FINDINGS, count, ui, visible, wants_json};
use tegata_cluster::Fault;
use tegata_cluster::execute::{Progress, Report, execute};
use tegata_cluster::saved::Saved;

use super::look::Look;
use super::{Outcome, options, told};

pub fn command() -> Command {
    let command = Command::new("apply")
        .about("Bring the cluster to what out/ says, after showing what that means")
        .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("Don't ask"))
        .arg(
            Arg::new("plan")
                .long("plan")
                .value_name("FILE")
                .value_parser(clap::value_parser!(Utf8PathBuf))
                .conflicts_with_all(["prune", "take-ownership"])
                .help("Carry out the plan of `diff --save FILE`, and nothing else; don't ask"),
        );
    options::with_allowances(options::with_place(command))
}

pub async fn run(arguments: &ArgMatches) -> Outcome {
    let saved = arguments.get_one::<Utf8PathBuf>("plan").map(read).transpose()?;
    let allowances =
        saved.as_ref().map_or_else(|| options::allowances(arguments), |saved| saved.options.clone());
    let look = Look::at(arguments, allowances).await?;
    if let Some(saved) = &saved {
        saved.still_holds(&look.saved())?;
    }
    let json = wants_json(arguments);
    if !json {
        ui::say(&look.text());
    }
    if !look.plan.refusals.is_empty() {
        if json {
            ui::out(&look.document(None, None));
        }
        ui::say("nothing was done\n");
        return Ok(FAULT);
    }
    let unasked = saved.is_some() || arguments.get_flag("yes") || look.plan.changes.is_empty();
    if !unasked && !asked(&look)? {
        if json {
            ui::out(&look.document(None, None));
        }
        ui::say("nothing was done: only `yes` goes on\n");
        return Ok(FINDINGS);
    }
    let report = execute(&look.server, &look.plan, &look.observed, &look.inventory, &progress).await;
    if json {
        ui::out(&look.document(Some(&report), None));
    }
    Ok(tell(&report))
}

fn read(file: &Utf8PathBuf) -> Result<Saved, Fault> {
    let text = fs_err::read_to_string(file).map_err(|error| {
        Fault::new("no-plan", error.to_string(), "name the file that `diff --save FILE` wrote")
    })?;
    Saved::read(&text)
}

fn asked(look: &Look) -> Result<bool, Fault> {
    if !std::io::stdin().is_terminal() {
        return Err(Fault::new(
            "not-asked",
            "nobody can be asked here, and nothing was done",
            "say --yes, or carry out a plan that was looked at: `diff --save FILE`, `apply --plan FILE`",
        ));
    }
    let heading = look.heading();
    ui::say(&format!("\napply this to {} ({})? Type `yes`: ", heading.cluster, heading.server));
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Fault::new("not-asked", format!("can't read the answer: {error}"), "say --yes"))?;
    Ok(answer.trim() == "yes")
}

fn progress(progress: Progress) {
    if std::io::stderr().is_terminal() {
        ui::say(&format!("\r{} of {}: {}\x1b[K", progress.done, progress.all, progress.stage));
    }
}

fn tell(report: &Report) -> u8 {
    if std::io::stderr().is_terminal() {
        ui::say("\r\x1b[K");
    }
    if report.failed.is_empty() {
        let what = if report.done.is_empty() {
            "nothing to do".to_owned()
        } else {
            count(report.done.len(), "step") + " done"
        };
        ui::say(&format!("{what}\n"));
        return DONE;
    }
    for (_, fault) in &report.failed {
        ui::say(&told(fault));
    }
    for (title, steps) in [("done:", &report.done), ("not done:", &report.not_done)] {
        if !steps.is_empty() {
            let lines: String = steps
                .iter()
                .map(|(id, what)| format!("  {what} {}\n", visible::in_a_line(&id.to_string())))
                .collect();
            ui::say(&format!("{title}\n{lines}"));
        }
    }
    ui::say("run the command again when that is mended: it goes on from here\n");
    FAULT
}
