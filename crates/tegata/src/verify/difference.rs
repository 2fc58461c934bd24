//! The first difference between a text and what it has to mean.

/// What differs, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which document of the text, from 0; empty ones are not counted. One that does not exist means the file.
    pub document: usize,
    /// Keys and list indexes that lead to the difference.
    pub path: Vec<String>,
    /// What differs, in words.
    pub message: String,
    /// The byte of the text where it is, where that is known without the path.
    pub offset: Option<usize>,
    /// What has gone wrong: who is to blame, and what helps.
    pub cause: Cause,
    /// What helps to tell it.
    pub details: Box<Details>,
}

/// What else is known of a difference.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What helps, where that is known better than by the cause.
    pub help: Option<String>,
    /// The object that differs, as in "the Role `build`".
    pub within: Option<String>,
    /// The kind of that object.
    pub kind: Option<&'static str>,
    /// The keys that have to stand below the difference, where nothing does.
    pub lost: Vec<String>,
}

/// What has gone wrong in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It says something else than was resolved.
    Content,
    /// It adds a label or an annotation where it may not.
    Metadata,
    /// It leaves out this part of an object, which a template of its own writes.
    Part(&'static str),
    /// It writes what can't be read.
    Unreadable,
    /// It writes other documents than there are objects, or in another order: the work of the template that the
    /// file begins with.
    Documents,
    /// An object of this kind is missing.
    Missing(&'static str),
    /// Nothing stands where an object has to: the work of the template of its kind or, where the whole file says
    /// nothing, of the one that includes it.
    Emptied {
        /// The object's kind.
        kind: &'static str,
        /// Whether the whole file says nothing.
        all: bool,
    },
}

impl Difference {
    /// A difference in a document as a whole.
    pub fn of(document: usize, message: String) -> Difference {
        Difference {
            document,
            path: Vec::new(),
            message,
            offset: None,
            cause: Cause::Content,
            details: Box::default(),
        }
    }

    /// The same difference, with what the separators in a manifest tell about its cause.
    pub(super) fn in_manifest(self, text: &str, objects: usize) -> Difference {
        let separators = text.lines().filter(|line| line.trim_end() == "---").count();
        match self.cause {
            // Objects that run into each other: what the reader stumbles over says nothing about why.
            Cause::Unreadable if separators + 1 < objects => Difference {
                cause: Cause::Documents,
                ..Difference::of(
                    usize::MAX,
                    format!(
                        "the template writes {objects} objects, and {separators} lines `---` to part them"
                    ),
                )
            },
            Cause::Missing(kind) if separators >= objects => {
                let says_nothing = |line: &str| line.is_empty() || line == "---" || line.starts_with('#');
                let all = text.lines().all(|line| says_nothing(line.trim()));
                Difference { cause: Cause::Emptied { kind, all }, ..self }
            }
            Cause::Missing(_) => Difference { cause: Cause::Documents, ..self },
            _ => self,
        }
    }
}
