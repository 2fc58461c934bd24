//! The place of a phrase: `in kube-system`.

use super::target::Found;
use super::word::Word;
use super::{PhraseProblem, Place, Target};
use crate::catalogue::Scope;
use crate::names;

/// Reads what stands behind the target.
pub(super) fn read(
    verb: &Word<'_>,
    target_word: &Word<'_>,
    found: &Found,
    rest: &[Word<'_>],
) -> Result<Place, PhraseProblem> {
    let asked = format!("{} {}", verb.shown(), target_word.shown());
    let (first, rest) = match rest {
        [] => return Ok(Place::Own),
        [first, rest @ ..] => (first, rest),
    };
    let from_first = |message: String, help: String| {
        let end = rest.last().map_or(first.end(), Word::end);
        Err(PhraseProblem { range: first.start..end, message, help })
    };
    if first.text != "in" {
        return from_first(
            format!("`{}` is too much", first.shown()),
            after_target_help(&asked, first, rest, found),
        );
    }
    let (place, surplus) = match rest {
        [] => {
            return from_first(
                "the namespace is missing".to_owned(),
                format!("write `{asked} in NAMESPACE` or `{asked} in all namespaces`"),
            );
        }
        [all, namespaces, surplus @ ..] if all.text == "all" && namespaces.text == "namespaces" => {
            (Place::AllNamespaces, surplus)
        }
        [all, ..] if all.text.eq_ignore_ascii_case("all") => {
            return from_first(
                "where that is, is not clear".to_owned(),
                format!("write `{asked} in all namespaces`"),
            );
        }
        [word, name, ..] if matches!(word.text, "namespace" | "ns" | "the") => {
            return from_first(
                format!("`{}` is too much", word.shown()),
                format!("write `{asked} in {}`", name.shown()),
            );
        }
        [word, surplus @ ..] => {
            names::dns_label(word.text).map_err(|error| {
                let message = format!("the namespace `{}` {error}", word.shown());
                word.problem(message, error.remedy().unwrap_or_default())
            })?;
            (Place::Namespace(word.text.to_owned()), surplus)
        }
    };
    if let Some(word) = surplus.first() {
        let end = surplus.last().map_or(word.end(), Word::end);
        return Err(PhraseProblem {
            range: word.start..end,
            message: format!("`{}` is too much", word.shown()),
            help: "remove what stands behind the namespace".to_owned(),
        });
    }
    if let Some(reason) = placeless(verb.text, found, &place) {
        return from_first(reason.to_owned(), format!("write `{asked}`"));
    }
    Ok(place)
}

/// Why no place makes sense, if so.
fn placeless(verb: &str, found: &Found, place: &Place) -> Option<&'static str> {
    match &found.target {
        Target::Url(_) => Some("an address is in no namespace"),
        Target::AnyResource => None,
        Target::Resource { group, resource, name, .. } => {
            if found.scope != Some(Scope::Cluster) {
                return None;
            }
            // Binding a cluster role within a namespace is asked there
            // (`registry/rbac/escalation_check.go`), and so is the Namespace object itself.
            let binds = verb == "bind" && resource == "clusterroles";
            let itself = group.is_empty()
                && resource == "namespaces"
                && matches!((name, place), (Some(name), Place::Namespace(place)) if name == place);
            if binds || itself {
                return None;
            }
            Some("the resource belongs to the whole cluster, not to a namespace")
        }
    }
}

/// What somebody wanted who wrote more than a verb and a target.
fn after_target_help(asked: &str, first: &Word<'_>, rest: &[Word<'_>], found: &Found) -> String {
    let next = rest.first().map(Word::shown);
    let value = |long: &str| first.text.strip_prefix(long).map(|value| value.escape_debug().to_string());
    match first.text {
        "-A" | "--all-namespaces" | "everywhere" => {
            return format!("write `{asked} in all namespaces`");
        }
        "-n" | "--namespace" | "IN" | "In" | "at" | "on" | "within" | "namespace" => {
            let namespace = next.unwrap_or_else(|| "NAMESPACE".to_owned());
            return format!("write `{asked} in {namespace}`");
        }
        "--subresource" => {
            let subresource = next.unwrap_or_else(|| "SUBRESOURCE".to_owned());
            return format!("write `{asked}/{subresource}`");
        }
        _ => {}
    }
    if let Some(namespace) = value("--namespace=").or_else(|| value("-n=")) {
        return format!("write `{asked} in {namespace}`");
    }
    if let Some(subresource) = value("--subresource=") {
        return format!("write `{asked}/{subresource}`");
    }
    match &found.target {
        Target::Resource { name: None, subresource: None, .. } if rest.is_empty() => format!(
            "write `{asked}`, `{asked}/{0}` for one object, or `{asked} in {0}` for a namespace",
            first.shown()
        ),
        _ => format!("write `{asked}`, and `in NAMESPACE` if another one is meant"),
    }
}
