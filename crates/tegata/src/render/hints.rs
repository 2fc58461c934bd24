//! What to write instead of what a template gets wrong: mostly a name.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};
use tegata_rbac::suggest::closest;

use super::asked::{self, Key, Step};
use super::builtins::{FILTERS, TESTS};
use super::error::{chain, unknown};
use super::{Templates, filters, scope, syntax, templates};
use crate::shape::text::{listed, shown};

/// What to write instead, mostly of a name: `root` is the template that the file begins with, and
/// `context` what it sees.
pub fn help(error: &Error, templates: &Templates, root: &str, context: &Value) -> Option<String> {
    let cause = chain(error).last()?;
    if cause.kind() == ErrorKind::OutOfFuel {
        return Some(ENDLESS.to_owned());
    }
    let detail = cause.detail()?;
    match cause.kind() {
        ErrorKind::UnknownFilter => Some(filters::instead_of(unknown(cause)?)),
        ErrorKind::UnknownTest => Some(test(unknown(cause)?)),
        ErrorKind::UnknownFunction => Some(function(unknown(cause)?, templates, &bound(error, templates))),
        ErrorKind::UnknownMethod => method(detail.rsplit_once(" named ")?.1),
        ErrorKind::TemplateNotFound => include(unknown(cause)?, templates),
        _ => {
            let expression = undefined(detail)?;
            let first = expression.split(['.', '[']).next().unwrap_or(expression);
            if let Some(help) = syntax::go_statement(first) {
                return Some(format!("this is not a Go template: {help}"));
            }
            if scope::is_name(expression) {
                return Some(variable(expression, asked::names(context), error, templates));
            }
            let step = Step::last_of(expression)?;
            missing(step, &asked::value(step, cause, templates, root, context)?)
        }
    }
}

const ENDLESS: &str =
    "let the loop end, or the list stop growing: a template only has to write out what it sees";

fn did_you_mean(near: &str) -> String {
    format!("did you mean `{}`?", shown(near))
}

fn test(name: &str) -> String {
    closest(name, TESTS.iter().copied()).map_or_else(
        || "ask with `is defined`, `is none` or another of MiniJinja's tests".to_owned(),
        did_you_mean,
    )
}

fn function(name: &str, templates: &Templates, bound: &[String]) -> String {
    if FILTERS.contains(&name) {
        return format!("`{name}` is a filter: write it behind the value, as in `value | {name}`");
    }
    let functions = templates.functions();
    let known = || functions.iter().map(String::as_str).chain(bound.iter().map(String::as_str));
    match closest(name, known().filter(|known| *known != name)) {
        Some(near) => did_you_mean(near),
        None => format!("the functions are {}", listed(&functions)),
    }
}

/// Jinja2 has Python's methods, MiniJinja has filters for what templates do with them.
fn method(name: &str) -> Option<String> {
    FILTERS.contains(&name).then(|| format!("values have no methods: write the filter `| {name}`"))
}

fn include(name: &str, templates: &Templates) -> Option<String> {
    let names = templates.names();
    let known = || names.iter().map(String::as_str).filter(|known| templates::is_template(known));
    if let Some(near) = templates::nearest(name, known()) {
        return Some(did_you_mean(near));
    }
    // One in the same folder shows best what its name has to be.
    let folder = templates::folder(name);
    let example = known().find(|known| templates::folder(known) == folder).or_else(|| known().next())?;
    Some(format!("name a template by its path below templates/, as in `{}`", shown(example)))
}

/// The expression that is undefined, as in "`object.nmae` is undefined".
fn undefined(detail: &str) -> Option<&str> {
    let (before, _) = detail.split_once("` is undefined")?;
    before.rsplit('`').next()
}

/// What a value has, where it was asked for something else.
fn missing(step: Step<'_>, value: &Value) -> Option<String> {
    let asked = Asked(step.base);
    match (value.kind(), step.key) {
        (ValueKind::Map, key) => Some(names(asked, key, &asked::names(value))),
        (ValueKind::Seq, Key::Index(_)) => Some(entries(asked, value.len()?)),
        (ValueKind::Seq | ValueKind::Iterable, Key::Name(_)) => {
            Some(format!("{asked} is a list: go through it with `{{% for %}}`"))
        }
        (ValueKind::String | ValueKind::None | ValueKind::Number | ValueKind::Bool, _) => {
            Some(if asked.is_described() {
                format!("{asked} is one value, without parts: write {asked} alone")
            } else {
                format!("{asked} is one value, without parts")
            })
        }
        _ => None,
    }
}

