//! Texts on one line, in quotes or without.

use super::Reader;
use crate::source::{Located, Span};
use crate::yaml::node::{Node, Value};

/// A key or a value.
pub(super) struct Scalar {
    pub text: String,
    pub plain: bool,
    pub span: Span,
}

impl Scalar {
    pub fn into_key(self) -> Located<String> {
        Located::new(self.text, self.span)
    }

    pub fn into_node(self) -> Node {
        let Scalar { text, plain, span } = self;
        Node { value: Value::Scalar { text, plain }, span }
    }
}

/// Which bytes are looked at where they stand in a text without quotes, since they may end it: a table, since most of
/// a file is looked at for that.
type Ends = [bool; 256];

const ENDS: Ends = ends(b" \n:");
/// As [`ENDS`], within brackets.
const FLOW_ENDS: Ends = ends(b" \n:,[]{}");

#[expect(clippy::indexing_slicing, reason = "it is made when this is compiled")]
const fn ends(mut bytes: &[u8]) -> Ends {
    let mut ends = [false; 256];
    while let [byte, rest @ ..] = bytes {
        ends[*byte as usize] = true;
        bytes = rest;
    }
    ends
}

impl Reader<'_> {
    /// The text that is next, outside of brackets.
    pub(super) fn scalar(&mut self) -> Option<Scalar> {
        self.scalar_until(&ENDS, |_| true)
    }

    /// The text that is next, within brackets: those and commas end it too, and a colon belongs to it only before what
    /// can be nothing else.
    pub(super) fn flow_scalar(&mut self) -> Option<Scalar> {
        self.scalar_until(&FLOW_ENDS, |byte| byte.is_ascii_alphanumeric() || byte == b'/')
    }

    fn scalar_until(&mut self, ends: &Ends, joins: impl Fn(u8) -> bool) -> Option<Scalar> {
        let start = self.at;
        let (text, plain) = match self.peek()? {
            b'"' => (self.double_quoted()?, false),
            b'\'' => (self.single_quoted()?, false),
            _ => (self.plain(ends, joins)?, true),
        };
        Some(Scalar { text, plain, span: self.span(start, self.at) })
    }

    /// A text without quotes. `joins` tells what a colon within it may stand before.
    fn plain(&mut self, ends: &Ends, joins: impl Fn(u8) -> bool) -> Option<String> {
        let bytes = self.rest();
        if !begins_plain(bytes) {
            return None;
        }
        let byte = |at: usize| bytes.get(at).copied();
        let may_end = |byte: u8| ends.get(usize::from(byte)) == Some(&true);
        let mut end = 0;
        loop {
            while byte(end).is_some_and(|byte| !may_end(byte)) {
                end += 1;
            }
            // Blanks belong to the text if more of it follows.
            let mut next = end;
            while byte(next) == Some(b' ') {
                next += 1;
            }
            let goes_on = match byte(next) {
                None | Some(b'\n' | b'#') => false,
                Some(b':') => {
                    byte(next + 1).is_some_and(|after| !matches!(after, b' ' | b'\n') && joins(after))
                }
                Some(byte) => !may_end(byte),
            };
            if !goes_on {
                break;
            }
            end = next + 1;
        }
        let start = self.at;
        self.at += end;
        self.text.get(start..self.at).map(str::to_owned)
    }

    /// A text in double quotes, with the escapes that people write.
    fn double_quoted(&mut self) -> Option<String> {
        let inside = self.text.get(self.at + 1..)?;
        let mut out = String::new();
        let mut read = 0;
        loop {
            let part = inside.get(read..)?;
            let length = part.bytes().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
            out.push_str(part.get(..length)?);
            read += length;
            let mut special = part.bytes().skip(length);
            match special.next()? {
                b'"' => break,
                b'\\' => out.push(escaped(special.next()?)?),
                _ => return None,
            }
            read += 2;
        }
        // With both quotes.
        self.at += read + 2;
        Some(out)
    }

    /// A text in single quotes that has none within.
    fn single_quoted(&mut self) -> Option<String> {
        let inside = self.text.get(self.at + 1..)?;
        let length = inside.bytes().position(|byte| matches!(byte, b'\'' | b'\n'))?;
        let (text, after) = (inside.get(..length)?, inside.get(length..)?);
        if !after.starts_with('\'') || after.starts_with("''") {
            return None;
        }
        self.at += length + 2;
        Some(text.to_owned())
    }
}

/// Whether a text without quotes may begin so: with what has no meaning to YAML, wherever it stands.
fn begins_plain(text: &[u8]) -> bool {
    match text {
        [b'-', second, ..] => second.is_ascii_alphanumeric(),
        // The end of a document.
        [b'.', b'.', b'.', ..] => false,
        [b'.' | b'_' | b'/' | b'$' | b'(' | b'+' | b'=' | b'~', ..] => true,
        [first, ..] => first.is_ascii_alphanumeric(),
        [] => false,
    }
}

fn escaped(byte: u8) -> Option<char> {
    match byte {
        b'"' => Some('"'),
        b'\\' => Some('\\'),
        b'n' => Some('\n'),
        b't' => Some('\t'),
        _ => None,
    }
}
