//! The plural by which Kubernetes' API calls a resource.

use super::text::DNS_LABEL;
use super::{TextProblem, TextRule};

/// The name of a resource. Who has met it in a manifest writes its kind.
pub static PLURAL: TextRule =
    TextRule { what: DNS_LABEL.what, check: plural, pattern: DNS_LABEL.pattern, longest: DNS_LABEL.longest };

fn plural(text: &str) -> Result<(), TextProblem> {
    (DNS_LABEL.check)(text).map_err(|problem| TextProblem {
        help: of_kind(text).map_or(problem.help, |plural| {
            Some(format!("write the plural name, as `kubectl api-resources` prints it: `{plural}`?"))
        }),
        ..problem
    })
}

/// The likely plural of a kind such as `Certificate`.
fn of_kind(text: &str) -> Option<String> {
    let is_kind = text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let singular = text.to_ascii_lowercase();
    let hisses = ["ss", "x", "ch", "sh"].iter().any(|end| singular.ends_with(end));
    is_kind.then(|| match singular.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ if hisses => format!("{singular}es"),
        _ if singular.ends_with('s') => singular,
        _ => format!("{singular}s"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_of_kinds() {
        for (kind, plural) in [
            ("Certificate", Some("certificates")),
            ("Policy", Some("policies")),
            ("Ingress", Some("ingresses")),
            ("Gateway", Some("gateways")),
            ("VirtualServices", Some("virtualservices")),
            ("certificates", None),
            ("Has-Dash", None),
        ] {
            assert_eq!(of_kind(kind).as_deref(), plural, "{kind}");
        }
    }
}
