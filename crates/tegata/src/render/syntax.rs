//! A template that its engine can't read: what is wrong, and where, in the words of people who know other languages.

use std::ops::Range;

use minijinja::{Error, ErrorKind};
use tegata_rbac::look_alike::plain;
use tegata_rbac::names::is_invisible;
use tegata_rbac::suggest::closest;

use super::blocks::{self, Fault};
use super::tags::{self, Kind, Tag};
use crate::shape::text::looks_like_a_blank;

/// What is wrong with a template's text.
#[derive(Debug)]
pub struct Told {
    /// The bytes.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// The statements, for the one that is meant.
const STATEMENTS: &[&str] = &[
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "with",
    "endwith",
    "include",
    "import",
    "from",
    "macro",
    "endmacro",
    "call",
    "endcall",
    "filter",
    "endfilter",
    "block",
    "endblock",
    "extends",
    "raw",
    "endraw",
    "autoescape",
    "endautoescape",
    "do",
];

/// What an error of the engine means, where that can be told better than by the engine.
pub fn explain(error: &Error, source: &str) -> Option<Told> {
    let detail = error.detail().filter(|_| error.kind() == ErrorKind::SyntaxError)?;
    let range = error.range()?;
    let tags = tags::of(source);
    let before = |tag: &&Tag<'_>| tag.range.start <= range.start;
    if let Some(open) = tags.iter().filter(before).find(|tag| !tag.is_closed) {
        return unclosed_tag(detail, open);
    }
    let here = tags.iter().rfind(|tag| tag.range.contains(&range.start));
    if let Some(told) = here.and_then(|tag| of_another_language(tag)) {
        return Some(told);
    }
    character(source, range.start)
        .or_else(|| operator(detail, source, &range))
        .or_else(|| statement(detail, &range, &tags))
        .or_else(|| block(detail, source, &tags))
}

/// A tag that the next one follows, or nothing.
fn unclosed_tag(detail: &str, open: &Tag<'_>) -> Option<Told> {
    let (opening, closing) = (open.kind.opening(), open.kind.closing());
    // A quote that nobody closed takes in the end of its tag.
    (detail != "unexpected end of string").then(|| Told {
        range: open.range.clone(),
        message: format!("the `{opening}` that opens here is not closed"),
        help: format!("write `{closing}` where it ends"),
    })
}

/// A statement of Go's templates, and what it is called here.
pub fn go_statement(word: &str) -> Option<&'static str> {
    Some(match word {
        "if" => "write `{% if … %}` and `{% endif %}`",
        "else" => "write `{% else %}`, or `{% elif … %}`",
        "end" => "write `{% endif %}` or `{% endfor %}`",
        "range" => "write `{% for job in jobs %}` and `{% endfor %}`, with what you go through",
        "define" | "template" => "write `{% include \"…\" %}`, with the path of a template below templates/",
        _ => return None,
    })
}

/// What only Go's templates have: statements in `{{ }}`, and names that begin with a dot.
fn of_another_language(tag: &Tag<'_>) -> Option<Told> {
    let (word, _) = tag.words();
    let told = |message: String, help: String| {
        let help = format!("this is not a Go template: {help}");
        Some(Told { range: tag.range.clone(), message, help })
    };
    if let Some(help) = go_statement(word).filter(|_| tag.kind == Kind::Value) {
        return told(format!("`{word}` is a statement, and `{{{{ }}}}` writes a value"), help.to_owned());
    }
    let is_name =
        |part: &&str| part.strip_prefix('.').is_some_and(|name| name.starts_with(char::is_alphabetic));
    let mut parts = tag.inside.split([' ', '(', ')', ',', '|']);
    let dotted = parts.find(is_name)?;
    told(
        format!("`{dotted}` begins with a dot"),
        "write a name that this template sees, as in `{{ source }}`".to_owned(),
    )
}

/// A character that templates know in texts only: the engine stumbles over the first of its bytes.
fn character(source: &str, offset: usize) -> Option<Told> {
    let start = source.floor_char_boundary(offset);
    let odd = source.get(start..)?.chars().next().filter(|character| !character.is_ascii())?;
    let code = format!("U+{:04X}", u32::from(odd));
    let (message, help) = if odd.is_whitespace() {
        (format!("the character {code} means nothing here"), looks_like_a_blank(odd))
    } else if is_invisible(odd) {
        (
            format!("the character {code} means nothing here"),
            format!("remove the character {code}, which is invisible"),
        )
    } else if let Some(plain) = plain(odd) {
        (format!("the `{odd}` is {code}, which only looks like `{plain}`"), format!("write `{plain}`"))
    } else if odd.is_alphanumeric() {
        (
            format!("no name holds `{odd}`"),
            "names in templates are of ASCII letters, digits and `_`".to_owned(),
        )
    } else {
        (format!("`{odd}` means nothing here"), "remove it, or put it in quotes, as a text".to_owned())
    };
    Some(Told { range: start..start + odd.len_utf8(), message, help })
}

