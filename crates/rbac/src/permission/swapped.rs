//! A phrase with its target before its verb: `pods list`.

use super::word::Word;
use super::{Permission, PhraseProblem};
use crate::catalogue::Catalogue;

/// What to say of such a phrase; `None` where the words are no phrase the other way round either.
pub(super) fn problem(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    let [first, second, rest @ ..] = words else { return None };
    let texts: Vec<&str> = [second, first].into_iter().chain(rest).map(|word| word.text).collect();
    let phrase = texts.join(" ");
    let meant = Permission::read(&phrase, &super::words(&phrase), catalogue).ok()?;
    Some(PhraseProblem {
        range: first.start..second.end(),
        message: "the verb comes first".to_owned(),
        help: format!("did you mean `{}`?", meant.to_string().escape_debug()),
    })
}
