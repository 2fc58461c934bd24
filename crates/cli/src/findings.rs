//! What was found in the workspace's files, as `render` prints it.
//!
//! The folder of `-C` is put into the helps before anything is drawn: an excerpt shows what the file says, whatever that
//! is.

use serde_json::Value;
use tegata::Report;
use tegata::diagnostic::{Diagnostic, human, json};

use crate::ui;

/// The findings for people.
pub fn text(report: &Report) -> String {
    // `anstream` drops the colours where nobody sees them.
    human::text(&with_folder(&report.diagnostics), &report.sources, true)
}

/// The findings for programs.
pub fn values(report: &Report) -> Vec<Value> {
    with_folder(&report.diagnostics)
        .iter()
        .map(|diagnostic| json::value(diagnostic, &report.sources))
        .collect()
}

fn with_folder(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let with_folder = |diagnostic: &Diagnostic| {
        let help = diagnostic.help.as_deref().map(|help| ui::with_folder(help).into_owned());
        Diagnostic { help, ..diagnostic.clone() }
    };
    diagnostics.iter().map(with_folder).collect()
}
