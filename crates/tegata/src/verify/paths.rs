//! Paths of keys and list indexes, and what they lead to.

use super::freedom::Metadata;
use crate::yaml::tree::Tree;

/// What a path leads to.
pub fn at<'t>(tree: &'t Tree<'_>, path: &[String]) -> Option<&'t Tree<'t>> {
    path.iter().try_fold(tree, |tree, step| match tree {
        Tree::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => tree.get(step),
    })
}

/// The keys that have to stand at a path, where nothing stands; of a list, the `-` of its entries.
pub fn lost(found: &Tree<'_>, expected: &Tree<'_>, path: &[String]) -> Vec<String> {
    match (at(found, path), at(expected, path)) {
        (Some(Tree::Null), Some(Tree::Map(entries))) => {
            entries.iter().map(|(key, _)| key.clone().into_owned()).collect()
        }
        (Some(Tree::Null), Some(Tree::List(items))) if !items.is_empty() => vec!["-".to_owned()],
        _ => Vec::new(),
    }
}

/// A path as people write it: `rules[0].verbs`.
pub fn dotted(path: &[String]) -> String {
    let mut out = String::new();
    for step in path {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push('[');
            out.push_str(step);
            out.push(']');
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(step);
        }
    }
    if out.is_empty() { "the document".to_owned() } else { out }
}

/// The mapping of labels or annotations that a path leads into.
pub fn metadata(path: &[String]) -> Option<Metadata> {
    match path {
        [metadata, list, _] if metadata == "metadata" => Metadata::of_key(list),
        _ => None,
    }
}
