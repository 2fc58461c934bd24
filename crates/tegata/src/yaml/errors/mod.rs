//! The YAML parser's errors in the reader's words.

mod earlier;
pub mod look_alikes;

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use earlier::Fault;

/// A line that stands a column too far to the left or to the right, and what to do.
pub const OUT_OF_LINE: (&str, &str) = (
    "this line doesn't fit the lines around it",
    "write `key: value`, and begin the line under the first letter of its neighbours",
);

/// What is wrong, at the character where the parser gave up.
pub fn explain(file: FileId, text: &str, error: &ScanError) -> Diagnostic {
    let offset = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let length = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let span = Span::new(file, offset..offset + length);
    if let Some(mark) = conflict_mark(text) {
        let line = text.get(mark..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
        return Diagnostic::error(
            "yaml-syntax",
            Span::new(file, mark..mark + line),
            "a merge of git has left its marks: two versions stand here",
        )
        .help("keep one version, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`");
    }
    if let Some(fault) = look_alikes::fence(text).or_else(|| look_alikes::odd_beginning(text, offset)) {
        return Diagnostic::error("yaml-syntax", Span::new(file, fault.range), fault.message)
            .help(fault.help);
    }
    if let Some(tab) = tab_in_indentation(text, offset) {
        return Diagnostic::error("yaml-tab", Span::new(file, tab..tab + 1), "a tab indents this line")
            .help("YAML indents with spaces: replace the tab by two spaces for each level");
    }
    if let Some(open) = left_open(error.kind(), text, offset) {
        let bracket =
            if text.get(open..).is_some_and(|rest| rest.starts_with('{')) { ("{", "}") } else { ("[", "]") };
        let message = format!("the `{}` that opens here is not closed in its line", bracket.0);
        return Diagnostic::error("yaml-syntax", Span::new(file, open..open + 1), message)
            .help(format!("write the closing `{}`, or the value in lines of its own", bracket.1));
    }
    let odd = |character: char| character.is_control() && !"\n\r\t\u{85}".contains(character);
    if let Some((at, odd)) = text.char_indices().find(|(_, character)| odd(*character)) {
        let message = format!("the invisible character U+{:04X} can't stand in YAML", u32::from(odd));
        return Diagnostic::error("yaml-syntax", Span::new(file, at..at + odd.len_utf8()), message)
            .help("remove it, or save the file as UTF-8 text");
    }
    let rest = text.get(offset..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let here = || after_bracket(text, line, offset).or_else(|| key_at(error.kind(), line, offset));
    if let Some(fault) = here().or_else(|| earlier::fault(error.kind(), text, offset)) {
        return Diagnostic::error("yaml-syntax", Span::new(file, fault.range), fault.message)
            .help(fault.help);
    }
    let (message, help) = line_in_question(error.kind(), line).unwrap_or_else(|| words(error.kind()));
    let message = message.map_or_else(|| format!("not valid YAML: {}", error.info()), str::to_owned);
    Diagnostic::error("yaml-syntax", span, message).help(help)
}

/// The first line by which git marks a conflict. Texts have the mark of the middle too, under their headings.
fn conflict_mark(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// The first tab in the indentation of the line where the parser stopped, or of its neighbours.
fn tab_in_indentation(text: &str, offset: usize) -> Option<usize> {
    let line_start =
        |at: usize| text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let here = line_start(offset);
    let before = line_start(here.saturating_sub(1));
    let after = text.get(here..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| here + at + 1);
    [before, here, after].into_iter().find_map(|start| {
        let line = text.get(start..)?.lines().next()?;
        let indentation = line.find(|character: char| !character.is_whitespace()).unwrap_or(line.len());
        line.get(..indentation)?.find('\t').map(|tab| start + tab)
    })
}

/// The bracket that somebody forgot to close, where the parser stopped in a later line only.
fn left_open(kind: &ErrorKind, text: &str, offset: usize) -> Option<usize> {
    use ErrorKind as Kind;
    let about_brackets = matches!(
        kind,
        Kind::ExpectedFlowMappingSeparator
            | Kind::ExpectedFlowSequenceSeparator
            | Kind::InvalidColonPlacement
            | Kind::UnclosedFlowCollection { .. }
            | Kind::UnexpectedEofFlowMapping
            | Kind::UnexpectedEofFlowSequence
            | Kind::UnexpectedEofImplicitFlowMapping
    );
    let before = text.get(..offset).filter(|_| about_brackets)?;
    let open = innermost_bracket(before)?;
    before.get(open..)?.contains('\n').then_some(open)
}

/// The last bracket that a text opens and does not close. Quotes and comments are passed over.
fn innermost_bracket(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    let mut comment = false;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let begins = before.is_whitespace() || "[{,:".contains(before);
        match character {
            '\n' => comment = false,
            _ if comment => {}
            _ if quote == Some(character) && before != '\\' => quote = None,
            _ if quote.is_some() => {}
            '#' if before.is_whitespace() => comment = true,
            '"' | '\'' if begins => quote = Some(character),
            '[' | '{' if begins || !open.is_empty() => open.push(at),
            ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
        before = character;
    }
    open.pop()
}

/// What follows a closing bracket in its line, where the parser stopped, and no other bracket is open.
fn after_bracket(text: &str, line: &str, offset: usize) -> Option<Fault> {
    let before = text.get(..offset)?;
    let bracket = before.trim_end_matches(' ').chars().next_back()?;
    let words = line.trim_end();
    let follows = !words.is_empty() && !words.starts_with([']', '}', ':']);
    if !matches!(bracket, ']' | '}') || !follows || innermost_bracket(before).is_some() {
        return None;
    }
    let (message, help) = if words.starts_with('#') {
        ("a blank is missing before the `#` that begins a comment".to_owned(), "write a blank before the `#`")
    } else {
        (
            format!("something follows the `{bracket}` that closes the value"),
            "remove it, or write it inside of the brackets; where it is a comment, begin it with `#`",
        )
    };
    Some(Fault { range: offset..offset + words.len(), message, help })
}

/// What is wrong with the key that the parser expected where it stopped.
fn key_at(kind: &ErrorKind, line: &str, offset: usize) -> Option<Fault> {
    use ErrorKind as Kind;
    let of_a_key =
        matches!(kind, Kind::ExpectedBlockMappingKey | Kind::SimpleKeyExpected | Kind::InvalidSimpleKey);
    let fault = earlier::key_fault(line.trim_end()).filter(|_| of_a_key)?;
    Some(Fault { range: offset + fault.range.start..offset + fault.range.end, ..fault })
}

/// What a look at the line tells better than the parser's error does.
fn line_in_question(kind: &ErrorKind, line: &str) -> Option<(Option<&'static str>, &'static str)> {
    use ErrorKind as Kind;
    match kind {
        Kind::ExpectedBlockSequenceEntry | Kind::BlockSequenceEntryNotAllowed if !line.starts_with('-') => {
            Some((Some(OUT_OF_LINE.0), OUT_OF_LINE.1))
        }
        _ if line.starts_with(',') => {
            Some((Some("nothing stands before this `,`"), "remove the `,`, or write the value before it"))
        }
        _ => None,
    }
}

fn words(kind: &ErrorKind) -> (Option<&'static str>, &'static str) {
    use ErrorKind as Kind;
    match kind {
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabAtBlockScalarStart => {
            (Some("a tab stands where only spaces may"), "replace the tab by spaces")
        }
        Kind::UnclosedQuotedScalar => {
            (Some("the quote that opens here is never closed"), "close it with the same kind of quote")
        }
        Kind::UnclosedFlowCollection { .. }
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofImplicitFlowMapping => (
            Some("a `[` or `{` is never closed"),
            "close it, or write the list with `- ` on lines of their own",
        ),
        Kind::ExpectedFlowMappingSeparator | Kind::ExpectedFlowSequenceSeparator => (
            Some("a `,` or the closing bracket is missing before this"),
            "separate what stands in brackets by commas",
        ),
        Kind::MismatchedFlowCollectionEnd { .. } => (
            Some("the bracket that opens here is closed by one of another kind, or not at all"),
            "close `[` by `]` and `{` by `}`, the inner one first",
        ),
        Kind::MisplacedFlowCollectionEnd => (
            Some("this bracket closes nothing that is open"),
            "remove it, or write the bracket that opens it",
        ),
        Kind::MissingAnchorOrAliasName => (
            Some("`*` and `&` have a meaning of their own at the beginning of a text"),
            "put the whole text in double quotes, as in \"* *\"",
        ),
        Kind::MappingValueNotAllowed => (
            Some("a second `: ` where one value is expected"),
            "put the value in double quotes if the `:` belongs to it; else begin each key of a mapping in one column",
        ),
        Kind::InvalidColonPlacement => (
            Some("a `:` where no key can be: is a `]` or `}` missing before it?"),
            "close what is open in the lines above, or put the text in double quotes",
        ),
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => (
            Some("a text in quotes ends at its closing quote, and something follows"),
            "put the whole value in one pair of quotes, and a `,` between two values",
        ),
        Kind::UnknownAnchor => (
            Some("an alias (`*name`) of an anchor that does not exist"),
            "put the text in quotes if it begins with `*`: \"* *\"",
        ),
        Kind::UnknownQuotedScalarEscape => {
            (Some("an unknown escape in double quotes"), "write `\\\\` for a backslash, or use single quotes")
        }
        Kind::UnexpectedCharacter { .. } => {
            (Some("a text can't begin with this character"), "put the whole value in double quotes")
        }
        Kind::ExpectedBlockMappingKey
        | Kind::InvalidIndentation
        | Kind::SimpleKeyExpected
        | Kind::InvalidSimpleKey => (Some(OUT_OF_LINE.0), OUT_OF_LINE.1),
        Kind::ExpectedBlockSequenceEntry | Kind::BlockSequenceEntryNotAllowed => (
            Some("a list entry (`- `) stands where none can"),
            "begin all entries of a list in one column, under their key",
        ),
        Kind::DirectiveDisallowed
        | Kind::MissingDocumentEndBeforeDirective
        | Kind::UnsupportedYamlMajorVersion => {
            (Some("YAML directives (`%...`) are not read"), "remove the line")
        }
        Kind::UndeclaredTagHandle | Kind::ExpectedTagBang | Kind::InvalidTagTerminator => {
            (Some("YAML tags (`!...`) are not read"), "put the text in quotes if it begins with `!`")
        }
        Kind::RecursionLimitExceeded => {
            (Some("nested too deep"), "no file of a workspace needs that: flatten it")
        }
        _ => (None, "mend the line, or write the value in double quotes"),
    }
}
