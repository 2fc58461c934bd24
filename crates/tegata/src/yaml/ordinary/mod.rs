//! A reader of the ordinary part of YAML: what nearly every file of a workspace is made of, and nothing else.
//!
//! A full parser takes ten times as long, mostly for what nobody writes. This reader takes a text only if every part
//! of it is ordinary, and makes of it what the full one does, byte for byte: printable ASCII; comments; block
//! mappings and sequences; lists and mappings in brackets that end on their line; texts of one line, in quotes or
//! without. It declines everything else, and everything that there is something to say about. It never guesses: to
//! decline is always right.

mod flow;
mod scalar;
#[cfg(test)]
mod tests;

use scalar::Scalar;

use super::node::{Entry, MAX_DEPTH, MAX_NODES, Node, Value};
use crate::source::{FileId, Span};

/// YAML ends a key on one line at 1,024 characters.
const MAX_KEY: u32 = 1000;
/// Each key is compared with those before it: more would take long.
const MAX_KEYS: usize = 100;
/// What a collection has room for at first: as many as a `Vec` makes room for when it first grows, without growing.
const FEW: usize = 4;

/// What [`super::full`] makes of a text without a word about it, or `None` where the text has anything out of the
/// ordinary.
pub fn read(file: FileId, text: &str) -> Option<Node> {
    // A text has fewer values than bytes.
    if text.len() > MAX_NODES || !is_printable(text) {
        return None;
    }
    let mut reader = Reader { file, text, at: 0, column: 0 };
    reader.begin_line();
    let root = reader.block(0)?;
    reader.is_at_end().then_some(root)
}

/// Printable ASCII and line ends. In pieces, each looked at as a whole: so the compiler takes many bytes at a time.
fn is_printable(text: &str) -> bool {
    let all = |piece: &[u8]| piece.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\n'));
    text.as_bytes().chunks(256).all(all)
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    /// The byte that is next.
    at: usize,
    /// Between two lines, where `at` is at the first word of the next one: how far that is indented.
    column: usize,
}

