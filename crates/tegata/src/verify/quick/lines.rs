//! The lines of a text, one at a time.

/// A line that says something.
#[derive(Clone, Copy, Debug)]
pub struct Line<'t> {
    /// The blanks before it.
    pub indent: usize,
    /// What follows them: never empty, and without a blank at its end.
    pub content: &'t str,
}

impl Line<'_> {
    /// Whether it begins an entry of a sequence.
    pub fn is_entry(self) -> bool {
        self.content == "-" || self.content.starts_with("- ")
    }
}

/// Why there is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// A document begins, or none has begun yet.
    Document,
    /// The text ends.
    End,
    /// A line of which nothing can be said.
    Odd,
}

/// The lines of a document that are neither blank nor comments.
#[derive(Debug)]
pub struct Lines<'t> {
    line: Result<Line<'t>, Gap>,
    /// What follows the line.
    rest: &'t str,
}

impl<'t> Lines<'t> {
    /// Before the first document. `None` where the text has anything but printable ASCII and line ends.
    pub fn of(text: &'t str) -> Option<Lines<'t>> {
        is_printable(text).then_some(Lines { line: Err(Gap::Document), rest: text })
    }

    /// Goes to the next document that says something.
    pub fn begin_document(&mut self) -> Option<Line<'t>> {
        while self.line.is_err_and(|gap| gap == Gap::Document) {
            self.advance();
        }
        self.peek()
    }

    /// The line, where the document has not ended.
    pub fn peek(&self) -> Option<Line<'t>> {
        self.line.ok()
    }

    /// Goes to the next line of the document.
    pub fn advance(&mut self) {
        self.line = loop {
            if self.rest.is_empty() {
                break Err(Gap::End);
            }
            let end = memchr::memchr(b'\n', self.rest.as_bytes()).unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at_checked(end).unwrap_or_default();
            self.rest = rest.get(1..).unwrap_or_default();
            if let Some(found) = found(line) {
                break found;
            }
        };
    }

    /// Goes on behind the `- ` of the line, as if what follows it began a line in its column, which is returned.
    pub fn skip_dash(&mut self) -> Option<usize> {
        let Line { indent, content } = self.peek()?;
        let rest = content.get(1..)?.trim_start_matches(' ');
        let indent = indent + content.len() - rest.len();
        self.line = Ok(Line { indent, content: rest });
        Some(indent)
    }

    /// Whether nothing follows that says something.
    pub fn are_at_their_end(&mut self) -> bool {
        self.begin_document().is_none() && self.line.is_err_and(|gap| gap == Gap::End)
    }
}

/// What a line is, unless it is blank or a comment.
fn found(line: &str) -> Option<Result<Line<'_>, Gap>> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let content = line.get(indent..)?;
    Some(match content.as_bytes() {
        [] | [b'#', ..] => return None,
        b"---" if indent == 0 => Err(Gap::Document),
        [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] | [.., b' '] => Err(Gap::Odd),
        _ => Ok(Line { indent, content }),
    })
}

/// Printable ASCII and line ends. In pieces, each looked at as a whole: so the compiler takes many bytes at a time.
fn is_printable(text: &str) -> bool {
    let all = |piece: &[u8]| piece.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\n'));
    text.as_bytes().chunks(256).all(all)
}
