//! A phrase whose words stand in another order: `pods list`, `get in kube-system secrets`.

use super::word::Word;
use super::{Permission, PhraseProblem};
use crate::catalogue::Catalogue;

/// What to say of such a phrase; `None` where the words are no phrase in the right order either.
pub(super) fn problem(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    target_first(words, catalogue).or_else(|| place_first(words, catalogue))
}

fn target_first(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    let [first, second, rest @ ..] = words else { return None };
    let help = meant([second, first].into_iter().chain(rest), catalogue)?;
    Some(PhraseProblem { range: first.start..second.end(), message: "the verb comes first".to_owned(), help })
}

/// The place, with its `in`, before the target, or before the verb as well.
fn place_first(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    let begins = words.iter().take(2).position(|word| word.text == "in")?;
    // What ends the phrase is the target, or the verb and the target.
    let ends = words.len().checked_sub(if begins == 0 { 2 } else { 1 })?;
    let (before, after) = (words.get(..begins)?, words.get(ends..)?);
    let place = words.get(begins..ends)?;
    let help = meant(before.iter().chain(after).chain(place), catalogue)?;
    Some(PhraseProblem {
        range: place.first()?.start..place.last()?.end(),
        message: "the namespace comes last".to_owned(),
        help,
    })
}

/// The help, where the words in this order are a phrase.
fn meant<'a>(words: impl Iterator<Item = &'a Word<'a>>, catalogue: &Catalogue) -> Option<String> {
    let phrase = words.map(|word| word.text).collect::<Vec<_>>().join(" ");
    let meant = Permission::read(&phrase, &super::words(&phrase), catalogue).ok()?;
    Some(format!("did you mean `{}`?", meant.to_string().escape_debug()))
}
