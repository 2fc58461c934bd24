//! From the text of a pattern to its parts.

use super::Node;

/// The longest pattern that is taken.
const LONGEST: usize = 2_000;
/// The largest number in `{n,m}`: Go refuses a larger one.
const MOST: u32 = 1_000;
/// The sum of all numbers in `{n,m}` of one pattern. Both engines write a repetition out, and bound what that makes.
const MOST_IN_ALL: u32 = 10_000;
/// How deep groups may nest.
const DEEPEST: usize = 20;

/// What in a pattern is not taken, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The byte in the pattern.
    pub at: usize,
    /// What stands there and why it is not taken, as the end of a sentence.
    pub what: String,
}

impl PatternError {
    /// The sentence for people, with the place counted in characters from 1.
    #[must_use]
    pub fn message(&self, pattern: &str) -> String {
        let before = pattern.get(..self.at).unwrap_or(pattern);
        format!("the pattern can't be taken: at character {}, {}", before.chars().count() + 1, self.what)
    }
}

/// The parts between `^` and `$`.
///
/// # Errors
/// The first thing that is not part of the subset.
pub fn parse(pattern: &str) -> Result<Vec<Node>, PatternError> {
    if pattern.len() > LONGEST {
        return Err(PatternError { at: 0, what: format!("it is longer than {LONGEST} bytes") });
    }
    let mut reader = Reader { text: pattern, at: 0, counted: 0 };
    if !reader.take("^") {
        return reader.refuse("`^` is missing: the runner looks for a match anywhere in the value");
    }
    let nodes = reader.branch(0)?;
    match reader.peek() {
        Some('$') if reader.rest().len() == 1 => Ok(nodes),
        Some('$') => reader.refuse("`$` stands before the end; the value can't hold one, since the runner expands it after the check"),
        Some('|') => reader.refuse(
            "`|` stands outside of a group, where it parts the anchors as well: `^a|b$` admits whatever begins with a",
        ),
        Some(')') => reader.refuse("`)` closes no group"),
        _ => reader.refuse("`$` is missing: the runner looks for a match anywhere in the value"),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    counted: u32,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn refuse<T>(&self, what: impl Into<String>) -> Result<T, PatternError> {
        Err(PatternError { at: self.at, what: what.into() })
    }

    /// Parts one after the other, up to `|`, `)`, `$` or the end.
    fn branch(&mut self, depth: usize) -> Result<Vec<Node>, PatternError> {
        let mut nodes = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')' | '$')) {
            let node = self.atom(depth)?;
            nodes.push(self.repeated(node)?);
        }
        Ok(nodes)
    }

    fn atom(&mut self, depth: usize) -> Result<Node, PatternError> {
        let Some(next) = self.peek() else { return self.refuse("a part is missing") };
        match next {
            '(' => self.group(depth),
            '[' => self.class(),
            '\\' => self.escaped().map(Node::Literal),
            '.' => {
                self.refuse("`.` admits any character; write `\\.` for a dot, or a class like `[a-z0-9-]`")
            }
            '^' => self.refuse("`^` stands after the beginning; write `\\^` for the character"),
            '*' | '+' | '?' | '{' => self.refuse(format!(
                "`{next}` repeats nothing, or a repetition; write `\\{next}` for the character"
            )),
            ']' | '}' => self.refuse(format!("`{next}` closes nothing; write `\\{next}` for the character")),
            _ => {
                self.plain(next)?;
                self.next();
                Ok(Node::Literal(next))
            }
        }
    }

    /// Only what is visible, or a blank: engines and people differ about everything else.
    fn plain(&self, c: char) -> Result<(), PatternError> {
        if c == ' ' || c.is_ascii_graphic() {
            return Ok(());
        }
        self.refuse(format!(
            "`{}` is no ASCII character that can be seen; labels and annotations of jobs need no other",
            c.escape_unicode()
        ))
    }

    fn escaped(&mut self) -> Result<char, PatternError> {
        let after = self.rest().chars().nth(1);
        match after {
            Some('$') => self.refuse(
                "`\\$` would admit a variable, which the runner expands after the check",
            ),
            // Rust keeps `\<` and `\>` for the ends of words.
            Some(c) if c.is_ascii_punctuation() && !matches!(c, '<' | '>') => {
                self.at += 2;
                Ok(c)
            }
            Some(c) => self.refuse(format!(
                "`\\{}` means something else in Go than in other languages, or nothing; write the characters themselves, or a class like `[a-z0-9]`",
                c.escape_default()
            )),
            None => self.refuse("a backslash stands at the end"),
        }
    }

    fn group(&mut self, depth: usize) -> Result<Node, PatternError> {
        if depth >= DEEPEST {
            return self.refuse(format!("groups are nested more than {DEEPEST} deep"));
        }
        let start = self.at;
        if !self.take("(?:") {
            return self
                .refuse("only groups that begin with `(?:` are taken; no flags, names or look-around");
        }
        let mut alternatives = vec![self.branch(depth + 1)?];
        while self.take("|") {
            alternatives.push(self.branch(depth + 1)?);
        }
        if self.peek() == Some('$') {
            return self.refuse("`$` stands inside of a group; write it once, at the end of the pattern");
        }
        if !self.take(")") {
            self.at = start;
            return self.refuse("the group is not closed");
        }
        Ok(Node::Group(alternatives))
    }

    fn class(&mut self) -> Result<Node, PatternError> {
        let start = self.at;
        self.next();
        if self.peek() == Some('^') {
            return self.refuse("`[^` admits every character but a few; name those that are meant");
        }
        let mut ranges = Vec::new();
        loop {
            let Some(next) = self.peek() else {
                self.at = start;
                return self.refuse("the class is not closed");
            };
            if next == ']' {
                if ranges.is_empty() {
                    return self.refuse("the class is empty");
                }
                self.next();
                return Ok(Node::Class(ranges));
            }
            let first = ranges.is_empty();
            let low_at = self.at;
            let low = self.member()?;
            let bare_dash = low == '-' && self.text.get(low_at..=low_at) == Some("-");
            if self.peek() == Some('-') && !self.rest().starts_with("-]") && !bare_dash {
                self.next();
                let high = self.member()?;
                if !same_kind(low, high) || low > high {
                    self.at = low_at;
                    return self.refuse(format!(
                        "`{low}-{high}` is no range of digits, or of small or of capital letters"
                    ));
                }
                ranges.push((low, high));
            } else if bare_dash && !first && self.peek() != Some(']') {
                self.at = low_at;
                return self.refuse("`-` stands in the middle of a class; write it first, last, or as `\\-`");
            } else {
                ranges.push((low, low));
            }
        }
    }

    /// A character of a class.
    fn member(&mut self) -> Result<char, PatternError> {
        match self.peek() {
            Some('\\') => self.escaped(),
            Some('$') => self.refuse("`$` would admit a variable, which the runner expands after the check"),
            // `[[:alpha:]]`, and Rust's `&&` and `~~`, which Go doesn't have.
            Some(c @ ('[' | '^' | '&' | '~')) => {
                self.refuse(format!("`{c}` in a class; write `\\{c}` for the character"))
            }
            Some(c) => {
                self.plain(c)?;
                self.next();
                Ok(c)
            }
            None => self.refuse("the class is not closed"),
        }
    }

    fn repeated(&mut self, node: Node) -> Result<Node, PatternError> {
        let start = self.at;
        let (least, most) = match self.peek() {
            Some('{') if matches!(node, Node::Group(_)) => {
                return self.refuse("a group can be repeated with `?`, `*` and `+` only, since Go multiplies what counts inside of it");
            }
            Some('{') => self.counts()?,
            Some(sign @ ('?' | '*' | '+')) => {
                self.next();
                (u32::from(sign == '+'), (sign == '?').then_some(1))
            }
            _ => return Ok(node),
        };
        if let Some(again @ ('?' | '*' | '+' | '{')) = self.peek() {
            return self.refuse(format!(
                "`{}{again}` repeats a repetition, or as little or as much as possible, which engines take differently",
                self.text.get(start..self.at).unwrap_or_default()
            ));
        }
        Ok(Node::Repeat { node: Box::new(node), least, most })
    }

    /// `{n}`, `{n,}` or `{n,m}`, up to and with the brace.
    fn counts(&mut self) -> Result<(u32, Option<u32>), PatternError> {
        let start = self.at;
        let body = self.rest().strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(body, _)| body);
        let number = |text: &str| {
            // Go takes `{01}` for text.
            let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            text.parse::<u32>().ok().filter(|n| plain && *n <= MOST)
        };
        let counts = body.and_then(|body| match body.split_once(',') {
            None => number(body).map(|n| (n, Some(n))),
            Some((least, "")) => number(least).map(|n| (n, None)),
            Some((least, most)) => number(least).zip(number(most)).map(|(n, m)| (n, Some(m))),
        });
        let (Some(body), Some((least, most))) = (body, counts) else {
            return self.refuse(format!(
                "`{{` begins no repetition like `{{1,63}}` with numbers up to {MOST}; write `\\{{` for the character"
            ));
        };
        if most.is_some_and(|most| most < least) {
            return self.refuse(format!("`{{{body}}}` ends before it begins"));
        }
        self.counted += most.unwrap_or(least);
        if self.counted > MOST_IN_ALL {
            self.at = start;
            return self.refuse(format!("the pattern counts further than {MOST_IN_ALL} in all"));
        }
        self.at += body.len() + 2;
        Ok((least, most))
    }
}

/// Whether a range from one to the other holds what people expect: `A-z` has punctuation in its middle.
fn same_kind(low: char, high: char) -> bool {
    [char::is_ascii_digit, char::is_ascii_lowercase, char::is_ascii_uppercase]
        .iter()
        .any(|is: &fn(&char) -> bool| is(&low) && is(&high))
}
