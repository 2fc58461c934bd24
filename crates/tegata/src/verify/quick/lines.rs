//! Where a walk through a text stands.

/// At the first word of a line that says something.
#[derive(Clone, Copy, Debug)]
pub struct Line<'t> {
    /// The blanks before it.
    pub indent: usize,
    /// What follows them, up to the end of the text: never blank, and no comment.
    pub rest: &'t str,
}

impl Line<'_> {
    /// Whether it begins an entry of a sequence.
    pub fn is_entry(self) -> bool {
        matches!(self.rest.as_bytes(), [b'-'] | [b'-', b' ' | b'\n', ..])
    }
}

/// Why there is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// A document begins, or none has begun yet: behind it stands the rest.
    Document,
    /// The text ends.
    End,
}

/// The lines of a document that are neither blank nor comments.
#[derive(Debug)]
pub struct Lines<'t> {
    line: Result<Line<'t>, Gap>,
    /// What follows the mark of a document.
    behind: &'t str,
}

impl<'t> Lines<'t> {
    /// Before the first document. `None` where the text has anything but printable ASCII and line ends.
    pub fn of(text: &'t str) -> Option<Lines<'t>> {
        is_printable(text).then_some(Lines { line: Err(Gap::Document), behind: text })
    }

    /// Goes to the next document that says something.
    pub fn begin_document(&mut self) -> Option<Line<'t>> {
        while self.line.is_err_and(|gap| gap == Gap::Document) {
            self.begin_line(self.behind);
        }
        self.peek()
    }

    /// The line, where the document has not ended.
    pub fn peek(&self) -> Option<Line<'t>> {
        self.line.ok()
    }

    /// Goes to the next line of the document, where nothing stands between `rest` and the end of this one.
    pub fn end_line(&mut self, rest: &'t str) -> Option<()> {
        let next = if rest.is_empty() { rest } else { rest.strip_prefix('\n')? };
        self.begin_line(next);
        Some(())
    }

    /// Goes on with `rest`, which follows the dash of this line, as if it began a line in its column.
    pub fn begin_entry(&mut self, rest: &'t str) -> Option<Line<'t>> {
        let Line { indent, rest: before } = self.peek()?;
        let line = Line { indent: indent + before.len() - rest.len(), rest };
        self.line = Ok(line);
        Some(line)
    }

    fn begin_line(&mut self, mut rest: &'t str) {
        self.line = loop {
            let words = rest.trim_start_matches(' ');
            let indent = rest.len() - words.len();
            match words.as_bytes() {
                [] => break Err(Gap::End),
                [b'\n', ..] => rest = words.get(1..).unwrap_or_default(),
                [b'#', ..] => rest = behind_line(words),
                [b'-', b'-', b'-'] | [b'-', b'-', b'-', b'\n', ..] if indent == 0 => {
                    self.behind = words.get(3..).unwrap_or_default();
                    break Err(Gap::Document);
                }
                _ => break Ok(Line { indent, rest: words }),
            }
        };
    }

    /// Whether nothing follows that says something.
    pub fn are_at_their_end(&mut self) -> bool {
        self.begin_document().is_none() && self.line.is_err_and(|gap| gap == Gap::End)
    }
}

/// What follows the line at the beginning of a text.
fn behind_line(text: &str) -> &str {
    memchr::memchr(b'\n', text.as_bytes()).and_then(|end| text.get(end..)).unwrap_or_default()
}

/// Printable ASCII and line ends. In pieces, each looked at as a whole: so the compiler takes many bytes at a time.
fn is_printable(text: &str) -> bool {
    let all = |piece: &[u8]| piece.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\n'));
    text.as_bytes().chunks(256).all(all)
}
