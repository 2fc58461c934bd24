//! Texts that people wrote, and places in them.

use camino::{Utf8Path, Utf8PathBuf};

/// The number of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The text that will stand at that place in [`Sources::files`].
    pub(crate) fn at(index: usize) -> FileId {
        FileId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its place in [`Sources::files`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte, from 0.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of some bytes of `file`. Files end far below 4 GiB ([`crate::load`] refuses larger ones).
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file, start: clamp(range.start), end: clamp(range.end) }
    }

    /// A part of this span; `range` counts from its start.
    #[must_use]
    pub fn part(self, range: std::ops::Range<usize>) -> Span {
        let part = Span::new(self.file, range);
        Span {
            start: self.start.saturating_add(part.start),
            end: self.start.saturating_add(part.end),
            ..self
        }
    }

    /// The bytes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and the place where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Located<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Located<T> {
        Located { value, span }
    }
}

/// One text, by its path from the workspace's root.
#[derive(Debug)]
pub struct Source {
    /// The path from the workspace's root, with `/`.
    pub path: Utf8PathBuf,
    /// The text, without a byte order mark.
    pub text: String,
}

/// A position as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Source {
    /// The bytes of a span: those that the text has, and no character in part. Not all who find a place count in
    /// characters.
    pub fn bytes(&self, span: Span) -> std::ops::Range<usize> {
        let range = span.range();
        let start = self.text.floor_char_boundary(range.start);
        start..self.text.ceil_char_boundary(range.end).clamp(start, self.text.len())
    }

    /// The position of a byte; past the end it is the end's.
    pub fn position(&self, offset: usize) -> Position {
        let end = self.text.floor_char_boundary(offset);
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

/// All texts of a workspace.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Makes room for so many more texts.
    pub fn reserve(&mut self, more: usize) {
        self.files.reserve(more);
    }

    /// Takes a text in.
    pub fn add(&mut self, path: impl Into<Utf8PathBuf>, text: String) -> FileId {
        let id = FileId::at(self.files.len());
        self.files.push(Source { path: path.into(), text });
        id
    }

    /// The text of that number.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.index())
    }

    /// The path of that number; `tegata.yaml` for one that does not exist.
    pub fn path(&self, id: FileId) -> &Utf8Path {
        self.get(id).map_or(Utf8Path::new("tegata.yaml"), |source| &source.path)
    }

    /// The number of the text at that path.
    pub fn find(&self, path: &Utf8Path) -> Option<FileId> {
        let index = self.files.iter().position(|source| source.path == path)?;
        Some(FileId::at(index))
    }

    /// All texts, in the order of their numbers.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// All texts with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (FileId::at(index), source))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source { path: "a".into(), text: "ä: ö\nb: x".into() };
        assert_eq!(source.position(4), Position { line: 1, column: 4 });
        assert_eq!(source.position(5), Position { line: 1, column: 4 });
        assert_eq!(source.position(7), Position { line: 2, column: 1 });
        assert_eq!(source.position(999), Position { line: 2, column: 5 });
    }

    #[test]
    fn no_span_ends_within_a_character() {
        let source = Source { path: "a".into(), text: "ä: ö".into() };
        for (range, bytes) in
            [(0..1, 0..2), (1..1, 0..2), (1..2, 0..2), (2..5, 2..6), (4..99, 4..6), (99..100, 6..6)]
        {
            assert_eq!(source.bytes(Span::new(FileId::at(0), range.clone())), bytes, "{range:?}");
        }
    }
}
