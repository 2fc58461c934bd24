//! What every command begins with: `out/` and the cluster are looked at.

use std::path::PathBuf;

use camino::Utf8PathBuf;
use clap::ArgMatches;
use tegata_cluster::connect::{self, Server};
use tegata_cluster::desired::{self, Desired};
use tegata_cluster::inventory::Inventory;
use tegata_cluster::observe::{Observed, observe};
use tegata_cluster::plan::{Options, Plan, plan};
use tegata_cluster::saved::Saved;
use tegata_cluster::show::{Heading, human, json};
use tegata_cluster::words::{Words, words};
use tegata_cluster::{Fault, execute};

/// What was looked at, and what follows.
pub struct Look {
    pub server: Server,
    pub inventory: Inventory,
    pub observed: Observed,
    pub plan: Plan,
    pub desired: Desired,
    options: Options,
    words: Words,
}

impl Look {
    /// Looks at `out/` and at the cluster.
    pub async fn at(arguments: &ArgMatches, options: Options) -> Result<Look, Fault> {
        let (_, desired) = workspace(arguments)?;
        let server = connected(arguments, Some(&desired)).await?;
        Look::with(server, desired, options).await
    }

    /// Looks at the cluster.
    pub async fn with(server: Server, desired: Desired, options: Options) -> Result<Look, Fault> {
        let inventory = Inventory::of(&desired.workspace, &desired.cluster);
        let observed = observe(&server, &desired, &inventory).await?;
        let plan = plan(&desired, &observed, &inventory, &options);
        let words = words(&plan, &desired, &observed);
        Ok(Look { server, inventory, observed, plan, desired, options, words })
    }

    /// What was looked at, to be kept.
    pub fn saved(&self) -> Saved {
        Saved::of(&self.desired, &self.observed, &self.plan, self.server.url(), &self.options)
    }

    /// The plan for people.
    pub fn text(&self) -> String {
        human::text(&self.plan, &self.words, &self.heading())
    }

    /// The plan for programs, and what became of it.
    pub fn document(&self, report: Option<&execute::Report>, fault: Option<&Fault>) -> String {
        format!("{:#}\n", json::document(&self.plan, &self.words, &self.heading(), report, fault))
    }

    /// Which cluster it is about.
    pub fn heading(&self) -> Heading {
        heading(&self.desired, &self.server)
    }
}

/// Which cluster it is about.
pub fn heading(desired: &Desired, server: &Server) -> Heading {
    Heading {
        workspace: desired.workspace.clone(),
        cluster: desired.cluster.clone(),
        server: server.url().to_owned(),
    }
}

/// The workspace that is meant, and what it says of the cluster that is meant.
pub fn workspace(arguments: &ArgMatches) -> Result<(Utf8PathBuf, Desired), Fault> {
    let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let root = tegata_cli::workspace(text("directory"))
        .map_err(|fault| Fault::new("no-workspace", fault.message, fault.help))?;
    let desired = desired::read(&root, text("cluster"))?;
    Ok((root, desired))
}

/// The server that is meant.
pub async fn connected(arguments: &ArgMatches, desired: Option<&Desired>) -> Result<Server, Fault> {
    let connection = connect::Options {
        kubeconfig: arguments.get_one::<PathBuf>("kubeconfig").cloned(),
        context: arguments.get_one::<String>("context").cloned(),
        pinned: desired.and_then(|desired| desired.server.clone()),
        cluster: desired.map(|desired| desired.cluster.clone()).unwrap_or_default(),
    };
    connect::connect(&connection).await
}
