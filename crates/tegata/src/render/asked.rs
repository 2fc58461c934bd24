//! The value that a template asked for a name in vain.
//!
//! The engine says that `object.role.nmae` is undefined, not what else `object.role` has. So the template is rendered
//! once more, with `object.role` at that place handed to a function that keeps it: whatever a loop or the template
//! itself has bound the name to, this is the value that was asked.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::Templates;
use super::scope::is_letter;

/// The function's name: none that anybody would write.
const FUNCTION: &str = "value_that_was_asked_in_vain";

/// An expression that has no value: what was asked, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'e> {
    /// What was asked, in the engine's words: `object.role`, or `(...)` for what it can't describe.
    pub base: &'e str,
    /// What it was asked for.
    pub key: Key<'e>,
}

/// What a value is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'e> {
    /// A name, as in `object.nmae` and `object["nmae"]`.
    Name(&'e str),
    /// An entry of a list, as in `jobs[7]`.
    Index(i64),
}

impl Key<'_> {
    fn value(self) -> Value {
        match self {
            Key::Name(name) => Value::from(name),
            Key::Index(index) => Value::from(index),
        }
    }
}

impl<'e> Step<'e> {
    /// The last step of an expression as the engine writes it, where it has one that can be told.
    pub fn last_of(expression: &'e str) -> Option<Step<'e>> {
        let Some(rest) = expression.strip_suffix(']') else {
            let (base, name) = expression.rsplit_once('.')?;
            return Some(Step { base, key: Key::Name(name) });
        };
        for (open, close) in [("[\"", '"'), ("['", '\'')] {
            if let Some(rest) = rest.strip_suffix(close) {
                // Within quotes the engine escapes quotes of that kind.
                let (base, name) = rest.rsplit_once(open)?;
                return (!name.contains('\\')).then_some(Step { base, key: Key::Name(name) });
            }
        }
        let (base, index) = rest.rsplit_once('[')?;
        Some(Step { base, key: Key::Index(index.parse().ok()?) })
    }
}

/// The names that a value has; none where it is no mapping.
pub fn names(value: &Value) -> Vec<String> {
    match value.kind() {
        ValueKind::Map => {
            value.try_iter().map(|keys| keys.map(|key| key.to_string()).collect()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The value that was asked; nothing where that can't be told for sure.
pub fn value(
    step: Step<'_>,
    error: &Error,
    templates: &Templates,
    root: &str,
    context: &Value,
) -> Option<Value> {
    let origin = Origin::of(error)?;
    let source = templates.source(origin.template)?;
    let line = line_range(&source, origin.line)?;
    let asked = asked_in(source.get(line.clone())?, step);
    let places: Vec<Range<usize>> =
        asked.into_iter().map(|range| line.start + range.start..line.start + range.end).collect();
    let kept = Kept::default();
    let keep = kept.clone();
    let key = step.key.value();
    templates.try_with(
        root,
        context,
        (origin.template, handed_over(source, &places)),
        FUNCTION,
        move |value| {
            keep.look_at(&value, &key);
            value
        },
    );
    kept.last(origin.is_where_it_failed)
}

/// Where an expression without a value stands.
struct Origin<'e> {
    template: &'e str,
    line: usize,
    /// Otherwise it was set before.
    is_where_it_failed: bool,
}

impl Origin<'_> {
    fn of(cause: &Error) -> Option<Origin<'_>> {
        let name = cause.name()?;
        let elsewhere = cause.detail()?.split_once("` is undefined")?.1.split_once("from ");
        let Some((_, place)) = elsewhere else {
            return Some(Origin { template: name, line: cause.line()?, is_where_it_failed: true });
        };
        let place = place.trim_end_matches(')');
        let (template, line) = match place.strip_prefix("line ") {
            Some(line) => (name, line),
            None => place.rsplit_once(':')?,
        };
        Some(Origin { template, line: line.parse().ok()?, is_where_it_failed: false })
    }
}

/// What was asked in vain.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Asked>>);

#[derive(Default)]
struct Asked {
    last: Option<Value>,
    /// Whether others had other names.
    differ: bool,
}

impl Kept {
    fn look_at(&self, value: &Value, key: &Value) {
        if value.get_item(key).is_ok_and(|found| !found.is_undefined()) {
            return;
        }
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.differ |= asked.last.as_ref().is_some_and(|last| names(last) != names(value));
        asked.last = Some(value.clone());
    }

    /// The value that was asked last: it is the one that matters where the template fails at once.
    fn last(&self, is_where_it_failed: bool) -> Option<Value> {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.last.clone().filter(|_| is_where_it_failed || !asked.differ)
    }
}

fn line_range(source: &str, line: usize) -> Option<Range<usize>> {
    let mut lines = source.split_inclusive('\n');
    let start = lines.by_ref().take(line.checked_sub(1)?).map(str::len).sum();
    Some(start..start + lines.next()?.len())
}

/// A template with these places handed to the function.
fn handed_over(mut source: String, places: &[Range<usize>]) -> String {
    let mut inserted: Vec<(usize, String)> = places
        .iter()
        .flat_map(|place| [(place.start, format!("{FUNCTION}(")), (place.end, ")".to_owned())])
        .collect();
    inserted.sort();
    for (at, text) in inserted.iter().rev() {
        source.insert_str(*at, text);
    }
    source
}

/// Where a line of a template takes this step: the bytes of what it asks.
fn asked_in(line: &str, step: Step<'_>) -> Vec<Range<usize>> {
    let key = match step.key {
        Key::Name(name) => name.to_owned(),
        Key::Index(index) => index.to_string(),
    };
    line.match_indices(&key)
        .filter_map(|(at, _)| {
            let (before, after) = (line.get(..at)?, line.get(at + key.len()..)?);
            let asked = match step.key {
                Key::Name(_) => before_name(before, after)?,
                Key::Index(_) => before_index(before, after)?,
            };
            let start = start_of_value(asked);
            let is_meant = alike(asked.get(start..)?, step.base);
            is_meant.then_some(start..asked.len())
        })
        .collect()
}

fn before_name<'l>(before: &'l str, after: &str) -> Option<&'l str> {
    for quote in ['"', '\''] {
        if let (Some(before), true) = (before.strip_suffix(quote), after.starts_with(quote)) {
            return before.trim_end().strip_suffix('[').map(str::trim_end);
        }
    }
    let before = before.trim_end().strip_suffix('.')?;
    (!after.starts_with(is_letter)).then(|| before.trim_end())
}

