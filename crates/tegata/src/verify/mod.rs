//! Phase 5, *verify*: is the text what was resolved, and nothing else?
//!
//! The text is read back with another YAML parser than the one that reads the input, and compared with what was
//! resolved: whole documents, since whatever a template adds or drops may grant something. What a template is
//! free to do: comments, blank lines, quotes, the order of keys, and further labels and annotations of roles
//! and bindings outside of Kubernetes' own domains.

mod compare;
mod difference;
mod excerpt;
mod explain;
mod freedom;
mod helps;
mod joints;
mod lines;
mod paths;
mod quick;
mod read_alike;
mod slips;

use std::sync::Arc;

use serde::Deserialize;

use crate::resolve::object::Object;
use crate::resolve::output::Include;
use crate::yaml::tree::Tree;

use difference::Details;
pub use difference::{Cause, Difference};
pub use explain::{TemplatePlace, explain};
pub use joints::find as joint;
pub use slips::Slip;

/// What a text has to mean.
#[derive(Debug)]
pub enum Expected {
    /// These objects, in this order, and no others.
    Objects(Vec<Arc<Object>>),
    /// This include.
    Include(Include),
    /// These Helm values.
    Values(Tree<'static>),
}

/// How thoroughly a text is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// By libyaml's port, whatever it looks like.
    Full,
    /// By the quick look, where that is enough, and by libyaml's port otherwise.
    Quick,
}

/// Compares a text with what it has to mean.
pub fn verify(text: &str, expected: &Expected, reading: Reading) -> Result<(), Difference> {
    if reading == Reading::Quick && is_surely(text, expected) {
        return Ok(());
    }
    let found = full(text).and_then(|documents| compare_with(&documents, expected));
    found.map_err(|mut difference| {
        if let Some(help) = difference.offset.and_then(|offset| meant(text, offset, expected)) {
            difference.details.help = Some(help);
        }
        match expected {
            Expected::Objects(objects) => difference.in_manifest(text, objects.len()),
            Expected::Include(_) | Expected::Values(_) => difference,
        }
    })
}

/// Whether a quick look is enough.
fn is_surely(text: &str, expected: &Expected) -> bool {
    match expected {
        Expected::Objects(objects) => quick::says_objects(text, objects),
        Expected::Include(include) => quick::says_one(text, &include.tree()),
        Expected::Values(values) => quick::says_one(text, values),
    }
}

fn compare_with(documents: &[Tree<'_>], expected: &Expected) -> Result<(), Difference> {
    match expected {
        Expected::Objects(objects) => compare::objects(documents, objects),
        Expected::Include(include) => compare::single(documents, &include.tree()),
        Expected::Values(values) => compare::single(documents, values),
    }
}

/// The documents of a text that say something, as libyaml's port reads them, if all readers read them alike.
fn full(text: &str) -> Result<Vec<Tree<'static>>, Difference> {
    read_alike::check(text).map_err(|oddity| Difference {
        offset: Some(oddity.offset),
        details: Box::new(Details { help: oddity.help, ..Details::default() }),
        ..Difference::of(0, format!("the template writes {}", oddity.what))
    })?;
    documents(text)
}

/// What to write instead of a word that readers disagree about, where what was resolved tells.
fn meant(text: &str, offset: usize, expected: &Expected) -> Option<String> {
    let difference = documents(text).and_then(|documents| compare_with(&documents, expected)).err()?;
    let key = difference.path.last()?;
    let line = text.get(..offset)?.rsplit('\n').next()?;
    let is_its_value = line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim() == ":");
    difference.details.help.filter(|_| is_its_value)
}

/// The documents of a text that say something, as libyaml's port reads them.
fn documents(text: &str) -> Result<Vec<Tree<'static>>, Difference> {
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let tree = Tree::deserialize(document).map_err(|error| {
            // The line is one of the text, which nobody sees.
            let reason = error.to_string();
            let message = format!("the template writes what is not valid YAML: {}", without_place(&reason));
            // A document that ends too early was read already.
            let ended = usize::from(reason.starts_with("did not find expected <document start>"));
            let document = documents.len().saturating_sub(ended);
            Difference { cause: Cause::Unreadable, ..Difference::of(document, message) }
        })?;
        // Before the first `---` there are comments only.
        if tree != Tree::Null {
            documents.push(tree);
        }
    }
    Ok(documents)
}

fn without_place(message: &str) -> &str {
    message.find(" at line ").and_then(|at| message.get(..at)).unwrap_or(message)
}
