//! What to write instead of what is not as it was resolved, where its form is what is wrong.

use std::borrow::Cow;

use tegata_rbac::suggest::closest;

use super::paths::{at, metadata};
use crate::yaml::emit;
use crate::yaml::part::Part;
use crate::yaml::tree::Tree;

/// What to write instead of what stands at a path; nothing where something else is said than was resolved.
pub fn of(found: &Tree<'_>, expected: &Tree<'_>, path: &[String]) -> Option<String> {
    let (last, parent) = path.split_last()?;
    let (around, others) = (at(found, parent)?, at(expected, parent)?);
    match (at(found, path)?, at(expected, path)) {
        (Tree::List(_), _) if matches!(others, Tree::List(items) if !items.iter().any(is_list)) => {
            Some("remove the brackets around it: `{{ }}` writes those of a list".to_owned())
        }
        (written, Some(meant)) => scalar(written, meant, path).or_else(|| order(around, others)),
        (_, None) if metadata(path).is_none() => key(last, around, others),
        _ => None,
    }
}

fn is_list(tree: &Tree<'_>) -> bool {
    matches!(tree, Tree::List(_))
}

/// A value of another type than the one that is meant.
fn scalar(written: &Tree<'_>, meant: &Tree<'_>, path: &[String]) -> Option<String> {
    let plain = emit::flow(Part::from(meant));
    match (written, meant) {
        (Tree::Text(_) | Tree::Number(_), Tree::Boolean(_)) if path == ["automountServiceAccountToken"] => {
            Some("write `{{ object.automountToken }}`, without quotes".to_owned())
        }
        (Tree::Text(_) | Tree::Number(_), Tree::Boolean(_)) => {
            Some(format!("write `{plain}`, without quotes"))
        }
        (Tree::Text(text), Tree::Number(_)) if *text == plain => {
            Some(format!("write `{plain}`, without quotes"))
        }
        _ => None,
    }
}

/// A list with all that it has to hold, in another order.
fn order(found: &Tree<'_>, expected: &Tree<'_>) -> Option<String> {
    let (Tree::List(found), Tree::List(expected)) = (found, expected) else { return None };
    let sorted = |items: &[Tree<'_>]| {
        let mut written: Vec<String> = items.iter().map(|item| emit::flow(Part::from(item))).collect();
        written.sort();
        written
    };
    (sorted(found) == sorted(expected))
        .then(|| "write the list as it is: the order of its entries is fixed".to_owned())
}

/// A key that is one of those that are missing, with another letter.
fn key(written: &str, around: &Tree<'_>, others: &Tree<'_>) -> Option<String> {
    let Tree::Map(expected) = others else { return None };
    let missing: Vec<&Cow<'_, str>> =
        expected.iter().map(|(key, _)| key).filter(|key| around.get(key.as_ref()).is_none()).collect();
    let near = missing
        .iter()
        .find(|key| key.eq_ignore_ascii_case(written))
        .map(|key| key.as_ref())
        .or_else(|| closest(written, missing.iter().map(|key| key.as_ref())))?;
    Some(format!("did you mean `{near}`?"))
}
