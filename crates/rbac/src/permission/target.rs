//! The target of a phrase: a resource, an address, or everything.

use super::word::Word;
use super::{PhraseProblem, Target};
use crate::catalogue::{Catalogue, ResourceInfo, Scope};
use crate::names;
use crate::resource_suggestion::{dotted, group_in_words};

/// A target and its scope, where it has one.
pub(super) struct Found {
    pub(super) target: Target,
    pub(super) scope: Option<Scope>,
}

/// Reads a target.
pub(super) fn read(word: &Word<'_>, catalogue: &Catalogue) -> Result<Found, PhraseProblem> {
    if word.text.starts_with('/') {
        return url(word);
    }
    if word.text == "*" || word.text == "*.*" {
        return Ok(Found { target: Target::AnyResource, scope: None });
    }
    if word.text.contains('*') {
        return Err(word.problem(
            format!("`{}` stands for more than one resource", word.shown()),
            "name one resource, or write `*` for everything",
        ));
    }
    if word.text.contains(',') {
        return Err(word
            .problem(format!("`{}` is more than one resource", word.shown()), "write one phrase for each"));
    }
    let (dotted_name, detail) = split_detail(word.text);
    let (plural, group) = split_group(dotted_name);
    let name = Word { text: dotted_name, start: word.start };
    let Some(info) = catalogue.find(group, plural) else {
        return Err(unknown_resource(&name, plural, group, detail, catalogue));
    };
    let (subresource, name) = match detail {
        None => (None, None),
        Some(detail) => {
            let start = word.start + dotted_name.len() + 1;
            read_detail(&Word { text: detail, start }, &info, catalogue)?
        }
    };
    let target = Target::Resource {
        group: group.to_owned(),
        resource: plural.to_owned(),
        subresource: subresource.map(str::to_owned),
        name: name.map(str::to_owned),
    };
    Ok(Found { target, scope: Some(info.scope) })
}

fn url(word: &Word<'_>) -> Result<Found, PhraseProblem> {
    if word.text.contains('*') {
        return Err(word.problem(
            format!("`{}` stands for more than one address", word.shown()),
            "write one address, such as `/apis/apps`",
        ));
    }
    if let Some(odd) = word.text.find(|c: char| c.is_control() || matches!(c, '?' | '#')) {
        let path = word.text.get(..odd).unwrap_or_default();
        return Err(word.problem(
            format!("`{}` is more than the path of an address", word.shown()),
            format!("write the path alone: `{path}`"),
        ));
    }
    Ok(Found { target: Target::Url(word.text.to_owned()), scope: None })
}

/// What stands behind the slash: a subresource if the resource has one of this name.
fn read_detail<'a>(
    detail: &Word<'a>,
    info: &ResourceInfo<'_>,
    catalogue: &Catalogue,
) -> Result<(Option<&'a str>, Option<&'a str>), PhraseProblem> {
    let is_subresource =
        |word: &str| catalogue.find(info.group, &format!("{}/{word}", info.resource)).is_some();
    if is_subresource(detail.text) {
        return Ok((Some(detail.text), None));
    }
    let resource = dotted(info.group, info.resource);
    if detail.text.is_empty() {
        return Err(detail.problem(
            "nothing stands behind the `/`",
            format!("write `{resource}`, or a name or subresource behind the `/`"),
        ));
    }
    // The names of signers have a slash themselves.
    if info.resource == "signers" {
        return Ok((None, Some(detail.text)));
    }
    let Some((name, subresource)) = detail.text.split_once('/') else {
        check_name(detail, &resource)?;
        return Ok((None, Some(detail.text)));
    };
    let start = detail.start + name.len() + 1;
    let last = Word { text: subresource, start };
    if !is_subresource(subresource) {
        let meant = catalogue
            .suggest_resource(info.group, &format!("{}/{subresource}", info.resource))
            .and_then(|meant| {
                let (_, subresource) = meant.resource.split_once('/')?;
                Some(format!("write `{resource}/{name}/{subresource}`"))
            });
        let message = format!("`{resource}` has no subresource `{}`", last.shown());
        let help = meant.unwrap_or_else(|| format!("write `{resource}/{name}`"));
        return Err(last.problem(message, help));
    }
    check_name(&Word { text: name, start: detail.start }, &resource)?;
    Ok((Some(subresource), Some(name)))
}

