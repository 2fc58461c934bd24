//! Which block of a template lacks its end, and which end its block.

use super::tags::Tag;

/// What is wrong with the blocks of a template.
#[derive(Debug)]
pub enum Fault<'t, 's> {
    /// This statement opens a block that has no end.
    Unclosed(&'t Tag<'s>),
    /// This statement belongs to no block.
    Stray(&'t Tag<'s>),
}

/// A block that is still open.
#[derive(Clone, Copy, Debug)]
struct Open<'t, 's> {
    tag: &'t Tag<'s>,
    word: &'s str,
    /// Whether its `{% else %}` has been met.
    has_else: bool,
}

impl Open<'_, '_> {
    /// Whether such a statement may stand in it, and is no end.
    fn takes(&self, branch: &str) -> bool {
        !self.has_else && (self.word == "if" || (self.word == "for" && branch == "else"))
    }
}

/// The first fault, where there is one. Of blocks in each other that lack an end, the innermost is named.
pub fn fault<'t, 's>(tags: &'t [Tag<'s>]) -> Option<Fault<'t, 's>> {
    match open_behind(tags) {
        Ok(open) => open.last().map(|open| Fault::Unclosed(open.tag)),
        Err(fault) => Some(fault),
    }
}

/// The word of the innermost block that is open behind the tags.
pub fn innermost<'s>(tags: &[Tag<'s>]) -> Option<&'s str> {
    open_behind(tags).ok()?.last().map(|open| open.word)
}

/// The blocks that are open behind the tags, the innermost last.
fn open_behind<'t, 's>(tags: &'t [Tag<'s>]) -> Result<Vec<Open<'t, 's>>, Fault<'t, 's>> {
    let mut open: Vec<Open<'t, 's>> = Vec::new();
    for tag in tags {
        let Some(word) = tag.statement() else { continue };
        let ended = word.strip_prefix("end").filter(|ended| !ended.is_empty());
        let is_meant = |block: &Open<'t, 's>| match ended {
            Some(ended) => block.word == ended,
            None => block.takes(word),
        };
        if ended.is_some() || matches!(word, "else" | "elif") {
            let has_else = word == "else";
            match open.pop() {
                Some(last) if is_meant(&last) && ended.is_some() => {}
                Some(last) if is_meant(&last) => open.push(Open { has_else, ..last }),
                // It belongs to a block farther out: so the one inside should have ended before.
                Some(last) if open.iter().any(is_meant) => return Err(Fault::Unclosed(last.tag)),
                _ => return Err(Fault::Stray(tag)),
            }
        } else if opens(tag) {
            open.push(Open { tag, word, has_else: false });
        }
    }
    Ok(open)
}

/// Whether a statement opens a block.
fn opens(tag: &Tag<'_>) -> bool {
    match tag.words() {
        ("if" | "for" | "with" | "filter" | "block" | "macro" | "call" | "autoescape" | "raw", _) => true,
        // With a value it is a statement of its own.
        ("set", rest) => !rest.contains('='),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tags;
    use super::*;

    #[test]
    fn faults_are_found() {
        for (source, told) in [
            ("{% if a %}{% for b in c %}{% else %}{% endfor %}{% elif d %}{% else %}{% endif %}", ""),
            ("{% set a = 1 %}{% set b %}{% endset %}{% raw %}{% endif %}{% endraw %}", ""),
            ("{% if a %}{% if b %}{% endif %}", "unclosed: if a"),
            ("{% if a %}{% for b in c %}{% endif %}", "unclosed: for b in c"),
            ("{% if a %}{% if b %}{% else %}{% else %}{% endif %}{% endif %}", "unclosed: if b"),
            ("{% if a %}{% for b in c %}{% elif d %}{% endif %}", "unclosed: for b in c"),
            ("{% if a %}{% endif %}{% endif %}", "stray: endif"),
            ("{% for a in b %}{% endif %}{% endfor %}", "stray: endif"),
            ("{% else %}", "stray: else"),
            ("{% if a %}{% else %}{% else %}{% endif %}", "stray: else"),
        ] {
            let tags = tags::of(source);
            let found = match fault(&tags) {
                Some(Fault::Unclosed(tag)) => format!("unclosed: {}", tag.inside),
                Some(Fault::Stray(tag)) => format!("stray: {}", tag.inside),
                None => String::new(),
            };
            assert_eq!(found, told, "{source}");
        }
    }
}
