//! The commands, and how a call finds its own.

mod completions;
mod new;
mod render;
mod schema;
mod tools;

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use crate::ui;

/// Nothing is wrong.
const DONE: u8 = 0;
/// There are findings or differences.
const FINDINGS: u8 = 1;
/// The input or the tool is at fault.
const FAULT: u8 = 2;

/// A command could not do its work: what is wrong, and what to do.
struct Fault {
    message: String,
    help: String,
}

impl Fault {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { message: message.into(), help: help.into() }
    }
}

type Outcome = Result<u8, Fault>;

/// What people type.
pub fn cli() -> Command {
    Command::new("xtask")
        .bin_name("cargo xtask")
        .about("Least-privilege service accounts for GitLab CI on Kubernetes")
        .after_help("Exit codes: 0 done, 1 findings or differences, 2 the input or the tool is at fault.")
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
    let matches = match cli().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let help = !error.use_stderr();
            let text = error.render().ansi().to_string();
            if help {
                ui::out(&text)
            } else {
                ui::say(&text)
            }
            return ExitCode::from(if help { DONE } else { FAULT });
        }
    };
    let Some((name, arguments)) = matches.subcommand() else { return ExitCode::from(FAULT) };
    let outcome = match name {
        "render" => render::run(arguments),
        "schema" => schema::run(arguments),
        "new" => new::run(arguments),
        "completions" => completions::run(arguments),
        tool => tools::run(tool, arguments),
    };
    ExitCode::from(outcome.unwrap_or_else(|fault| {
        // A caller that reads JSON gets the fault as JSON, in the place where it expects findings.
        if wants_json(arguments) {
            ui::out(&format!("{:#}\n", fault_document(&fault)));
        }
        ui::say(&format!(
            "{} {}\n  {} {}\n",
            ui::coloured(anstyle::AnsiColor::Red, "error:"),
            fault.message,
            "help:",
            fault.help
        ));
        FAULT
    }))
}

fn wants_json(arguments: &ArgMatches) -> bool {
    matches!(arguments.try_get_one::<String>("format"), Ok(Some(format)) if format == "json")
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
    let given = arguments.get_one::<String>("directory");
    let from = match given {
        Some(directory) => Utf8PathBuf::from(directory),
        None => current_directory()?,
    };
    let from = from.canonicalize_utf8().map_err(|error| {
        Fault::new(format!("can't open the folder {from}: {error}"), "name a folder that exists, in UTF-8")
    })?;
    if given.is_some() {
        return if from.join(tegata::load::ROOT_FILE).is_file() {
            Ok(from)
        } else {
            Err(no_workspace(&from, ""))
        };
    }
    tegata::load::find_root(&from).ok_or_else(|| no_workspace(&from, " or above it"))
}

fn no_workspace(from: &Utf8Path, or_above: &str) -> Fault {
    Fault::new(
        format!("there is no tegata.yaml in {from}{or_above}"),
        "go to a workspace or name one with -C DIR; to begin one, write a tegata.yaml with `version: 1` and `workspace: NAME`",
    )
}

fn current_directory() -> Result<Utf8PathBuf, Fault> {
    let directory = std::env::current_dir().map_err(|error| {
        Fault::new(format!("can't tell the current folder: {error}"), "go to a folder that exists")
    })?;
    Utf8PathBuf::from_path_buf(directory).map_err(|path| {
        Fault::new(
            format!("the path {} is not UTF-8", path.display()),
            "move the workspace to another folder",
        )
    })
}

/// `1 file`, `2 files`.
fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
