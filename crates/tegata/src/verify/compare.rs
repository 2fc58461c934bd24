//! Compares what was read back with what was resolved.

use std::borrow::Cow;
use std::sync::Arc;

use tegata_rbac::names;

use super::difference::Details;
use super::freedom::{Freedom, Metadata};
use super::paths::{at, dotted, lost, metadata};
use super::{Cause, Difference, helps};
use crate::resolve::object::Object;
use crate::yaml::emit;
use crate::yaml::part::Part;
use crate::yaml::tree::Tree;

/// Compares the documents of a text with the objects that it has to hold.
pub fn objects(documents: &[Tree<'_>], objects: &[Arc<Object>]) -> Result<(), Difference> {
    let differs = |index: usize| match (documents.get(index), objects.get(index)) {
        (Some(document), Some(object)) => identity(document) != identity(&object.tree()),
        _ => true,
    };
    // With one too many or too few, the first that is another object is the one.
    let first_other =
        || (0..documents.len().max(objects.len())).find(|index| differs(*index)).unwrap_or_default();
    if documents.len() > objects.len() {
        let document = first_other();
        let added = documents.get(document).map(named).unwrap_or_default();
        let message = format!("the template adds an object that nobody declared: {added}");
        return Err(Difference::of(document, message));
    }
    if documents.len() < objects.len() {
        let dropped = objects.get(first_other()).map(|object| (object.kind(), &*object.name));
        let (kind, name) = dropped.unwrap_or_default();
        let message = format!("the template drops the {kind} `{name}`");
        return Err(Difference { cause: Cause::Missing(kind), ..Difference::of(usize::MAX, message) });
    }
    for (index, (document, object)) in documents.iter().zip(objects).enumerate() {
        same_object(document, object).map_err(|difference| {
            if differs(index) && are_the_same_in_another_order(documents, objects) {
                let (found, kind, name) = (named(document), object.kind(), &object.name);
                let message =
                    format!("the template writes the {found} where the {kind} `{name}` has to stand");
                Difference { cause: Cause::Documents, ..Difference::of(usize::MAX, message) }
            } else {
                in_object(difference, index, object)
            }
        })?;
    }
    Ok(())
}

/// Whether all objects are there, though not in their order.
fn are_the_same_in_another_order(documents: &[Tree<'_>], objects: &[Arc<Object>]) -> bool {
    let expected: Vec<Tree<'_>> = objects.iter().map(|object| object.tree()).collect();
    let sorted = |trees: &[Tree<'_>]| {
        let mut identities: Vec<_> =
            trees.iter().map(|tree| identity(tree).map(|part| part.map(str::to_owned))).collect();
        identities.sort();
        identities
    };
    sorted(documents) == sorted(&expected)
}

/// What tells objects apart.
fn identity<'a>(document: &'a Tree<'_>) -> [Option<&'a str>; 3] {
    let metadata = document.get("metadata");
    let part = |key| metadata.and_then(|metadata| metadata.get(key)).and_then(Tree::as_str);
    [document.get("kind").and_then(Tree::as_str), part("namespace"), part("name")]
}

/// Compares a text's only document.
pub fn single(documents: &[Tree<'_>], expected: &Tree<'_>) -> Result<(), Difference> {
    let [document] = documents else {
        let (document, what) = if documents.is_empty() { (0, "nothing") } else { (1, "a second document") };
        return Err(Difference::of(document, format!("the template writes {what}")));
    };
    let mut path = Vec::new();
    same(document, expected, Freedom::None, &mut path).map_err(|message| {
        let lost = lost(document, expected, &path);
        let help = helps::of(document, expected, &path);
        let details = Box::new(Details { help, lost, ..Details::default() });
        Difference { path, details, ..Difference::of(0, message) }
    })
}

fn named(document: &Tree<'_>) -> String {
    let kind = document.get("kind").and_then(Tree::as_str).unwrap_or("a document without a kind");
    let name = document.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Tree::as_str);
    name.map_or_else(|| kind.to_owned(), |name| format!("{kind} `{name}`"))
}

fn in_object(mut difference: Difference, document: usize, object: &Object) -> Difference {
    difference.details.within = Some(format!("the {} `{}`", object.kind(), object.name));
    difference.details.kind = Some(object.kind());
    Difference { document, ..difference }
}

fn same_object(document: &Tree<'_>, object: &Object) -> Result<(), Difference> {
    let freedom = Freedom::of(object);
    // Mostly the template writes the keys in this order, too.
    if object.show(|expected| expected.is(document)) {
        return Ok(());
    }
    let expected = object.tree();
    let mut path = Vec::new();
    same(document, &expected, freedom, &mut path).map_err(|message| {
        let added = metadata(&path).is_some() && at(&expected, &path).is_none();
        let would_do = |key: &&String| added && may_add(key, &Tree::text("text"), freedom, &path);
        let help = path.last().filter(would_do).and_then(|_| in_quotes(at(document, &path)?));
        let help = help.or_else(|| helps::of(document, &expected, &path));
        let is_left_out = |part: &&str| document.get(part).is_none() && expected.get(part).is_some();
        let cause = match PARTS.into_iter().find(is_left_out) {
            Some(part) if path.is_empty() => Cause::Part(part),
            _ if added => Cause::Metadata,
            _ => Cause::Content,
        };
        let lost = lost(document, &expected, &path);
        let details = Box::new(Details { help, lost, ..Details::default() });
        Difference { path, cause, details, ..Difference::of(0, message) }
    })
}

/// The parts of an object that have templates of their own.
const PARTS: [&str; 2] = ["metadata", "rules"];

/// How to write a value that is to be a text.
fn in_quotes(value: &Tree<'_>) -> Option<String> {
    match value {
        Tree::Text(_) => None,
        Tree::Number(_) | Tree::Boolean(_) => Some(format!("write `\"{}\"`, in quotes", flow(value))),
        _ => Some("write one text, in quotes".to_owned()),
    }
}

/// A value as people write it, on one line.
fn flow(value: &Tree<'_>) -> String {
    emit::flow(Part::from(value))
}

type Mismatch = String;

/// Whether two values are the same; otherwise `path` leads to the first difference.
fn same(
    found: &Tree<'_>,
    expected: &Tree<'_>,
    freedom: Freedom,
    path: &mut Vec<String>,
) -> Result<(), Mismatch> {
    match (found, expected) {
        (Tree::Map(found), Tree::Map(expected)) => same_map(found, expected, freedom, path),
        (Tree::List(found), Tree::List(expected)) => same_list(found, expected, freedom, path),
        _ if found == expected => Ok(()),
        _ => Err(format!(
            "the template writes {} for {}, and it has to be {}",
            flow(found),
            dotted(path),
            flow(expected)
        )),
    }
}

fn same_map(
    found: &[(Cow<'_, str>, Tree<'_>)],
    expected: &[(Cow<'_, str>, Tree<'_>)],
    freedom: Freedom,
    path: &mut Vec<String>,
) -> Result<(), Mismatch> {
    let mut met = 0;
    for (position, (key, value)) in found.iter().enumerate() {
        // Mostly the keys stand in the same order.
        let same_place = expected.get(position).filter(|(name, _)| name == key);
        let other = same_place.or_else(|| expected.iter().find(|(name, _)| name == key));
        path.push(key.clone().into_owned());
        match other {
            Some((_, other)) => {
                met += 1;
                same(value, other, freedom, path)?;
            }
            None if may_add(key, value, freedom, path) => {}
            None => {
                return Err(format!(
                    "the template adds {key}: {}{}",
                    flow(value),
                    why_not(value, freedom, path)
                ));
            }
        }
        path.pop();
    }
    let missing = |key: &Cow<'_, str>| !found.iter().any(|(name, _)| name == key);
    // Keys are unique on both sides, so with all of them met none is missing.
    if met < expected.len()
        && let Some((key, value)) = expected.iter().find(|(key, _)| missing(key))
    {
        return Err(format!("the template drops {key}: {}", flow(value)));
    }
    Ok(())
}

fn same_list(
    found: &[Tree<'_>],
    expected: &[Tree<'_>],
    freedom: Freedom,
    path: &mut Vec<String>,
) -> Result<(), Mismatch> {
    let list = dotted(path);
    if let ([Tree::List(_)], false) = (found, expected.iter().any(|item| matches!(item, Tree::List(_)))) {
        path.push("0".to_owned());
        return Err(format!("the template writes a list in the list {list}"));
    }
    if found.len() != expected.len()
        && let Some((index, added)) = added_texts(found, expected)
    {
        path.push(index.to_string());
        return Err(format!("the template adds to {list}: {added}"));
    }
    // With one too many or too few, the first that is another is the one.
    let first_other = || found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    if found.len() > expected.len() {
        let index = first_other();
        let added = found.get(index).map(flow).unwrap_or_default();
        path.push(index.to_string());
        return Err(format!("the template adds to {list}: {added}"));
    }
    if found.len() < expected.len() {
        let dropped = expected.get(first_other()).map(flow).unwrap_or_default();
        return Err(format!("the template drops from {list}: {dropped}"));
    }
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        path.push(index.to_string());
        same(found, expected, freedom, path)?;
        path.pop();
    }
    Ok(())
}

/// The words that a list of words has too many, and where the first of them stands. That is what grants, so it is said
/// before what the list lacks.
fn added_texts(found: &[Tree<'_>], expected: &[Tree<'_>]) -> Option<(usize, String)> {
    let is_added = |tree: &Tree<'_>| matches!(tree, Tree::Text(_)) && !expected.contains(tree);
    let index = found.iter().position(is_added)?;
    let added: Vec<String> = found.iter().filter(|tree| is_added(tree)).map(flow).collect();
    Some((index, added.join(", ")))
}

/// Why a label or an annotation can't be added where others can.
fn why_not(value: &Tree<'_>, freedom: Freedom, path: &[String]) -> &'static str {
    let Some(list) = metadata(path).filter(|_| freedom != Freedom::None) else { return "" };
    let is_label = list == Metadata::Labels;
    match value {
        _ if is_label && freedom == Freedom::Annotations => {
            ", a label by which another role could take in what this one permits"
        }
        Tree::Text(text) if is_label && names::label_value(text).is_err() => {
            ", which no label can hold (letters, digits, `-`, `_` and `.`, 63 at most)"
        }
        Tree::Text(_) => "",
        _ => ", which is no text: put it in quotes",
    }
}

/// Whether a template may add this.
fn may_add(key: &str, value: &Tree<'_>, freedom: Freedom, path: &[String]) -> bool {
    match (metadata(path), value) {
        (Some(list), Tree::Text(text)) => freedom.may_add(list, key, text),
        _ => false,
    }
}
