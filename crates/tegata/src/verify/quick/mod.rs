//! A look at what was rendered that says yes, or nothing.
//!
//! libyaml takes a third of a large render to read everything back, and half of the rest would go into trees that are
//! compared and thrown away. This walks through the text and what it has to mean side by side, and makes nothing. It
//! says yes only to a text that is made of what all YAML readers agree on: printable ASCII; comments on lines of their
//! own; block mappings and sequences; lists of scalars in brackets; texts in double quotes, and texts without quotes
//! that can be nothing else ([`is_plain`]); `true`, `false` and small whole numbers. All else, and every difference, is
//! for the full reader to judge. It never guesses: to say nothing is always right.

mod lines;
mod scalars;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use super::freedom::{Freedom, Metadata};
use crate::resolve::object::Object;
use crate::yaml::part::{Entries, Items, Part};
use crate::yaml::plain::is_plain;
use crate::yaml::tree::Tree;
use lines::{Line, Lines};

/// Whether a text surely says these objects, in this order, and no others.
pub fn says_objects(text: &str, objects: &[Arc<Object>]) -> bool {
    let Some(mut walk) = Walk::of(text) else { return false };
    let is_met =
        |object: &Arc<Object>| object.show(|expected| walk.document(expected, Freedom::of(object))).is_some();
    let are_met = objects.iter().all(is_met);
    are_met && walk.lines.are_at_their_end()
}

/// Whether a text surely is one document that says this.
pub fn says_one(text: &str, expected: &Tree<'_>) -> bool {
    Walk::of(text).is_some_and(|mut walk| {
        walk.document(Part::from(expected), Freedom::None).is_some() && walk.lines.are_at_their_end()
    })
}

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

    fn document(&mut self, expected: Part<'_>, freedom: Freedom) -> Option<()> {
        self.freedom = freedom;
        let Part::Map(entries) = expected else { return None };
        let first = self.lines.begin_document()?;
        if first.indent > 0 {
            return None;
        }
        self.mapping(entries, 0, Place::Object)?;
        self.lines.peek().is_none().then_some(())
    }

    /// The mapping whose keys stand in column `indent`.
    fn mapping(&mut self, entries: Entries<'_>, indent: usize, place: Place) -> Option<()> {
        let mut met = Met::default();
        let mut added: Vec<Cow<'_, str>> = Vec::new();
        while let Some(line) = self.lines.peek().filter(|line| line.indent >= indent) {
            if line.indent > indent || line.is_entry() {
                return None;
            }
            if let Some((name, expected, rest)) = met.next_one(entries, line.rest) {
                self.value(expected, rest, indent, || place.below(name))?;
                continue;
            }
            let (key, rest) = scalars::key(line.rest)?;
            match met.any_one(entries, &key) {
                Some(expected) => self.value(expected, rest, indent, || place.below(&key))?,
                None => {
                    // A key that stands twice is for the full reader to report. Each is compared with those before it.
                    if added.len() >= MAX_ADDED
                        || added.contains(&key)
                        || entries.iter().any(|(name, _)| name == key)
                    {
                        return None;
                    }
                    self.added(&key, rest, place)?;
                    added.push(key);
                }
            }
        }
        (met.count == entries.count()).then_some(())
    }

    /// A key that nobody expects, with what stands behind it.
    fn added(&mut self, key: &str, rest: &'t str, place: Place) -> Option<()> {
        let Place::Pairs(pairs) = place else { return None };
        let (value, rest) = scalars::text(rest.strip_prefix(' ')?)?;
        self.lines.end_line(rest)?;
        self.freedom.may_add(pairs, key, &value).then_some(())
    }

    /// What stands behind a key or below it: a mapping there is in that place.
    fn value(
        &mut self,
        expected: Part<'_>,
        rest: &'t str,
        indent: usize,
        place: impl FnOnce() -> Place,
    ) -> Option<()> {
        if let Some(inline) = rest.strip_prefix(' ') {
            return self.lines.end_line(scalars::value(inline, expected)?);
        }
        self.lines.end_line(rest)?;
        let next = self.lines.peek()?;
        match expected {
            // The entries of a list may begin below the first letter of its key.
            Part::List(items) if next.indent >= indent => self.sequence(items, next.indent),
            Part::Map(entries) if next.indent > indent => self.mapping(entries, next.indent, place()),
            _ => None,
        }
    }

    /// The sequence whose entries begin in column `indent`.
    fn sequence(&mut self, items: Items<'_>, indent: usize) -> Option<()> {
        if items.count() == 0 {
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
    fn item(&mut self, expected: Part<'_>, line: Line<'t>) -> Option<()> {
        let behind = line.rest.get(1..)?;
        let begun = if let Some(rest) = behind.strip_prefix(' ') {
            let rest = rest.trim_start_matches(' ');
            let inline = scalars::value(rest, expected).and_then(|rest| self.lines.end_line(rest));
            if inline.is_some() {
                return inline;
            }
            self.lines.begin_entry(rest)?
        } else {
            self.lines.end_line(behind)?;
            self.lines.peek().filter(|next| next.indent > line.indent)?
        };
        match expected {
            Part::Map(entries) => self.mapping(entries, begun.indent, Place::Elsewhere),
            Part::List(items) => self.sequence(items, begun.indent),
            _ => None,
        }
    }
}

/// More labels or annotations than a template adds.
const MAX_ADDED: usize = 100;

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
    /// The next key, without quotes, with what is expected of it and what follows its colon. Mostly that is what stands
    /// there.
    fn next_one<'e, 't>(
        &mut self,
        entries: Entries<'e>,
        text: &'t str,
    ) -> Option<(&'e str, Part<'e>, &'t str)> {
        let (name, expected) = entries.get(self.next)?;
        let rest = text.strip_prefix(name)?.strip_prefix(':')?;
        let is_key = entries.are_fields() || (is_plain(name) && name.len() <= scalars::MAX_KEY);
        let is_meant = is_key && !matches!(expected, Part::Absent) && self.meet(self.next);
        is_meant.then_some((name, expected, rest))
    }

    /// What is expected of a key, wherever it stands, unless it has been met before.
    fn any_one<'e>(&mut self, entries: Entries<'e>, key: &str) -> Option<Part<'e>> {
        let mut places = (0..entries.places()).filter_map(|place| Some((place, entries.get(place)?)));
        let (place, (_, expected)) = places.find(|(_, (name, _))| *name == key)?;
        (!matches!(expected, Part::Absent) && self.meet(place)).then_some(expected)
    }

    /// Takes note of a key, unless that was done before. Of many keys those at the end have to stand in their order.
    fn meet(&mut self, place: usize) -> bool {
        let bit = u32::try_from(place).ok().and_then(|place| 1u64.checked_shl(place));
        let is_new = bit.map_or(place == self.count, |bit| self.which & bit == 0);
        if is_new {
            self.which |= bit.unwrap_or_default();
            self.count += 1;
            self.next = place + 1;
        }
        is_new
    }
}