/// What other languages write for `and`, `or`, `not` and `==`.
fn operator(detail: &str, source: &str, range: &Range<usize>) -> Option<Told> {
    let (before, rest) = source.split_at_checked(range.start)?;
    let (written, length, start, help) = if rest.starts_with("&&") {
        ("&&", 2, range.start, "write `and`")
    } else if rest.starts_with('|') && before.ends_with('|') {
        ("||", 2, range.start - 1, "write `or`")
    } else if rest.starts_with('!') {
        ("!", 1, range.start, "write `not`")
    } else if rest.starts_with('?') {
        ("?", 1, range.start, "write `a if condition else b`")
    } else if rest.starts_with('=') && detail.starts_with("unexpected") {
        return Some(Told {
            range: range.start..range.start + 1,
            message: "a `=` sets a value, and none is set here".to_owned(),
            help: "write `==` to compare".to_owned(),
        });
    } else {
        return None;
    };
    let message = format!("there is no operator `{written}`");
    Some(Told { range: start..start + length, message, help: help.to_owned() })
}

/// A statement that does not exist.
fn statement(detail: &str, range: &Range<usize>, tags: &[Tag<'_>]) -> Option<Told> {
    let tag = tags.iter().find(|tag| tag.range.contains(&range.start))?;
    let told = |word: &str, help: String| {
        Some(Told { range: tag.range.clone(), message: format!("there is no statement `{word}`"), help })
    };
    let (word, rest) = tag.words();
    if word == "else" && rest.starts_with("if") {
        return told("else if", "write `{% elif … %}`".to_owned());
    }
    detail.strip_prefix("unknown statement ").filter(|name| *name == word && !STATEMENTS.contains(name))?;
    let above: Vec<Tag<'_>> =
        tags.iter().filter(|other| other.range.end <= tag.range.start).cloned().collect();
    match word {
        "elseif" | "elsif" => told(word, "write `{% elif … %}`".to_owned()),
        "break" | "continue" => {
            told(word, "leave items out by a condition, as in `{% for job in jobs if job.tags %}`".to_owned())
        }
        "end" => told(word, format!("write `{{% end{} %}}`", blocks::innermost(&above).unwrap_or("if"))),
        _ => {
            let near = closest(word, STATEMENTS.iter().copied());
            told(
                word,
                near.map_or_else(
                    || "the statements are `if`, `for`, `set`, `include` and `macro`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ),
            )
        }
    }
}

/// A block without its end, or an end without its block.
fn block(detail: &str, source: &str, tags: &[Tag<'_>]) -> Option<Told> {
    let of_blocks = ["unknown statement e", "unexpected end of input", "unexpected end of raw block"];
    if !of_blocks.iter().any(|words| detail.starts_with(words)) {
        return None;
    }
    match blocks::fault(tags)? {
        Fault::Unclosed(tag) => {
            let (word, line) = (tag.words().0, line_of(source, tag.range.start));
            Some(Told {
                range: tag.range.clone(),
                message: format!("the `{{% {word} %}}` of line {line} is not closed"),
                help: format!("write `{{% end{word} %}}` where it ends"),
            })
        }
        Fault::Stray(tag) => {
            // Somebody who knows Go's templates may have opened it in `{{ }}`.
            let mut above = tags.iter().filter(|other| other.range.end <= tag.range.start);
            let go = above.find(|other| other.kind == Kind::Value && go_statement(other.words().0).is_some());
            go.and_then(of_another_language).or_else(|| Some(stray(tag)))
        }
    }
}

fn stray(tag: &Tag<'_>) -> Told {
    let word = tag.words().0;
    let block = word.strip_prefix("end").unwrap_or("if");
    let message = match word {
        "else" | "elif" => {
            format!("this `{{% {word} %}}` belongs to no `{{% if %}}`, or comes behind its `{{% else %}}`")
        }
        _ => format!("this `{{% {word} %}}` closes nothing"),
    };
    let help = format!("remove it, or write the `{{% {block} %}}` that it belongs to");
    Told { range: tag.range.clone(), message, help }
}

fn line_of(source: &str, offset: usize) -> usize {
    source.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
