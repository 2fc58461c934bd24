//! A phrase whose words stand in another order: `pods list`, `get in kube-system secrets`.

use super::word::Word;
use super::{Permission, PhraseProblem, target, verb};
use crate::catalogue::Catalogue;

/// What to say of such a phrase; `None` where no order makes one of the words.
pub(super) fn problem(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    target_first(words, catalogue)
        .or_else(|| place_first(words, catalogue))
        .or_else(|| faulty_target_first(words, catalogue))
}

fn target_first(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    let [first, second, rest @ ..] = words else { return None };
    let help = meant([second, first].into_iter().chain(rest), catalogue)?;
    Some(verb_comes_first(first, second, help))
}

fn verb_comes_first(first: &Word<'_>, second: &Word<'_>, help: String) -> PhraseProblem {
    PhraseProblem { range: first.start..second.end(), message: "the verb comes first".to_owned(), help }
}

/// The verb behind something else, where more than the order is wrong: `Pods list`.
fn faulty_target_first(words: &[Word<'_>], catalogue: &Catalogue) -> Option<PhraseProblem> {
    let [first, second, rest @ ..] = words else { return None };
    // `Get list` has a verb where it belongs.
    let begins_well = first.text == "in" || verb::exists(&first.text.to_lowercase(), catalogue);
    if begins_well || !verb::exists(second.text, catalogue) {
        return None;
    }
    let corrected = target::corrected(first, catalogue).and_then(|target| {
        let target = Word { text: &target, start: first.start };
        meant([second, &target].into_iter().chain(rest), catalogue)
    });
    let help = corrected.or_else(|| {
        let phrase = joined([second, first].into_iter().chain(rest));
        let other = Permission::read(&phrase, &super::words(&phrase), catalogue).err()?;
        Some(format!("begin with `{}`; besides, {}: {}", second.shown(), other.message, other.help))
    })?;
    Some(verb_comes_first(first, second, help))
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
    let phrase = joined(words);
    let meant = Permission::read(&phrase, &super::words(&phrase), catalogue).ok()?;
    Some(format!("did you mean `{}`?", meant.to_string().escape_debug()))
}

fn joined<'a>(words: impl Iterator<Item = &'a Word<'a>>) -> String {
    words.map(|word| word.text).collect::<Vec<_>>().join(" ")
}
