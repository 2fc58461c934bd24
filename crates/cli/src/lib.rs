//! What the commands share, whichever package carries them out: people see one tool.
//!
//! *Invariant:* everything that is printed goes through [`ui`].

mod arguments;
mod fault;
pub mod findings;
mod mistakes;
pub mod ui;
pub mod visible;

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};

pub use arguments::{json_is_asked_for, matches, wants_json, whole_number};
pub use fault::Fault;
pub use mistakes::Unknown;

/// Nothing is wrong.
pub const DONE: u8 = 0;
/// There are findings or differences.
pub const FINDINGS: u8 = 1;
/// The input or the tool is at fault.
pub const FAULT: u8 = 2;

/// What every help text ends with.
pub const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 findings or differences, 2 the input or the tool is at fault.";

/// How a command ends.
pub type Outcome = Result<u8, Fault>;

/// The exit code of a command that came to `code`: what was asked for and could not be written is a fault.
pub fn end(code: u8) -> ExitCode {
    ExitCode::from(if ui::out_failed() { FAULT } else { code })
}

/// The root of the workspace that is meant: the folder that was given, or the nearest one upwards with a tegata.yaml.
pub fn workspace(given: Option<&str>) -> Result<Utf8PathBuf, Fault> {
    let from = match given {
        Some(directory) => Utf8PathBuf::from(directory),
        None => current_directory()?,
    };
    let from = from.canonicalize_utf8().map_err(|error| {
        not_found(format!("can't open the folder {from}: {error}"), "name a folder that exists, in UTF-8")
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
    not_found(format!("there is no tegata.yaml in {from}{or_above}"), help)
}

fn not_found(message: String, help: &str) -> Fault {
    Fault::new("no-workspace", message, help).of_root()
}

/// The folder from which the command was started.
pub fn current_directory() -> Result<Utf8PathBuf, Fault> {
    let directory = std::env::current_dir().map_err(|error| {
        not_found(format!("can't tell the current folder: {error}"), "go to a folder that exists")
    })?;
    Utf8PathBuf::from_path_buf(directory).map_err(|path| {
        not_found(format!("the path {} is not UTF-8", path.display()), "move the workspace to another folder")
    })
}

/// `1 file`, `2 files`.
pub fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
