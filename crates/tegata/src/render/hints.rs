//! What to write instead of what a template gets wrong: mostly a name.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};
use tegata_rbac::suggest::closest;

use super::builtins::{FILTERS, TESTS};
use super::error::{chain, unknown};
use super::watched::{self, Misses};
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
            match last_step(expression) {
                Some((base, name)) => {
                    let misses = Misses::default();
                    // It fails as before: what it asked for in vain is what matters.
                    let _failed = templates.render(root, watched::context(context, &misses));
                    attribute(base, name, context, misses.of(name).as_ref(), templates)
                }
                None => Some(variable(expression, watched::names(context), error, templates)),
            }
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

/// What stands before the last name of an expression, and that name: `object.role` and `nmae`.
fn last_step(expression: &str) -> Option<(&str, &str)> {
    match expression.strip_suffix(']').and_then(|rest| rest.strip_suffix(['"', '\''])) {
        Some(indexed) => {
            indexed.rsplit_once(['"', '\'']).and_then(|(base, name)| Some((base.strip_suffix('[')?, name)))
        }
        None => expression.rsplit_once('.'),
    }
}

fn attribute(
    base: &str,
    name: &str,
    context: &Value,
    asked: Option<&Value>,
    templates: &Templates,
) -> Option<String> {
    // What the engine can't describe it writes as `(...)`.
    let shown = if base.starts_with('(') { "it" } else { &format!("`{base}`") };
    let names = match asked {
        Some(value) if value.kind() == ValueKind::Map => watched::names(value),
        Some(_) => return Some(format!("{shown} is a list: go through it with `{{% for %}}`")),
        None if base == "loop" => templates.names_of_loop(),
        None => {
            let value = context.get_attr(base).ok().filter(|value| !value.is_undefined())?;
            let is_one = matches!(value.kind(), ValueKind::String | ValueKind::None);
            return is_one.then(|| format!("{shown} is one value, without parts: write `{base}` alone"));
        }
    };
    Some(match closest(name, names.iter().map(String::as_str)) {
        Some(near) if shown == "it" => did_you_mean(near),
        Some(near) => did_you_mean(&format!("{base}.{near}")),
        None if names.is_empty() => format!("{shown} is empty here"),
        None => format!("{shown} has {}", listed(&names)),
    })
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
            ("{{ 1 + 'a' }}", ""),
        ] {
            assert_eq!(told(template), help, "{template}");
        }
    }
}
