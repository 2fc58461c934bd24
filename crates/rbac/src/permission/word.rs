//! The words of a phrase.

use super::PhraseProblem;

/// A word and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Word<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The text as it can be printed.
    pub(super) fn shown(&self) -> String {
        self.text.escape_debug().to_string()
    }

    pub(super) fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> PhraseProblem {
        PhraseProblem { range: self.start..self.end(), message: message.into(), help: help.into() }
    }
}

pub(super) fn words(phrase: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    for text in phrase.split(char::is_whitespace) {
        if !text.is_empty() {
            words.push(Word { text, start });
        }
        // The blank behind it may be longer than a byte.
        start += text.len();
        start += phrase.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    words
}
