//! What `verify` and `audit` report.

use serde_json::{Value, json};
use tegata_cli::ui;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Somebody has everything.
    Critical,
    /// To be mended.
    Error,
    /// Worth a look; the command ends well all the same.
    Warning,
}

impl Severity {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A place in a file of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, from the workspace's root.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Names the kind of finding to programs.
    pub id: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where the workspace says what it is about.
    pub place: Option<Place>,
    /// The object in the cluster that it is about, as `Kind/namespace/name`.
    pub object: Option<String>,
}

impl Finding {
    /// A finding without a place.
    pub fn new(
        severity: Severity,
        id: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding { severity, id, message: message.into(), help: help.into(), place: None, object: None }
    }

    /// With the place in the workspace.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Finding {
        self.place = Some(place.clone());
        self
    }

    /// With the object in the cluster.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Finding {
        self.object = Some(object.into());
        self
    }

    /// For programs. What has no place in a file is placed at `elsewhere`.
    pub fn json(&self, elsewhere: &str) -> Value {
        let (file, line, column) = match &self.place {
            Some(place) => (place.file.as_str(), place.line, place.column),
            None => (elsewhere, 1, 1),
        };
        json!({
            "id": self.id,
            "severity": self.severity.word(),
            "message": self.message,
            "help": ui::with_folder(&self.help),
            "location": { "file": file, "line": line, "column": column },
            "related": [],
            "object": self.object,
        })
    }
}

/// Whether any of these is more than a warning.
pub fn any_serious(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity < Severity::Warning)
}
