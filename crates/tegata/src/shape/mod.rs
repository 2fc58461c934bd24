//! The form of each kind of file, as data: one description from which files are checked ([`conform()`]) and
//! editors are told what to complete ([`json_schema`]).

pub mod conform;
mod fields;
pub mod files;
pub mod json_schema;
mod list;
pub mod plural;
pub mod text;

pub use conform::conform;
pub use text::{TextProblem, TextRule};

/// The form of a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text that obeys a rule.
    Text(&'static TextRule),
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// One of some words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// A list of values of one form.
    List(&'static Shape),
    /// A mapping with known fields.
    Record(&'static Record),
    /// A mapping from keys that obey the first rule to texts that obey the second.
    Texts(&'static TextRule, &'static TextRule),
    /// Either a text or a mapping with known fields.
    TextOrRecord(&'static TextRule, &'static Record),
    /// A mapping whose form others define; editors are told about some of its fields.
    Open(&'static [Field]),
    /// Anything: it is dropped, since a server wrote it.
    Ignored,
}

/// A mapping with known fields.
#[derive(Debug)]
pub struct Record {
    /// What it is, with its article, as in "`x` is not a field of {what}".
    pub what: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its fields, in the order in which people write them.
    pub fields: &'static [Field],
}

impl Record {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A field of a mapping.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// The form of its value.
    pub shape: Shape,
    /// What it means, and what holds when it is left out.
    pub doc: &'static str,
    /// A value that it may have, as YAML on one line.
    pub example: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may be empty (`null`), as Kubernetes prints some lists.
    pub nullable: bool,
    /// What to do where it is missing and its example would be a guess.
    pub asked: Option<&'static str>,
}

impl Field {
    /// A field that must be there.
    pub const fn required(
        name: &'static str,
        shape: Shape,
        doc: &'static str,
        example: &'static str,
    ) -> Field {
        Field { name, shape, doc, example, required: true, nullable: false, asked: None }
    }

    /// A field that may be left out.
    pub const fn optional(
        name: &'static str,
        shape: Shape,
        doc: &'static str,
        example: &'static str,
    ) -> Field {
        Field { name, shape, doc, example, required: false, nullable: false, asked: None }
    }

    /// A field that Kubernetes writes and tegata drops.
    pub const fn dropped(name: &'static str, doc: &'static str) -> Field {
        Field { name, shape: Shape::Ignored, doc, example: "", required: false, nullable: true, asked: None }
    }

    /// The same field, whose value nobody can guess: where it is missing, `how` says how to find it out.
    #[must_use]
    pub const fn asked(self, how: &'static str) -> Field {
        Field { asked: Some(how), ..self }
    }

    /// What to write where it is missing.
    pub fn remedy(&self) -> String {
        self.asked.map_or_else(|| format!("write {}: {}", self.name, self.example), str::to_owned)
    }

    /// The same field, which may also be `null`.
    #[must_use]
    pub const fn or_null(self) -> Field {
        Field { nullable: true, ..self }
    }
}