fn check_name(name: &Word<'_>, resource: &str) -> Result<(), PhraseProblem> {
    names::path_segment(name.text).map_err(|error| {
        let message = format!("the name `{}` of `{resource}` {error}", name.shown());
        name.problem(message, error.remedy().unwrap_or_default())
    })
}

fn unknown_resource(
    word: &Word<'_>,
    plural: &str,
    group: &str,
    detail: Option<&str>,
    catalogue: &Catalogue,
) -> PhraseProblem {
    let flag = |meaning: &str| word.problem(format!("`{}` is an option of kubectl", word.shown()), meaning);
    if word.text.starts_with('-') {
        return flag("write the verb, the resource, and then `in NAMESPACE` if needed");
    }
    if plural.is_empty() {
        return word.problem(
            "the resource has no name",
            "write a verb and a resource, such as `list deployments.apps`",
        );
    }
    let shown = plural.escape_debug();
    let message = if group.is_empty() {
        format!("there is no resource `{shown}` in the core group")
    } else {
        format!("there is no resource `{shown}` in {}", group_in_words(group))
    };
    if let Some(version) = catalogue.newer(group, plural) {
        return word.problem(format!("{message} before Kubernetes {version}"), "remove the phrase");
    }
    if let Some(meant) = meant(plural, group, catalogue) {
        let behind = detail.map(|detail| format!("/{}", detail.escape_debug())).unwrap_or_default();
        return word.problem(message, format!("write `{meant}{behind}`"));
    }
    if let Some(fate) = catalogue.retired(group, plural) {
        return word.problem(format!("`{shown}` {fate}"), "remove the phrase");
    }
    let help = match group {
        // No custom resource is in the core group.
        "" => "`kubectl api-resources` lists the names; what is in a group is written `NAME.GROUP`",
        _ => "if the cluster has it, declare it among the custom resources",
    };
    word.problem(message, help)
}

/// The target that was meant by one whose resource does not exist.
pub(super) fn corrected(word: &Word<'_>, catalogue: &Catalogue) -> Option<String> {
    let (dotted_name, detail) = split_detail(word.text);
    let (plural, group) = split_group(dotted_name);
    // What came later is no slip.
    let exists = catalogue.find(group, plural).is_some() || catalogue.newer(group, plural).is_some();
    if exists || plural.is_empty() {
        return None;
    }
    let meant = meant(plural, group, catalogue)?;
    let behind = detail.map(|detail| format!("/{detail}")).unwrap_or_default();
    Some(meant + &behind)
}

/// The resource that was meant, as phrases write it.
fn meant(plural: &str, group: &str, catalogue: &Catalogue) -> Option<String> {
    // kubectl takes a version too: `deployments.v1.apps`.
    let unversioned =
        group.split_once('.').map_or(group, |(first, rest)| if is_version(first) { rest } else { group });
    let core_spelled_out = is_version(group) || group == "core" || group == "\"\"";
    let meant_group = if core_spelled_out {
        ""
    } else if catalogue.has_group(unversioned) {
        unversioned
    } else {
        catalogue.suggest_group(unversioned).unwrap_or(unversioned)
    };
    if catalogue.find(meant_group, plural).is_some() {
        return Some(dotted(meant_group, plural));
    }
    catalogue.suggest_resource(meant_group, plural).map(|meant| meant.to_string())
}

/// What stands before the first slash, and what behind it.
fn split_detail(target: &str) -> (&str, Option<&str>) {
    target.split_once('/').map_or((target, None), |(resource, detail)| (resource, Some(detail)))
}

/// The plural and the group, which is empty for the core group.
fn split_group(dotted_name: &str) -> (&str, &str) {
    dotted_name.split_once('.').unwrap_or((dotted_name, ""))
}

/// `v1`, `v1beta2`.
fn is_version(word: &str) -> bool {
    let Some(rest) = word.strip_prefix('v') else {
        return false;
    };
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.replacen("alpha", "", 1).replacen("beta", "", 1).bytes().all(|b| b.is_ascii_digit())
}
