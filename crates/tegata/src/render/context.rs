//! What a template sees.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::views;
use crate::declared::Isolation;
use crate::resolve::object::Object;
use crate::resolve::output::{self, Include};
use crate::resolve::{Content, Output, Resolved, Runner};
use crate::verify::Expected;
use crate::yaml::emit;
use crate::yaml::part::Part;
use crate::yaml::tree::Tree;

/// What the template of a file sees, and what its text has to mean.
pub fn of(resolved: &Resolved<'_>, output: &Output<'_>) -> (Value, Expected) {
    let source = ("source", Value::from(output.source.as_ref()));
    match &output.content {
        Content::Role(_)
        | Content::Project(..)
        | Content::Runner(_)
        | Content::Admission(_)
        | Content::Quarantine { .. }
        | Content::Apply(_) => {
            let objects: Vec<Arc<Object>> = output.objects(resolved).into_iter().map(Arc::new).collect();
            let values: Vec<Value> =
                objects.iter().map(|object| Value::from_dyn_object(Arc::clone(object))).collect();
            // Of a manifest, only the runner's own speaks of it.
            let isolation = match &output.content {
                Content::Runner(runner) => isolation(runner),
                _ => Value::from(()),
            };
            let context =
                Value::from_pairs([source, ("isolation", isolation), ("objects", Value::from(values))]);
            (context, Expected::Objects(objects))
        }
        Content::Values(runner) => {
            let tree = output::values(runner);
            let release = &runner.declared.release;
            let context = Value::from_pairs([
                source,
                ("release", Value::from(release)),
                ("namespace", Value::from(&runner.declared.namespace.name.value)),
                ("isolation", isolation(runner)),
                ("values", views::from_tree(&tree)),
            ]);
            (context, Expected::Values(tree))
        }
        Content::Include(project) => {
            let include = output::include(project);
            (include_context(source, &project.declared.path.value, &include), Expected::Include(include))
        }
    }
}

/// How a runner keeps its projects apart, in the word of its file.
fn isolation(runner: &Runner<'_>) -> Value {
    Value::from(match runner.declared.isolation.value {
        Isolation::Admission => "admission",
        Isolation::Overwrite => "overwrite",
        Isolation::Dedicated => "dedicated",
    })
}

fn include_context(source: (&'static str, Value), project: &str, include: &Include) -> Value {
    let variables = |pairs: &[(&str, String)]| {
        Value::from_pairs(pairs.iter().map(|(name, value)| (Value::from(*name), Value::from(value))))
    };
    let jobs: Vec<Value> = include
        .jobs
        .iter()
        .map(|job| {
            Value::from_pairs([
                ("name", Value::from(&job.name)),
                ("tags", Value::from(job.tags.iter().map(Value::from).collect::<Vec<_>>())),
                ("variables", variables(&job.variables)),
            ])
        })
        .collect();
    Value::from_pairs([
        source,
        ("project", Value::from(project)),
        ("variables", variables(&include.variables)),
        ("jobs", Value::from(jobs)),
    ])
}

/// Deeper than any value that makes sense; a template can make one that holds itself.
const MAX_DEPTH: usize = 32;

/// What an item of a list or a mapping costs of a template's fuel. The engine repeats and adds lists without making
/// them: so the first who does has to pay for it.
const ITEM_FUEL: u64 = 8;

/// Does something with a template's value, as YAML has it.
pub fn with_part<R>(
    state: &State<'_, '_>,
    value: &Value,
    with: impl FnOnce(Part<'_>) -> R,
) -> Result<R, Error> {
    match views::part_of(value) {
        Some(part) => Ok(with(part)),
        None => Ok(with(Part::from(&tree_of(state, value, 0)?))),
    }
}

fn tree_of(state: &State<'_, '_>, value: &Value, depth: usize) -> Result<Tree<'static>, Error> {
    if depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::InvalidOperation, "the value is nested too deep to be written"));
    }
    let inner = |value: &Value| {
        state.consume_fuel(ITEM_FUEL)?;
        tree_of(state, value, depth + 1)
    };
    Ok(match value.kind() {
        ValueKind::None => Tree::Null,
        ValueKind::Undefined => {
            // Whatever it is asked for, it answers with an error that says which name is undefined.
            value.get_attr("")?;
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        ValueKind::Bool => Tree::Boolean(value.is_true()),
        ValueKind::Number => Tree::Number(value.to_string().into()),
        ValueKind::Seq | ValueKind::Iterable => {
            Tree::List(value.try_iter()?.map(|item| inner(&item)).collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let entry = |key: Value| Ok((key.to_string().into(), inner(&value.get_item(&key)?)?));
            Tree::Map(value.try_iter()?.map(entry).collect::<Result<_, Error>>()?)
        }
        ValueKind::String => Tree::Text(value.to_string().into()),
        // What a template makes up besides, such as `namespace()`, has no form in YAML.
        _ => return Err(Error::new(ErrorKind::InvalidOperation, "the value has no form in YAML")),
    })
}

/// Farther to the right than any block that makes sense: each line would be as long.
const MAX_INDENT: usize = 100;

/// The filter `block`: a mapping on lines of its own, from the given column on.
pub fn block_filter(state: &State<'_, '_>, value: &Value, indent: Option<usize>) -> Result<Value, Error> {
    let indent = indent.unwrap_or(0);
    if indent > MAX_INDENT {
        let message =
            format!("`block` takes a number up to {MAX_INDENT}, as many as there are blanks before a line");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    let mut block = with_part(state, value, |part| emit::block(part, indent))?;
    block.truncate(block.trim_end_matches('\n').len());
    Ok(Value::from_safe_string(block))
}

/// The filter `comment`: a value for a comment, on one line whatever it holds.
pub fn comment_filter(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let text = match value.as_str() {
        Some(text) => text.to_owned(),
        None => with_part(state, value, emit::flow)?,
    };
    let visible = |character: char| if character.is_control() { ' ' } else { character };
    Ok(Value::from_safe_string(text.chars().map(visible).collect()))
}
