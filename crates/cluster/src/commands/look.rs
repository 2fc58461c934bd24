//! What every command begins with: `out/` and the cluster are looked at.

use std::path::PathBuf;

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
    desired: Desired,
    options: Options,
    words: Words,
}

impl Look {
    /// Looks at `out/` and at the cluster.
    pub async fn at(arguments: &ArgMatches, options: Options) -> Result<Look, Fault> {
        let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
        let root = tegata_cli::workspace(text("directory"))
            .map_err(|fault| Fault::new("no-workspace", fault.message, fault.help))?;
        let desired = desired::read(&root, text("cluster"))?;
        let connection = connect::Options {
            kubeconfig: arguments.get_one::<PathBuf>("kubeconfig").cloned(),
            context: text("context").map(str::to_owned),
            pinned: desired.server.clone(),
            cluster: desired.cluster.clone(),
        };
        let server = connect::connect(&connection).await?;
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
    pub fn document(&self, report: Option<&execute::Report>) -> String {
        format!("{:#}\n", json::document(&self.plan, &self.words, &self.heading(), report))
    }

    /// Which cluster it is about.
    pub fn heading(&self) -> Heading {
        Heading {
            workspace: self.desired.workspace.clone(),
            cluster: self.desired.cluster.clone(),
            server: self.server.url().to_owned(),
        }
    }
}
