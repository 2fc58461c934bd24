//! Is it the path of an address?

use super::{Field, RuleProblem, error};

/// `NonResourceURLMatches` in `pkg/apis/rbac/v1/evaluation_helpers.go`: equal, or a prefix before
/// a `*` at the end.
pub(super) fn check(index: usize, url: &str, problems: &mut Vec<RuleProblem>) {
    let malformed = |help: String| {
        let message = format!("`{}` is not the path of an address", url.escape_debug());
        error("url-malformed", Field::NonResourceUrls, index, message, help)
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#');
    if url == "*" {
        return;
    }
    if url.is_empty() {
        problems.push(malformed("write a path, such as `/healthz`".to_owned()));
    } else if let Some((_, rest)) = url.split_once("://") {
        let path = rest.split_once('/').map(|(_, path)| path).unwrap_or_default();
        problems.push(malformed(format!("write the path alone: `/{}`", path.escape_debug())));
    } else if !url.starts_with('/') {
        problems.push(malformed(format!("write `/{}`", url.escape_debug())));
    } else if url.contains(odd) {
        problems.push(malformed("write the path alone, without blanks, `?` and `#`".to_owned()));
    } else if url.strip_suffix('*').unwrap_or(url).contains('*') {
        problems.push(malformed("a `*` can stand at the end only, such as in `/apis/*`".to_owned()));
    }
}
