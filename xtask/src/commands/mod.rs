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
use tegata_cli::{DONE, EXIT_CODES, FAULT, FINDINGS, Fault, Outcome, count, json_is_asked_for, ui};

/// The id of the fault that a file could not be written.
const NOT_WRITTEN: &str = "not-written";

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
    let matches = match tegata_cli::matches(cli(), document, new::tip) {
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
        if json_is_asked_for() {
            ui::out(&format!("{:#}\n", document(&fault)));
        }
        ui::say(&fault.text());
        FAULT
    }))
}

/// A fault for programs, with the fields that they find in every answer of `render`.
fn document(fault: &Fault) -> Value {
    let mut document = fault.document();
    if let Some(fields) = document.as_object_mut() {
        fields.extend([("files".to_owned(), json!(0)), ("unfinishedWrite".to_owned(), json!(false))]);
    }
    document
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
