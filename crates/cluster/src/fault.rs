//! Why a command could not do its work.

use std::fmt;

use serde_json::Value;

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Names the kind of fault to programs.
    pub id: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What was found in the workspace's files, where that is why.
    pub findings: Findings,
}

/// What was found in the workspace's files, drawn already: the fault outlives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// For people, in colours.
    pub text: String,
    /// For programs.
    pub values: Vec<Value>,
}

impl Fault {
    /// A fault.
    pub fn new(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { id, message: message.into(), help: help.into(), findings: Findings::default() }
    }

    /// With what was found in the workspace's files.
    #[must_use]
    pub fn after(self, findings: Findings) -> Fault {
        Fault { findings, ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.help)
    }
}

impl std::error::Error for Fault {}
