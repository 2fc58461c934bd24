//! The patterns that people write: which labels, annotations and nodes a job may ask for.
//!
//! The runner holds each variable `KUBERNETES_POD_LABELS_*`, `..._POD_ANNOTATIONS_*`, `..._NODE_SELECTOR_*` and
//! `..._NODE_TOLERATIONS_*` as a whole, `key=value`, against a regexp of Go with the **unanchored** `MatchString`
//! (`evaluateMapOverwrite` in `executors/kubernetes/overwrites.go`). A regexp is easily wider than it looks, so only a
//! part of the language is taken, which Go and Rust read alike and of which one can say what it admits:
//!
//! | part | form |
//! |---|---|
//! | anchors | `^` first, `$` last, no `\|` between them outside of a group |
//! | literals | ASCII without control characters; what is special has a backslash |
//! | classes | `[a-z0-9_-]`: letters, digits, punctuation; not negated |
//! | groups | `(?:a\|b)` |
//! | repetition | `?`, `*`, `+`; after a literal or a class also `{n}`, `{n,}`, `{n,m}` up to 1,000 |
//! | the key | spelt out, with groups and `?` at most, up to the `=` |
//!
//! `$` can't be admitted, not even as `\$`: labels and annotations are expanded once more after the check
//! (`buildLabels` and `buildPodAnnotations` in `executors/kubernetes/kubernetes.go`), and the value would be another
//! one than the pattern has seen.

mod heads;
mod parse;
mod reserved;

#[cfg(test)]
mod tests;

pub(crate) use heads::is_qualified_name;
pub use heads::{HeadProblem, keys};
pub use parse::{PatternError, parse};
pub use reserved::{reserved, reserved_for_all};

use crate::keys::{BOUNDARY, PATTERN};
use crate::problem::KeyProblem;

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A character.
    Literal(char),
    /// One character out of these ranges, both ends included.
    Class(Vec<(char, char)>),
    /// One of these sequences.
    Group(Vec<Vec<Node>>),
    /// A part several times.
    Repeat {
        /// What is repeated.
        node: Box<Node>,
        /// How often at least.
        least: u32,
        /// How often at most; `None` for any number.
        most: Option<u32>,
    },
}

/// What a pattern lets jobs set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Labels of a job's pod.
    Label,
    /// Annotations of a job's pod.
    Annotation,
    /// Labels that the node of a job's pod must have.
    NodeSelector,
    /// Taints of nodes that a job's pod tolerates.
    Toleration,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Label, Self::Annotation, Self::NodeSelector, Self::Toleration];

    /// The characters that end the key. A toleration is `key=value:effect`, `key:effect` or `key`.
    #[must_use]
    pub const fn separators(self) -> &'static [char] {
        match self {
            Self::Toleration => &['=', ':'],
            _ => &['='],
        }
    }

    /// The word for it, with its article.
    const fn noun(self) -> &'static str {
        match self {
            Self::Label => "a label",
            Self::Annotation => "an annotation",
            Self::NodeSelector => "a node selector",
            Self::Toleration => "a toleration",
        }
    }

    /// A pattern that passes.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Label => "^(?:team|tier)=[a-z0-9-]{1,63}$",
            Self::Annotation => r"^example\.com/(?:owner|ticket)=[A-Za-z0-9 _-]{1,200}$",
            Self::NodeSelector => r"^kubernetes\.io/arch=(?:amd64|arm64)$",
            Self::Toleration => r"^ci=[a-z]{1,63}:NoSchedule$",
        }
    }
}

/// Adds what is wrong with a pattern. The empty one is no pattern: the runner ignores the variables.
pub(crate) fn check(path: &[String], text: &str, subject: Subject, problems: &mut Vec<KeyProblem>) {
    if text.is_empty() {
        return;
    }
    let help = format!("write a pattern like `{}`, or leave the key out", subject.example());
    let mut tell = |id, message: String| problems.push(KeyProblem::new(path, id, message, help.clone()));
    let nodes = match parse(text) {
        Ok(nodes) => nodes,
        Err(error) => return tell(PATTERN, error.message(text)),
    };
    let keys = match keys(&nodes, subject) {
        Ok(keys) => keys,
        Err(problem) => return tell(PATTERN, problem.message(subject)),
    };
    for key in keys {
        if let Some(reason) = reserved(&key, subject) {
            tell(BOUNDARY, format!("the pattern admits {} `{key}`: {reason}", subject.noun()));
        }
    }
}
