//! The keys that a pattern admits.

use std::collections::BTreeSet;

use super::{Node, Subject};

/// How many keys one pattern may admit: nobody reviews more.
const MOST_KEYS: usize = 200;
/// The longest key: a prefix of 253 characters, `/`, and a name of 63.
const LONGEST: usize = 317;

/// Why one can't say which keys a pattern admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadProblem {
    /// A class or a repetition stands in the key.
    NotSpelt,
    /// A value without a separator matches.
    NoSeparator(String),
    /// Kubernetes takes no such key.
    NoKey(String),
    /// There are too many.
    TooMany,
}

impl HeadProblem {
    /// The sentence for people.
    #[must_use]
    pub fn message(&self, subject: Subject) -> String {
        let noun = subject.noun();
        match self {
            Self::NotSpelt => format!(
                "the pattern doesn't spell out which keys it admits: before the `=` of {noun}, only literals, groups of them and `?` may stand"
            ),
            Self::NoSeparator(key) => {
                format!("the pattern admits `{key}` without `=`, which the runner can't take for {noun}")
            }
            Self::NoKey(key) if key.is_empty() && subject == Subject::Toleration => {
                "the pattern admits an empty key, which tolerates every taint of every node".to_owned()
            }
            Self::NoKey(key) => {
                format!("the pattern admits `{key}`, which is no key of {noun} in Kubernetes")
            }
            Self::TooMany => {
                format!("the pattern admits more than {MOST_KEYS} keys, which nobody can review")
            }
        }
    }
}

/// The beginning of a value: its key, as far as it has been read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    key: String,
    /// Whether the separator has been met.
    closed: bool,
}

/// Every key that the pattern admits.
///
/// # Errors
/// When the keys aren't spelt out, are too many, or are none that Kubernetes takes.
pub fn keys(nodes: &[Node], subject: Subject) -> Result<BTreeSet<String>, HeadProblem> {
    let start = BTreeSet::from([Head { key: String::new(), closed: false }]);
    let mut keys = BTreeSet::new();
    for head in sequence(start, nodes, subject.separators())? {
        if !head.closed && subject != Subject::Toleration {
            return Err(HeadProblem::NoSeparator(head.key));
        }
        if !is_qualified_name(&head.key) {
            return Err(HeadProblem::NoKey(head.key));
        }
        keys.insert(head.key);
    }
    Ok(keys)
}

fn sequence(
    mut heads: BTreeSet<Head>,
    nodes: &[Node],
    separators: &[char],
) -> Result<BTreeSet<Head>, HeadProblem> {
    for node in nodes {
        if heads.iter().all(|head| head.closed) {
            break;
        }
        heads = after(heads, node, separators)?;
        if heads.len() > MOST_KEYS {
            return Err(HeadProblem::TooMany);
        }
    }
    Ok(heads)
}

/// The heads after one more part. Those that are closed stay as they are.
fn after(heads: BTreeSet<Head>, node: &Node, separators: &[char]) -> Result<BTreeSet<Head>, HeadProblem> {
    let (mut done, open): (BTreeSet<Head>, BTreeSet<Head>) = heads.into_iter().partition(|head| head.closed);
    match node {
        Node::Literal(c) => done.extend(open.into_iter().map(|head| with(head, *c, separators))),
        Node::Group(alternatives) => {
            for alternative in alternatives {
                done.extend(sequence(open.clone(), alternative, separators)?);
            }
        }
        Node::Repeat { node, least, most: Some(1) } => {
            if *least == 0 {
                done.extend(open.iter().cloned());
            }
            done.extend(after(open, node, separators)?);
        }
        Node::Class(_) | Node::Repeat { .. } => return Err(HeadProblem::NotSpelt),
    }
    // A key that is too long can't become one again, and would only grow.
    match done.iter().find(|head| head.key.len() > LONGEST) {
        Some(head) => Err(HeadProblem::NoKey(head.key.clone())),
        None => Ok(done),
    }
}

fn with(mut head: Head, c: char, separators: &[char]) -> Head {
    if separators.contains(&c) {
        head.closed = true;
    } else {
        head.key.push(c);
    }
    head
}

/// Whether Kubernetes takes it for the key of a label, an annotation or a taint (`IsQualifiedName` in
/// `k8s.io/apimachinery/pkg/util/validation`).
pub(crate) fn is_qualified_name(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let ends = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let is_name = name.len() <= 63
        && ends(name)
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let is_label = |label: &str| {
        ends(label) && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    is_name && prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_label))
}
