//! The verb of a phrase.

use super::word::Word;
use super::{PhraseProblem, Target};
use crate::catalogue::Catalogue;
use crate::resource_suggestion::dotted;
use crate::verbs;

/// Whether the verb can be asked of the target.
pub(super) fn check(verb: &Word<'_>, target: &Target, catalogue: &Catalogue) -> Result<(), PhraseProblem> {
    let text = verb.text;
    let of_url = matches!(target, Target::Url(_));
    let known = match target {
        Target::Url(_) => text == "*" || verbs::URL_VERBS.contains(&text),
        Target::AnyResource => is_of_resources(text, catalogue),
        Target::Resource { group, resource, .. } => {
            verbs::is_known_for_resources(text)
                || catalogue
                    .find(group, resource)
                    .is_some_and(|info| info.custom && info.verbs.contains(text))
        }
    };
    if known {
        return Ok(());
    }
    let meant = if of_url { verbs::suggest_for_url(text) } else { verbs::suggest(text) };
    let help = of_subresource(text, target).unwrap_or_else(|| match meant {
        Some(meant) => format!("write `{meant}`"),
        None if of_url => format!("the verbs of addresses are {}", verbs::URL_VERBS.join(", ")),
        None => format!("the verbs are {}", verbs::REQUEST_VERBS.join(", ")),
    });
    let message = if of_url && verbs::is_known(text) {
        format!("nobody can `{}` an address", verb.shown())
    } else {
        format!("there is no verb `{}`", verb.shown())
    };
    Err(verb.problem(message, help))
}

/// Whether there is such a verb, whatever it is asked of.
pub(super) fn exists(verb: &str, catalogue: &Catalogue) -> bool {
    verbs::is_known(verb) || is_of_resources(verb, catalogue)
}

fn is_of_resources(verb: &str, catalogue: &Catalogue) -> bool {
    verbs::is_known_for_resources(verb)
        || catalogue.iter().any(|info| info.custom && info.verbs.contains(verb))
}

/// What to write for a word such as `exec`, which is a subresource.
fn of_subresource(verb: &str, target: &Target) -> Option<String> {
    let Target::Resource { group, resource, .. } = target else { return None };
    let meant = verbs::of_subresource(verb, group, resource)?;
    Some(format!("write `{} {}`", meant.verb, dotted(&meant.group, &meant.resource)))
}
