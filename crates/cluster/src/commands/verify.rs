//! `verify`: whether the accounts may do what was declared, and nothing more.

use clap::{Arg, ArgAction, ArgMatches, Command};
use tegata_cli::{ui, wants_json};
use tegata_cluster::Fault;
use tegata_cluster::audit::differences;
use tegata_cluster::connect::Server;
use tegata_cluster::desired::Desired;
use tegata_cluster::finding::{Finding, Severity};
use tegata_cluster::plan::Options;
use tegata_cluster::verify::model::{Model, model};
use tegata_cluster::verify::{show, verify};

use super::look::{Look, connected, heading, workspace};
use super::{Outcome, code, options};

pub fn command() -> Command {
    let command = Command::new("verify")
        .about("Ask the cluster, as each account, whether it may do what is declared and nothing more; exit 1 if not")
        .arg(
            Arg::new("account")
                .long("account")
                .value_name("NAMESPACE/NAME")
                .action(ArgAction::Append)
                .help("Ask as this account only, and not the runners' policies; can be said several times"),
        );
    options::with_place(command)
}

pub async fn run(arguments: &ArgMatches) -> Outcome {
    let (root, desired) = workspace(arguments)?;
    let mut model = model(&root, &desired.cluster)?;
    let chosen: Vec<&String> = arguments.get_many("account").into_iter().flatten().collect();
    if !chosen.is_empty() {
        choose(&mut model, &chosen)?;
    }
    let server = connected(arguments, Some(&desired)).await?;
    let mut report = verify(&server, &desired, &model).await?;
    let heading = heading(&desired, &server);
    if chosen.is_empty() {
        report.findings.extend(policies_differ(server, desired).await);
    }
    ui::out(&if wants_json(arguments) {
        format!("{:#}\n", show::document(&report, &heading))
    } else {
        show::text(&report, &heading)
    });
    Ok(code(report.is_partial(), &report.findings()))
}

/// Where the admission policies in the cluster are not those of `out/`: what was asked is only a part of what they
/// refuse.
async fn policies_differ(server: Server, desired: Desired) -> Vec<Finding> {
    match Look::with(server, desired, Options::default()).await {
        Ok(look) => differences(&look.plan).into_iter().filter(is_of_policy).collect(),
        Err(fault) => vec![Finding::new(
            Severity::Warning,
            "policies-not-compared",
            format!("the admission policies were not compared with out/: {}", fault.message),
            fault.help,
        )],
    }
}

fn is_of_policy(finding: &Finding) -> bool {
    finding.object.as_ref().is_some_and(|object| object.starts_with("ValidatingAdmissionPolicy"))
}

fn choose(model: &mut Model, chosen: &[&String]) -> Result<(), Fault> {
    let known = |name: &String| model.accounts.iter().any(|holder| holder.account.to_string() == *name);
    if let Some(unknown) = chosen.iter().find(|name| !known(name)) {
        return Err(Fault::new(
            "no-account",
            format!("the workspace has no account `{unknown}` on this cluster"),
            "write it as NAMESPACE/NAME, as it stands in projects/",
        ));
    }
    model.accounts.retain(|holder| chosen.contains(&&holder.account.to_string()));
    model.runners.clear();
    Ok(())
}
