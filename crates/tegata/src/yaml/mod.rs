//! YAML, in and out: two parsers that keep the place of everything, a short one for what is ordinary and a full one for
//! the rest, and scalars that every reader takes for the same text.

pub mod emit;
mod errors;
mod full;
pub mod node;
mod ordinary;
pub mod part;
pub mod plain;
pub mod scalar;
pub mod tree;

use crate::diagnostic::Diagnostic;
use crate::source::FileId;

pub use node::{Entry, Node, Value};

/// Reads one document. `None` when nothing could be made of it; the reason is in `diagnostics` then.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    ordinary::read(file, text).or_else(|| full::read(file, text, diagnostics))
}
