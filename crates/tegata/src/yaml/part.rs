//! Values, seen where they lie: what a text is held against without a tree being made for that.

use std::borrow::Cow;

use super::tree::Tree;

/// A value.
#[derive(Clone, Copy, Debug)]
pub enum Part<'e> {
    /// A field that is not there.
    Absent,
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, in its shortest decimal form.
    Number(&'e str),
    /// A text.
    Text(&'e str),
    /// A sequence.
    List(Items<'e>),
    /// A mapping.
    Map(Entries<'e>),
}

/// The items of a sequence.
#[derive(Clone, Copy, Debug)]
pub enum Items<'e> {
    /// Any values.
    Parts(&'e [Part<'e>]),
    /// Texts.
    Texts(&'e [String]),
    /// Values of a tree.
    Trees(&'e [Tree<'e>]),
}

/// The entries of a mapping, whose keys are unique.
#[derive(Clone, Copy, Debug)]
pub enum Entries<'e> {
    /// Fields, of which some may be absent. Their names need no quotes.
    Fields(&'e [(&'e str, Part<'e>)]),
    /// Labels, annotations or data.
    Pairs(&'e [(String, String)]),
    /// Entries of a tree.
    Trees(&'e [(Cow<'e, str>, Tree<'e>)]),
}

impl<'e> Part<'e> {
    /// A mapping with these fields, of which some may be absent.
    pub fn fields(fields: &'e [(&'e str, Part<'e>)]) -> Part<'e> {
        Part::Map(Entries::Fields(fields))
    }

    /// Labels, annotations or data.
    pub fn pairs(pairs: &'e [(String, String)]) -> Part<'e> {
        Part::Map(Entries::Pairs(pairs))
    }

    /// Whether a tree is this value, with its keys in the same order.
    pub fn is(self, tree: &Tree<'_>) -> bool {
        match (self, tree) {
            (Part::Null, Tree::Null) => true,
            (Part::Boolean(value), Tree::Boolean(other)) => value == *other,
            (Part::Number(value), Tree::Number(other)) | (Part::Text(value), Tree::Text(other)) => {
                value == other
            }
            (Part::List(items), Tree::List(others)) => {
                items.count() == others.len() && items.iter().zip(others).all(|(item, other)| item.is(other))
            }
            (Part::Map(entries), Tree::Map(others)) => {
                let mut pairs = entries.iter().zip(others);
                entries.count() == others.len()
                    && pairs.all(|((key, value), (other, tree))| key == other && value.is(tree))
            }
            _ => false,
        }
    }

    /// A tree's own value, for who keeps it.
    pub fn to_tree(self) -> Tree<'static> {
        match self {
            Part::Absent | Part::Null => Tree::Null,
            Part::Boolean(value) => Tree::Boolean(value),
            Part::Number(number) => Tree::Number(number.to_owned().into()),
            Part::Text(text) => Tree::text(text.to_owned()),
            Part::List(items) => Tree::List(items.iter().map(Part::to_tree).collect()),
            Part::Map(entries) => {
                Tree::map(entries.iter().map(|(key, value)| (key.to_owned(), value.to_tree())))
            }
        }
    }
}

impl<'e> From<&'e Tree<'e>> for Part<'e> {
    fn from(tree: &'e Tree<'e>) -> Part<'e> {
        match tree {
            Tree::Null => Part::Null,
            Tree::Boolean(value) => Part::Boolean(*value),
            Tree::Number(number) => Part::Number(number),
            Tree::Text(text) => Part::Text(text),
            Tree::List(items) => Part::List(Items::Trees(items)),
            Tree::Map(entries) => Part::Map(Entries::Trees(entries)),
        }
    }
}

impl<'e> Items<'e> {
    /// How many there are.
    pub fn count(self) -> usize {
        match self {
            Items::Parts(parts) => parts.len(),
            Items::Texts(texts) => texts.len(),
            Items::Trees(trees) => trees.len(),
        }
    }

    /// The items, in their order.
    pub fn iter(self) -> impl Iterator<Item = Part<'e>> {
        (0..self.count()).filter_map(move |index| match self {
            Items::Parts(parts) => parts.get(index).copied(),
            Items::Texts(texts) => texts.get(index).map(|text| Part::Text(text)),
            Items::Trees(trees) => trees.get(index).map(Part::from),
        })
    }
}

impl<'e> Entries<'e> {
    /// Whether the keys are names of fields, which need no quotes.
    pub fn are_fields(self) -> bool {
        matches!(self, Entries::Fields(_))
    }

    /// How many entries there are, with those that are absent.
    pub fn places(self) -> usize {
        match self {
            Entries::Fields(fields) => fields.len(),
            Entries::Pairs(pairs) => pairs.len(),
            Entries::Trees(trees) => trees.len(),
        }
    }

    /// The entry in that place, where there are so many; its value may be absent.
    pub fn get(self, place: usize) -> Option<(&'e str, Part<'e>)> {
        match self {
            Entries::Fields(fields) => fields.get(place).copied(),
            Entries::Pairs(pairs) => pairs.get(place).map(|(key, value)| (key.as_str(), Part::Text(value))),
            Entries::Trees(trees) => trees.get(place).map(|(key, value)| (key.as_ref(), Part::from(value))),
        }
    }

    /// The entries that are not absent, in their order.
    pub fn iter(self) -> impl Iterator<Item = (&'e str, Part<'e>)> {
        let all = (0..).map_while(move |place| self.get(place));
        all.filter(|(_, value)| !matches!(value, Part::Absent))
    }

    /// How many entries are not absent.
    pub fn count(self) -> usize {
        match self {
            Entries::Fields(_) => self.iter().count(),
            Entries::Pairs(_) | Entries::Trees(_) => self.places(),
        }
    }
}
