//! The options that the commands share.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use tegata_cli::whole_number;
use tegata_cluster::plan::{Options, Prune};

/// The share of the inventory that may go without a further word, in percent.
const PRUNE_LIMIT: &str = "30";

/// Adds what says which workspace and cluster are meant.
pub fn with_place(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    command
        .arg(
            Arg::new("directory")
                .short('C')
                .value_name("DIR")
                .help("Work on the workspace in DIR; otherwise it is found upwards from here"),
        )
        .arg(text("cluster", "NAME", "The cluster in clusters/, where there are several"))
        .arg(
            text("kubeconfig", "FILE", "The kubeconfig; otherwise as kubectl finds it")
                .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(text("context", "NAME", "The context in the kubeconfig; otherwise its current one"))
        .arg(
            text("format", "FORMAT", "How it is printed")
                .value_parser(["human", "json"])
                .default_value("human"),
        )
}

/// Adds what allows more than the usual.
pub fn with_allowances(command: Command) -> Command {
    command
        .arg(
            Arg::new("prune")
                .long("prune")
                .action(ArgAction::SetTrue)
                .help("Delete what tegata applied and out/ no longer has"),
        )
        .arg(
            Arg::new("prune-limit")
                .long("prune-limit")
                .value_name("PERCENT")
                .requires("prune")
                .default_value(PRUNE_LIMIT)
                .value_parser(whole_number::<u8>(0..=100))
                .help("The share of all objects that may go without --prune-count"),
        )
        .arg(
            Arg::new("prune-count")
                .long("prune-count")
                .value_name("NUMBER")
                .requires("prune")
                .value_parser(whole_number::<usize>(0..=u64::MAX))
                .help("Exactly so many objects go, however large their share"),
        )
        .arg(
            Arg::new("prune-namespace")
                .long("prune-namespace")
                .value_name("NAME")
                .requires("prune")
                .action(ArgAction::Append)
                .help("This namespace may go too, with everything in it"),
        )
        .arg(
            Arg::new("take-ownership")
                .long("take-ownership")
                .value_name("OBJECT")
                .action(ArgAction::Append)
                .help("Take over an object, or its fields, from whoever has them: KIND/NAME or KIND/NAMESPACE/NAME"),
        )
}

/// What is allowed.
pub fn allowances(arguments: &ArgMatches) -> Options {
    let texts = |name: &str| -> Vec<String> {
        arguments.get_many::<String>(name).into_iter().flatten().cloned().collect()
    };
    let prune = arguments.get_flag("prune").then(|| Prune {
        limit: arguments.get_one::<u8>("prune-limit").copied().unwrap_or_default(),
        count: arguments.get_one::<usize>("prune-count").copied(),
        namespaces: texts("prune-namespace"),
    });
    Options { prune, take: texts("take-ownership") }
}