/// The lines, and how they lie within each other.
impl Reader<'_> {
    /// The mapping or sequence that begins with this line.
    fn block(&mut self, depth: usize) -> Option<Node> {
        if self.is_entry() {
            return self.sequence(self.column, depth, self.at);
        }
        let (column, key) = (self.column, self.scalar()?);
        self.mapping(column, key, depth)
    }

    /// The mapping whose keys begin in that column; the first of them has been read.
    fn mapping(&mut self, column: usize, mut key: Scalar, depth: usize) -> Option<Node> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let start = key.span;
        let mut entries = Vec::with_capacity(FEW);
        loop {
            if !self.is_key(&key, &entries) {
                return None;
            }
            let value = self.value(column, depth)?;
            entries.push(Entry { key: key.into_key(), value });
            if !self.goes_on(column)? {
                return Some(Node { value: Value::Map(entries), span: self.since(start) });
            }
            key = self.scalar()?;
        }
    }

    /// Whether a colon is next, behind a key that there is nothing to say about.
    fn is_key(&self, key: &Scalar, others: &[Entry]) -> bool {
        self.is_colon()
            && key.span.end - key.span.start <= MAX_KEY
            && key.text != "<<"
            && others.len() < MAX_KEYS
            && !others.iter().any(|other| other.key.value == key.text)
    }

    /// What follows a key whose mapping is in that column, from the colon on.
    fn value(&mut self, column: usize, depth: usize) -> Option<Node> {
        let colon = self.at;
        self.advance();
        self.skip_blanks();
        if !self.is_said() {
            let node = if self.is_collection() { self.flow(depth + 1)? } else { self.scalar()?.into_node() };
            self.end_line()?;
            return Some(node);
        }
        self.end_line()?;
        if self.is_at_end() || self.column < column {
            return Some(self.nothing(colon));
        }
        if self.column > column {
            return self.block(depth + 1);
        }
        // The entries of a list may begin below the first letter of its key.
        if self.is_entry() {
            return self.sequence(column, depth + 1, self.behind_dash()?);
        }
        Some(self.nothing(colon))
    }

    /// The null that follows a colon without a word, as the full parser gives it.
    fn nothing(&self, colon: usize) -> Node {
        let value = Value::Scalar { text: "~".to_owned(), plain: true };
        Node { value, span: self.span(colon, colon) }
    }

    /// Where a sequence begins that is as deep as its key: to the full parser, at what follows the first dash.
    fn behind_dash(&self) -> Option<usize> {
        let behind = self.rest().get(1..)?;
        let blanks = behind.iter().take_while(|byte| **byte == b' ').count();
        (behind.get(blanks) != Some(&b'#')).then_some(self.at + 1 + blanks)
    }

    /// The sequence whose dashes are in that column.
    fn sequence(&mut self, column: usize, depth: usize, start: usize) -> Option<Node> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let mut items = Vec::with_capacity(FEW);
        loop {
            items.push(self.item(column, depth)?);
            if !self.goes_on(column)? || !self.is_entry() {
                return Some(Node { value: Value::List(items), span: self.since(self.span(start, start)) });
            }
        }
    }

    /// An entry of a sequence, whose dash is next.
    fn item(&mut self, column: usize, depth: usize) -> Option<Node> {
        let dash = self.at;
        self.advance();
        self.skip_blanks();
        if self.is_said() {
            self.end_line()?;
            return if !self.is_at_end() && self.column > column { self.block(depth + 1) } else { None };
        }
        // What follows a dash lies as deep as if it began its line.
        let inner = column + (self.at - dash);
        if self.is_entry() {
            return self.sequence(inner, depth + 1, self.at);
        }
        let node = if self.is_collection() {
            self.flow(depth + 1)?
        } else {
            let scalar = self.scalar()?;
            if self.is_colon() {
                return self.mapping(inner, scalar, depth + 1);
            }
            scalar.into_node()
        };
        self.end_line()?;
        Some(node)
    }

    /// Whether another line follows in that column. What is deeper and has not been read goes on with a text, or is
    /// a mistake.
    fn goes_on(&self, column: usize) -> Option<bool> {
        if self.is_at_end() {
            return Some(false);
        }
        (self.column <= column).then_some(self.column == column)
    }

    /// Goes on with the next line, where this one says no more.
    fn end_line(&mut self) -> Option<()> {
        self.skip_blanks();
        if self.peek() == Some(b'#') && self.is_after_blank() {
            self.skip_line();
        }
        if !matches!(self.peek(), None | Some(b'\n')) {
            return None;
        }
        self.begin_line();
        Some(())
    }

    /// Goes to the first word of what follows, over blank lines and comments.
    fn begin_line(&mut self) {
        loop {
            while self.peek() == Some(b'\n') {
                self.advance();
            }
            let start = self.at;
            self.skip_blanks();
            self.column = self.at - start;
            match self.peek() {
                Some(b'#') => self.skip_line(),
                Some(b'\n') => {}
                _ => return,
            }
        }
    }
}

/// The bytes.
impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn skip_blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.advance();
        }
    }

    fn skip_line(&mut self) {
        self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
    }

    fn is_after_blank(&self) -> bool {
        self.at.checked_sub(1).and_then(|before| self.text.as_bytes().get(before)) == Some(&b' ')
    }

    /// Whether this line has no more words.
    fn is_said(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'#'))
    }

    fn is_collection(&self) -> bool {
        matches!(self.peek(), Some(b'[' | b'{'))
    }

    /// Whether the dash of an entry is next.
    fn is_entry(&self) -> bool {
        self.is_indicator(b'-')
    }

    /// Whether the colon behind a key is next.
    fn is_colon(&self) -> bool {
        self.is_indicator(b':')
    }

    /// Whether a byte is next that means something before a blank and at the end of a line.
    fn is_indicator(&self, byte: u8) -> bool {
        self.peek() == Some(byte)
            && matches!(self.text.as_bytes().get(self.at + 1), None | Some(b' ' | b'\n'))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start..end)
    }

    /// From the beginning of a collection up to here: to the full parser, a block ends where the next word begins.
    fn since(&self, start: Span) -> Span {
        Span { end: self.span(self.at, self.at).end, ..start }
    }
}