fn before_index<'l>(before: &'l str, after: &str) -> Option<&'l str> {
    let before = before.trim_end().strip_suffix('[')?;
    after.trim_start().starts_with(']').then(|| before.trim_end())
}

/// Where the value begins that ends a text: names, dots, and what stands in brackets.
fn start_of_value(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, ')' | ']' | '}') => depth += 1,
            (None, '(' | '[' | '{') if depth > 0 => depth -= 1,
            (None, '"' | '\'') if depth > 0 => quote = Some(character),
            (None, '.') => {}
            (None, _) if depth > 0 || is_letter(character) => {}
            _ => break,
        }
        start = at;
    }
    start
}

/// Whether an expression of a template is the one that the engine writes so.
fn alike(written: &str, described: &str) -> bool {
    if written.is_empty() || described.contains("...") {
        // What it can't describe has brackets.
        return written.contains(['(', '[', '{']);
    }
    plain(written) == plain(described)
}

/// An expression without what can be written in several ways.
fn plain(expression: &str) -> String {
    let dotted = expression.replace("[\"", ".").replace("['", ".").replace("\"]", "").replace("']", "");
    dotted.chars().filter(|character| !character.is_whitespace() && !"()".contains(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_found() {
        for (expression, expected) in [
            ("object.nmae", Some(("object", Key::Name("nmae")))),
            ("object[\"a.b/c\"]", Some(("object", Key::Name("a.b/c")))),
            ("(...)[\"a\"].b", Some(("(...)[\"a\"]", Key::Name("b")))),
            ("jobs[0][-7]", Some(("jobs[0]", Key::Index(-7)))),
            ("jobs[...]", None),
            ("object['a.b/c']", Some(("object", Key::Name("a.b/c")))),
            ("object[\"\\\"\"]", None),
            ("name", None),
        ] {
            let step = Step::last_of(expression).map(|step| (step.base, step.key));
            assert_eq!(step, expected, "{expression}");
        }
    }

    #[test]
    fn what_is_asked_is_found() {
        let nmae = Key::Name("nmae");
        for (line, base, key, asked) in [
            ("{{ object.nmae }}", "object", nmae, vec!["object"]),
            ("{{ object['nmae'] }}", "object", nmae, vec!["object"]),
            ("{{ a[\"b\"].nmae or a.b.nmae }}", "a.b", nmae, vec!["a[\"b\"]", "a.b"]),
            ("{{ (a | first(')')).nmae }}", "(...)", nmae, vec!["(a | first(')'))"]),
            ("{{ f(x).c[i].nmae }}", "(...)[...]", nmae, vec!["f(x).c[i]"]),
            ("{{ my_object.nmae }}{{ object.nmaes }}{{ nmae }}", "object", nmae, vec![]),
            ("{{ jobs[ 7 ] }}{{ jobs[77] }}", "jobs", Key::Index(7), vec!["jobs"]),
            ("nmae", "object", nmae, vec![]),
        ] {
            let found = asked_in(line, Step { base, key });
            let found: Vec<&str> = found.into_iter().filter_map(|range| line.get(range)).collect();
            assert_eq!(found, asked, "{line}");
        }
    }
}
