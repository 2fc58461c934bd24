//! What the commands share, whichever package carries them out: people see one tool.
//!
//! *Invariant:* everything that is printed goes through [`ui`].

pub mod ui;

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{ArgMatches, Command};

/// Nothing is wrong.
pub const DONE: u8 = 0;
/// There are findings or differences.
pub const FINDINGS: u8 = 1;
/// The input or the tool is at fault.
pub const FAULT: u8 = 2;

/// What every help text ends with.
pub const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 findings or differences, 2 the input or the tool is at fault.";

/// A command could not do its work: what is wrong, and what to do.
#[derive(Debug)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    /// A fault.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { message: message.into(), help: help.into() }
    }

    /// As people read it.
    pub fn text(&self) -> String {
        let error = ui::coloured(anstyle::AnsiColor::Red, "error:");
        format!("{error} {}\n  help: {}\n", self.message, self.help)
    }
}

/// How a command ends.
pub type Outcome = Result<u8, Fault>;

/// The exit code of a command that came to `code`: what was asked for and could not be written is a fault.
pub fn end(code: u8) -> ExitCode {
    ExitCode::from(if ui::out_failed() { FAULT } else { code })
}

/// What the command line says; where it asks for help or makes no sense, that is printed, and this is the end.
pub fn matches(command: Command) -> Result<ArgMatches, ExitCode> {
    command.try_get_matches().map_err(|error| {
        let help = !error.use_stderr();
        let text = error.render().ansi().to_string();
        if help {
            ui::out(&text);
        } else {
            ui::say(&text);
        }
        end(if help { DONE } else { FAULT })
    })
}

/// Whether JSON is asked for.
pub fn wants_json(arguments: &ArgMatches) -> bool {
    matches!(arguments.try_get_one::<String>("format"), Ok(Some(format)) if format == "json")
}

/// The root of the workspace that is meant: the folder that was given, or the nearest one upwards with a tegata.yaml.
pub fn workspace(given: Option<&str>) -> Result<Utf8PathBuf, Fault> {
    let from = match given {
        Some(directory) => {
            ui::speak_of(directory);
            Utf8PathBuf::from(directory)
        }
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
    let help = if from.join("tegata.yml").is_file() {
        "rename tegata.yml to tegata.yaml"
    } else {
        "go to a workspace or name one with -C DIR; to begin one, write a tegata.yaml with `version: 1` and `workspace: NAME`"
    };
    Fault::new(format!("there is no tegata.yaml in {from}{or_above}"), help)
}

/// The folder from which the command was started.
pub fn current_directory() -> Result<Utf8PathBuf, Fault> {
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
pub fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
