//! The commands, and how a call finds its own.

mod completions;
mod new;
mod render;
mod schema;
mod tools;

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use tegata_cli::{DONE, EXIT_CODES, FAULT, FINDINGS, Fault, Outcome, count, ui, wants_json};

/// What people type.
pub fn cli() -> Command {
    Command::new("xtask")
        .bin_name("cargo xtask")
        .about("Least-privilege service accounts for GitLab CI on Kubernetes")
        .display_name("tegata")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .arg(
            Arg::new("directory")
                .short('C')
                .value_name("DIR")
                .global(true)
                .value_parser(clap::value_parser!(String))
                .help("Work on the workspace in DIR; otherwise it is found upwards from here"),
        )
        .subcommand(render::command())
        .subcommand(schema::command())
        .subcommand(new::command())
        .subcommand(completions::command())
        .subcommands(tools::commands())
}

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let matches = match tegata_cli::matches(cli()) {
        Ok(matches) => matches,
        Err(end) => return end,
    };
    let Some((name, arguments)) = matches.subcommand() else { return ExitCode::from(FAULT) };
    let outcome = match name {
        "render" => render::run(arguments),
        "schema" => schema::run(arguments),
        "new" => new::run(arguments),
        "completions" => completions::run(arguments),
        tool => tools::run(tool, arguments),
    };
    tegata_cli::end(outcome.unwrap_or_else(|fault| {
        // A caller that reads JSON gets the fault as JSON, in the place where it expects findings.
        if wants_json(arguments) {
            ui::out(&format!("{:#}\n", fault_document(&fault)));
        }
        ui::say(&fault.text());
        FAULT
    }))
}

fn fault_document(fault: &Fault) -> Value {
    json!({
        "version": tegata::diagnostic::json::FORMAT_VERSION,
        "diagnostics": [{
            "id": "no-workspace",
            "severity": "error",
            "message": fault.message,
            "help": fault.help,
            "location": { "file": "tegata.yaml", "line": 1, "column": 1 },
            "related": [],
        }],
        "changes": [],
        "files": 0,
        "unfinishedWrite": false,
    })
}

/// The option `--format human|json`.
fn format_option() -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(["human", "json"])
        .default_value("human")
        .help("How findings are printed")
}

/// The root of the workspace that is meant: `-C`, or the nearest folder upwards with a tegata.yaml.
fn workspace(arguments: &ArgMatches) -> Result<Utf8PathBuf, Fault> {
    tegata_cli::workspace(arguments.get_one::<String>("directory").map(String::as_str))
}
