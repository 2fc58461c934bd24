//! Why a command could not do its work.

use serde_json::{Value, json};
use tegata::diagnostic::json::FORMAT_VERSION;

use crate::ui;

/// Where a fault is placed that is in no file: the workspace, or the folder in which the command was called.
const NOWHERE: &str = ".";

/// A command could not do its work: what is wrong, and what to do.
#[derive(Debug)]
pub struct Fault {
    /// Names the kind of fault to programs.
    pub id: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    file: &'static str,
}

impl Fault {
    /// A fault that is in no file.
    pub fn new(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { id, message: message.into(), help: help.into(), file: NOWHERE }
    }

    /// The same, in the file that marks a workspace.
    pub(crate) fn of_root(self) -> Fault {
        Fault { file: tegata::load::ROOT_FILE, ..self }
    }

    /// As people read it.
    pub fn text(&self) -> String {
        let error = ui::coloured(anstyle::AnsiColor::Red, "error:");
        format!("{error} {}\n  help: {}\n", self.message, ui::with_folder(&self.help))
    }

    /// As programs read it, in the place where they expect findings.
    pub fn document(&self) -> Value {
        json!({
            "version": FORMAT_VERSION,
            "diagnostics": [{
                "id": self.id,
                "severity": "error",
                "message": self.message,
                "help": ui::with_folder(&self.help),
                "location": { "file": self.file, "line": 1, "column": 1 },
                "related": [],
            }],
            "changes": [],
        })
    }
}
