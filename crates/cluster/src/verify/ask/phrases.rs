//! Phrases of `can` and `cannot`, asked by a review and, where they are about a list, by the request itself.

use std::collections::{BTreeMap, BTreeSet};

use super::Ground;
use crate::connect::{Review, Server, Trouble};
use crate::finding::{Finding, Severity};
use crate::kinds::encoded;
use crate::standing::Account;
use crate::verify::PhraseReport;
use crate::verify::model::{Holder, Listing, Model, Phrase};

/// By a review and, where it is about a list, by the request itself.
pub(super) async fn ask(ground: &Ground, it: &Server, phrase: &Phrase) -> Result<PhraseReport, Trouble> {
    let Review { allowed, reason, error } = it.may_i(&phrase.spec).await?;
    let mut report = PhraseReport { phrase: phrase.clone(), allowed, reason, error, really: None };
    let path = phrase.list.as_ref().and_then(|list| path(list, &ground.versions));
    if let Some(path) = path {
        report.really = Some(it.really_list(&path).await.map_err(|trouble| match trouble {
            Trouble::Refused { message, .. } => message,
            Trouble::Silence(message) => message,
        }));
    }
    Ok(report)
}

fn path(list: &Listing, versions: &BTreeMap<String, String>) -> Option<String> {
    let root = match list.group.as_str() {
        "" => "/api/v1".to_owned(),
        group => format!("/apis/{}", versions.get(group)?),
    };
    Some(match &list.namespace {
        Some(namespace) => format!("{root}/namespaces/{}/{}", encoded(namespace), list.plural),
        None => format!("{root}/{}", list.plural),
    })
}

/// The version under which the server serves each group that a list is about.
pub(crate) async fn versions(server: &Server, model: &Model) -> BTreeMap<String, String> {
    let lists = model.accounts.iter().flat_map(|holder| &holder.phrases).filter_map(|p| p.list.as_ref());
    let groups: BTreeSet<&str> = lists.map(|list| list.group.as_str()).collect();
    let mut versions = BTreeMap::new();
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        // A group that is not served can't be listed, and the review has answered.
        if let Ok(answer) = server.read(format!("/apis/{}", encoded(group))).await
            && let Some(version) = answer.pointer("/preferredVersion/groupVersion").and_then(|v| v.as_str())
        {
            versions.insert(group.to_owned(), version.to_owned());
        }
    }
    versions
}

/// A phrase that does not hold.
pub(super) fn broken(holder: &Holder, phrase: &Phrase, answer: &PhraseReport) -> Option<Finding> {
    let account = &holder.account;
    let text = &phrase.text;
    let note = [&answer.reason, &answer.error].into_iter().find(|text| !text.is_empty());
    let note = note.map(|note| format!(": {note}")).unwrap_or_default();
    let finding = match (phrase.can, answer.allowed) {
        (true, false) => Finding::new(
            Severity::Error,
            "can-not",
            format!("{account} can't `{text}`, and has to{note}"),
            "`cargo xtask diff` shows whether its roles and bindings are there; otherwise give it the permission, or remove the phrase from `can`",
        ),
        (false, true) => Finding::new(
            Severity::Error,
            "can",
            format!("{account} can `{text}`, and must not{note}"),
            "take away what the server names, or remove the phrase from `cannot`",
        ),
        _ => other_in_truth(account, answer)?,
    };
    Some(finding.at(&phrase.place))
}

/// The review and the request itself have to agree.
fn other_in_truth(account: &Account, answer: &PhraseReport) -> Option<Finding> {
    let text = &answer.phrase.text;
    let (was, is) = match (answer.allowed, answer.really.as_ref()?) {
        (false, Ok(())) => ("not allowed", "answered the request".to_owned()),
        (true, Err(message)) if message.contains("is forbidden") => ("allowed", format!("said: {message}")),
        _ => return None,
    };
    Some(Finding::new(
        Severity::Error,
        "other-in-truth",
        format!("{account}: by the server's review `{text}` is {was}, and yet it {is}"),
        "look at the server's authorizers and admission: one of them is asked in one case only",
    ))
}
