//! A look at what was rendered that says yes, or nothing.
//!
//! libyaml takes a third of a large render to read everything back, and half of the rest would go into trees that are
//! compared and thrown away. This walks through the text and what it has to mean side by side, and makes nothing. It
//! says yes only to a text that is made of what all YAML readers agree on: printable ASCII; comments on lines of their
//! own; block mappings and sequences; lists of scalars in brackets; texts in double quotes, and texts without quotes
//! that can be nothing else ([`is_plain`](crate::yaml::plain::is_plain)); `true`, `false` and small whole numbers. All else, and every
//! difference, is for the full reader to judge. It never guesses: to say nothing is always right.

mod lines;
mod scalars;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use super::freedom::{Freedom, Metadata};
use crate::resolve::object::Object;
use crate::yaml::tree::Tree;
use lines::{Line, Lines};

/// Whether a text surely says these objects, in this order, and no others.
pub fn says_objects(text: &str, objects: &[Arc<Object>]) -> bool {
    let Some(mut walk) = Walk::of(text) else { return false };
    let are_met = objects.iter().all(|object| walk.document(&object.tree(), Freedom::of(object)).is_some());
    are_met && walk.lines.are_at_their_end()
}

/// Whether a text surely is one document that says this.
pub fn says_one(text: &str, expected: &Tree<'_>) -> bool {
    Walk::of(text).is_some_and(|mut walk| {
        walk.document(expected, Freedom::None).is_some() && walk.lines.are_at_their_end()
    })
}

/// The entries of a mapping.
type Entries<'e> = [(Cow<'e, str>, Tree<'e>)];

/// Where in an object a mapping stands, for what a template may add to it.
#[derive(Clone, Copy)]
enum Place {
    Object,
    Metadata,
    Pairs(Metadata),
    Elsewhere,
}

impl Place {
    /// Where the mapping below a key stands.
    fn below(self, key: &str) -> Place {
        match (self, Metadata::of_key(key)) {
            (Place::Object, _) if key == "metadata" => Place::Metadata,
            (Place::Metadata, Some(pairs)) => Place::Pairs(pairs),
            _ => Place::Elsewhere,
        }
    }
}

/// On its way through a text. What returns an `Option` returns `None` where nothing can be said.
struct Walk<'t> {
    lines: Lines<'t>,
    /// What the template may add to this document.
    freedom: Freedom,
}

impl<'t> Walk<'t> {
    fn of(text: &'t str) -> Option<Walk<'t>> {
        Lines::of(text).map(|lines| Walk { lines, freedom: Freedom::None })
    }

    fn document(&mut self, expected: &Tree<'_>, freedom: Freedom) -> Option<()> {
        self.freedom = freedom;
        let Tree::Map(entries) = expected else { return None };
        let first = self.lines.begin_document()?;
        if first.indent > 0 {
            return None;
        }
        self.mapping(entries, 0, Place::Object)?;
        self.lines.peek().is_none().then_some(())
    }

    /// The mapping whose keys stand in column `indent`.
    fn mapping(&mut self, entries: &Entries<'_>, indent: usize, place: Place) -> Option<()> {
        let mut met = Met::default();
        let mut added: Vec<Cow<'_, str>> = Vec::new();
        while let Some(line) = self.lines.peek().filter(|line| line.indent >= indent) {
            if line.indent > indent || line.is_entry() {
                return None;
            }
            let (key, rest) = scalars::key(line.content)?;
            self.lines.advance();
            if let Some(expected) = met.expected(entries, &key) {
                self.value(expected, rest, indent, place.below(&key))?;
            } else {
                let Place::Pairs(pairs) = place else { return None };
                let value = scalars::whole_text(rest.strip_prefix(' ')?)?;
                // A key that stands twice is for the full reader to report.
                let is_known = added.contains(&key) || entries.iter().any(|(name, _)| *name == key);
                if is_known || !self.freedom.may_add(pairs, &key, &value) {
                    return None;
                }
                added.push(key);
            }
        }
        (met.count == entries.len()).then_some(())
    }

    /// What stands behind a key or below it.
    fn value(&mut self, expected: &Tree<'_>, rest: &str, indent: usize, place: Place) -> Option<()> {
        if let Some(inline) = rest.strip_prefix(' ') {
            return scalars::is_inline(inline, expected).then_some(());
        }
        let next = self.lines.peek().filter(|_| rest.is_empty())?;
        match expected {
            // The entries of a list may begin below the first letter of its key.
            Tree::List(items) if next.indent >= indent => self.sequence(items, next.indent),
            Tree::Map(entries) if next.indent > indent => self.mapping(entries, next.indent, place),
            _ => None,
        }
    }

    /// The sequence whose entries begin in column `indent`.
    fn sequence(&mut self, items: &[Tree<'_>], indent: usize) -> Option<()> {
        if items.is_empty() {
            return None;
        }
        let mut items = items.iter();
        while let Some(line) = self.lines.peek().filter(|line| line.indent >= indent) {
            if line.indent > indent {
                return None;
            }
            if !line.is_entry() {
                break;
            }
            self.item(items.next()?, line)?;
        }
        items.next().is_none().then_some(())
    }

    /// What stands behind the `-` of an entry or below it.
    fn item(&mut self, expected: &Tree<'_>, line: Line<'_>) -> Option<()> {
        let rest = line.content.get(1..)?.trim_start_matches(' ');
        if !rest.is_empty() && scalars::is_inline(rest, expected) {
            self.lines.advance();
            return Some(());
        }
        let indent = if rest.is_empty() {
            self.lines.advance();
            self.lines.peek().map(|next| next.indent).filter(|indent| *indent > line.indent)?
        } else {
            self.lines.skip_dash()?
        };
        match expected {
            Tree::Map(entries) => self.mapping(entries, indent, Place::Elsewhere),
            Tree::List(items) => self.sequence(items, indent),
            _ => None,
        }
    }
}

/// Which keys of a mapping have been met.
#[derive(Default)]
struct Met {
    count: usize,
    /// Where the next one is expected.
    next: usize,
    /// The first of them, as bits.
    which: u64,
}

impl Met {
    /// What is expected of a key, unless it has been met before. Keys may stand in any order, but for those of large
    /// mappings.
    fn expected<'e, 't>(&mut self, entries: &'t Entries<'e>, key: &str) -> Option<&'t Tree<'e>> {
        let is_next = entries.get(self.next).is_some_and(|(name, _)| name == key);
        let index = if is_next { self.next } else { entries.iter().position(|(name, _)| name == key)? };
        if index < 64 {
            let bit = 1 << index;
            if self.which & bit != 0 {
                return None;
            }
            self.which |= bit;
        } else if index != self.count {
            return None;
        }
        self.count += 1;
        self.next = index + 1;
        entries.get(index).map(|(_, expected)| expected)
    }
}
