//! Phase 5, *verify*: is the text what was resolved, and nothing else?
//!
//! The text is read back with another YAML parser than the one that reads the input, and compared with what was
//! resolved: whole documents, since whatever a template adds or drops may grant something. What a template is
//! free to do: comments, blank lines, quotes, the order of keys, and further labels and annotations of roles
//! and bindings outside of Kubernetes' own domains.

mod compare;
mod explain;

use serde::Deserialize;

use crate::resolve::object::Object;
use crate::yaml::tree::Tree;

pub use explain::explain;

/// What a text has to mean.
#[derive(Debug)]
pub enum Expected {
    /// These objects, in this order, and no others.
    Objects(Vec<Object>),
    /// This one document.
    Document(Tree),
}

/// The first difference between a text and what it has to mean.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which document of the text, from 0; empty ones are not counted. One that does not exist means the file.
    pub document: usize,
    /// Keys and list indexes that lead to the difference.
    pub path: Vec<String>,
    /// What differs, in words.
    pub message: String,
    /// Whether it is something that the text has too much: then the place is that thing's own.
    pub extra: bool,
}

/// Compares a text with what it has to mean.
pub fn verify(text: &str, expected: &Expected) -> Result<(), Difference> {
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let tree = Tree::deserialize(document).map_err(|error| Difference {
            document: documents.len(),
            path: Vec::new(),
            // The line is one of the text, which nobody sees.
            message: format!(
                "the template writes what is not valid YAML: {}",
                without_place(&error.to_string())
            ),
            extra: false,
        })?;
        // Before the first `---` there are comments only.
        if tree != Tree::Null {
            documents.push(tree);
        }
    }
    match expected {
        Expected::Objects(objects) => compare::objects(&documents, objects),
        Expected::Document(tree) => compare::single(&documents, tree),
    }
}

fn without_place(message: &str) -> &str {
    message.find(" at line ").and_then(|at| message.get(..at)).unwrap_or(message)
}