fn names(asked: Asked<'_>, key: Key<'_>, names: &[String]) -> String {
    let near = match key {
        Key::Name(name) => closest(name, names.iter().map(String::as_str)),
        Key::Index(_) => None,
    };
    match near {
        Some(near) if !asked.is_described() => did_you_mean(near),
        Some(near) if scope::is_name(near) => did_you_mean(&format!("{}.{near}", asked.0)),
        Some(near) => did_you_mean(&format!("{}[\"{near}\"]", asked.0)),
        None if names.is_empty() => format!("{asked} is empty here"),
        None => format!("{asked} has {}", listed(names)),
    }
}

fn entries(asked: Asked<'_>, count: usize) -> String {
    match count {
        0 => format!("{asked} is empty here"),
        1 => format!("{asked} has only 1 entry here, and the first has the number 0"),
        _ => format!("{asked} has only {count} entries here, and the first has the number 0"),
    }
}

/// What was asked for something that it does not have, in the engine's words.
#[derive(Clone, Copy)]
struct Asked<'e>(&'e str);

impl Asked<'_> {
    /// What the engine can't describe it writes as `...`.
    fn is_described(self) -> bool {
        !self.0.contains("...")
    }
}

impl std::fmt::Display for Asked<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_described() { write!(formatter, "`{}`", shown(self.0)) } else { formatter.write_str("it") }
    }
}

fn variable(name: &str, mut names: Vec<String>, error: &Error, templates: &Templates) -> String {
    if matches!(name, "null" | "nil" | "undefined") {
        return "write `none`, as in `is none` or `is not none`".to_owned();
    }
    names.sort();
    let mut own = bound_here(error, templates);
    own.sort_by_key(|name| (name == "loop", name.clone()));
    own.dedup();
    own.retain(|name| !names.contains(name));
    if !own.iter().any(|own| own == name) && bound(error, templates).iter().any(|own| own == name) {
        return format!("`{name}` is known only inside of the `{{% for %}}` or the block that sets it");
    }
    if FILTERS.contains(&name) {
        return format!("`{name}` is a filter: write it behind the value, as in `value | {name}`");
    }
    // What each file has comes before what the template made up.
    names.extend(own);
    match closest(name, names.iter().map(String::as_str)) {
        Some(near) => did_you_mean(near),
        None => format!("this template sees {}", listed(&names)),
    }
}

