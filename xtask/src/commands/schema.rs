//! `schema`: what an editor needs to complete and explain the workspace's files.

use clap::{Arg, ArgAction, ArgMatches, Command};
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
    let folder = workspace(arguments)?.join("schemas");
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
    if differing == 0 {
        ui::say("schemas/ is up to date\n");
    } else if check {
        ui::say("run `cargo xtask schema`, and commit the change\n");
        return Ok(FINDINGS);
    }
    Ok(DONE)
}
