//! `audit`: what is dangerous in a cluster, whoever made it.

use clap::{Arg, ArgAction, ArgMatches, Command};
use tegata_cli::{ui, wants_json};
use tegata_cluster::audit::{Workspace, audit, look, show};
use tegata_cluster::plan::Options;

use super::look::{Look, connected, workspace};
use super::{Outcome, code, options};

pub fn command() -> Command {
    let command = Command::new("audit")
        .about("Show who is bound to what in a cluster, what jobs run as, and what of it is dangerous; changes nothing, and needs no workspace")
        .arg(
            Arg::new("no-workspace")
                .long("no-workspace")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["directory", "cluster"])
                .help("Leave out what differs from the workspace in which this is called"),
        );
    options::with_place(command)
}

pub async fn run(arguments: &ArgMatches) -> Outcome {
    // No workspace is needed; one that is named, or in which this is called, has to be whole.
    let named = ["directory", "cluster"].iter().any(|name| arguments.contains_id(name));
    let is_there = !arguments.get_flag("no-workspace") && tegata_cli::workspace(None).is_ok();
    let desired = if named || is_there { Some(workspace(arguments)?.1) } else { None };
    let server = connected(arguments, desired.as_ref()).await?;
    let seen = look(&server).await?;
    let look = match desired {
        Some(desired) => Some(Look::with(server.clone(), desired, Options::default()).await?),
        None => None,
    };
    let found =
        audit(&seen, look.as_ref().map(|look| Workspace { desired: &look.desired, plan: &look.plan }));
    let names = |look: &Look| (look.desired.workspace.clone(), look.desired.cluster.clone());
    let subject = show::Subject { server: server.url().to_owned(), workspace: look.as_ref().map(names) };
    ui::out(&if wants_json(arguments) {
        format!("{:#}\n", show::document(&found, &subject))
    } else {
        show::text(&found, &subject)
    });
    Ok(code(found.is_partial(), &found.findings))
}