/// What the template that fails, and those that include it, bind themselves at that place.
fn bound_here(error: &Error, templates: &Templates) -> Vec<String> {
    let places =
        chain(error).filter_map(|error| Some((templates.source(error.name()?)?, error.range()?.start)));
    places
        .flat_map(|(source, at)| {
            scope::bound_at(&source, at).into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// What the template that fails, and those that include it, bind themselves, wherever it holds.
fn bound(error: &Error, templates: &Templates) -> Vec<String> {
    let sources = chain(error).filter_map(|error| templates.source(error.name()?));
    sources
        .flat_map(|source| scope::bound(&source).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a template that fails, where `object`, `objects` and `name` are seen.
    fn told(template: &str) -> String {
        let own = [
            ("own.j2", "{% for item in objects %}{% include 'inner.j2' %}{% endfor %}"),
            ("inner.j2", template),
            ("README.md", "Of the templates."),
        ];
        let own = own.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let (templates, errors) = Templates::new(own.into());
        assert!(errors.is_empty(), "{errors:?}");
        let object = Value::from_pairs([("kind", Value::from("Role")), ("rules", Value::from(vec![1]))]);
        let context = Value::from_pairs([
            ("objects", Value::from(vec![object.clone()])),
            ("object", object),
            ("empty", Value::from_pairs([("", ""); 0])),
            ("name", Value::from("app")),
        ]);
        let error = templates.render("own.j2", context.clone()).unwrap_err();
        help(&error, &templates, "own.j2", &context).unwrap_or_default()
    }

    #[test]
    fn what_is_close_is_suggested() {
        for (template, meant) in [
            ("{{ nmae }}", "name"),
            ("{{ itme }}", "item"),
            ("{{ object.kidn }}", "object.kind"),
            ("{{ object[\"kidn\"] }}", "object.kind"),
            ("{{ item.kidn }}", "item.kind"),
            ("{{ item.kidn | block(2) }}", "item.kind"),
            ("{% if item.kidn %}{% endif %}", "item.kind"),
            ("{% for rule in item.ruls %}{% endfor %}", "item.rules"),
            ("{{ [item.ruls] }}", "item.rules"),
            ("{{ (objects | first).kidn }}", "kind"),
            ("{% set kind = item.kidn %}{{ kind }}", "item.kind"),
            ("{% for a in objects %}{{ loop.indx }}{% endfor %}", "loop.index"),
            ("{% macro label() %}{% endmacro %}{{ lable() }}", "label"),
            ("{{ rnage(3) }}", "range"),
            ("{{ name | uper }}", "upper"),
            ("{{ name is defind }}", "defined"),
            ("{% include 'iner.j2' %}", "inner.j2"),
            ("{% include 'metadata.yaml.j2' %}", "kubernetes/metadata.yaml.j2"),
        ] {
            assert_eq!(told(template), format!("did you mean `{meant}`?"), "{template}");
        }
    }

    #[test]
    fn otherwise_what_exists_is_named() {
        for (template, help) in [
            ("{{ team }}", "this template sees `empty`, `name`, `object`, `objects`, `item`, `loop`"),
            ("{{ item.owner }}", "`item` has `kind`, `rules`"),
            ("{% set owner = item.owner %}\n{{ owner }}", "`item` has `kind`, `rules`"),
            (
                "{% if object.team is defined %}{% endif %}{% for a in objects %}{{ loop.team }}{% endfor %}",
                "`loop` has `index0`, `index`, `length`, `revindex`, `revindex0`, `first`, `last`, `depth` and 3 more",
            ),
            ("{% set d = {'a': 1} %}{{ object.b | default(1) }}{{ d.b }}", "`d` has `a`"),
            ("{% set d = [1, 2] %}{{ d.b }}", "`d` is a list: go through it with `{% for %}`"),
            ("{{ {'a-b': {'c d': 1}}['a-b']['c f'] }}", "did you mean `c d`?"),
            ("{{ objects[7] }}", "`objects` has only 1 entry here, and the first has the number 0"),
            ("{{ (object.rules | sort)[7] }}", "it has only 1 entry here, and the first has the number 0"),
            ("{% set no = [] %}{{ no[0] }}", "`no` is empty here"),
            ("{{ object[0] }}", "`object` has `kind`, `rules`"),
            ("{% set at = 7 %}{{ objects[at] }}", ""),
            ("{{ object['\"'] }}", "`object` has `kind`, `rules`"),
            ("{{ object\n.owner }}", ""),
            (
                "{% for a in [1, {'b': 1}] %}{{ a.team }}{% endfor %}",
                "`a` is one value, without parts: write `a` alone",
            ),
            ("{{ empty.owner }}", "`empty` is empty here"),
            ("{{ objects.kind }}", "`objects` is a list: go through it with `{% for %}`"),
            ("{{ name.kind }}", "`name` is one value, without parts: write `name` alone"),
            ("{{ block(object) }}", "`block` is a filter: write it behind the value, as in `value | block`"),
            ("{{ object.items() }}", "values have no methods: write the filter `| items`"),
            (
                "{% for a in objects %}{% endfor %}{{ a }}",
                "`a` is known only inside of the `{% for %}` or the block that sets it",
            ),
            (
                "{% include 'team/labels.j2' %}",
                "name a template by its path below templates/, as in `gitlab-ci/include.yml.j2`",
            ),
            ("{% include 'a' %}", "name a template by its path below templates/, as in `inner.j2`"),
            ("{{ 1 + 'a' }}", ""),
        ] {
            assert_eq!(told(template), help, "{template}");
        }
    }
}
