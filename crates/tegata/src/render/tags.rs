//! The tags of a template, found without its engine, which says where it gave up, and not which tag was left open.

use std::ops::Range;

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{{ … }}`
    Value,
    /// `{% … %}`
    Statement,
    /// `{# … #}`
    Comment,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Value, Kind::Statement, Kind::Comment];

    /// What opens such a tag.
    pub fn opening(self) -> &'static str {
        match self {
            Kind::Value => "{{",
            Kind::Statement => "{%",
            Kind::Comment => "{#",
        }
    }

    /// What closes it.
    pub fn closing(self) -> &'static str {
        match self {
            Kind::Value => "}}",
            Kind::Statement => "%}",
            Kind::Comment => "#}",
        }
    }
}

/// A tag of a template.
#[derive(Clone, Debug)]
pub struct Tag<'s> {
    /// What it is.
    pub kind: Kind,
    /// Its bytes: of one that is not closed, what opens it.
    pub range: Range<usize>,
    /// What stands in it; nothing in one that is not closed.
    pub inside: &'s str,
    /// Whether it is closed before the next one opens.
    pub is_closed: bool,
}

impl<'s> Tag<'s> {
    /// Its first word, and what follows.
    pub fn words(&self) -> (&'s str, &'s str) {
        let is_letter = |character: char| character.is_alphanumeric() || character == '_';
        let end = self.inside.find(|character| !is_letter(character)).unwrap_or(self.inside.len());
        self.inside.split_at_checked(end).map_or(("", ""), |(word, rest)| (word, rest.trim_start()))
    }

    /// Its first word, where it is a statement.
    pub fn statement(&self) -> Option<&'s str> {
        (self.kind == Kind::Statement).then(|| self.words().0)
    }
}

/// All tags of a template, in their order. What stands in `{% raw %}` has none.
pub fn of(source: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(tag) = next(source, at) {
        at = tag.range.end;
        if tag.statement() == Some("raw") {
            at = end_of_raw(source, at);
        }
        tags.push(tag);
    }
    tags
}

/// What a template writes besides comments, its own and those of YAML.
pub fn without_comments(source: &str) -> String {
    let mut rest = source.to_owned();
    for tag in of(source).iter().rev().filter(|tag| tag.kind == Kind::Comment) {
        rest.replace_range(tag.range.clone(), "");
    }
    let says_something = |line: &&str| !line.is_empty() && !line.starts_with('#');
    rest.lines().map(str::trim).filter(says_something).collect()
}

/// The first tag that opens from a byte on.
fn next(source: &str, from: usize) -> Option<Tag<'_>> {
    let rest = source.get(from..)?;
    let (at, kind) = Kind::ALL
        .into_iter()
        .filter_map(|kind| Some((rest.find(kind.opening())?, kind)))
        .min_by_key(|(at, _)| *at)?;
    let start = from + at;
    let inner = start + kind.opening().len();
    Some(match length(source.get(inner..)?, kind) {
        Some(length) => Tag {
            kind,
            range: start..inner + length + kind.closing().len(),
            inside: source
                .get(inner..inner + length)?
                .trim_start_matches(['-', '+'])
                .trim_end_matches(['-', '+'])
                .trim(),
            is_closed: true,
        },
        None => Tag { kind, range: start..inner, inside: "", is_closed: false },
    })
}

/// How long a tag is, without its brackets; nothing where it is not closed before the next one opens.
fn length(rest: &str, kind: Kind) -> Option<usize> {
    if kind == Kind::Comment {
        return rest.find(kind.closing());
    }
    let mut quote = None;
    let mut escaped = false;
    let mut depth = 0_usize;
    // Where a bracket is left open, the tag ends all the same.
    let mut too_deep = None;
    for (at, character) in rest.char_indices() {
        let here = rest.get(at..).unwrap_or_default();
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, _) if here.starts_with(kind.closing()) && (depth == 0 || kind == Kind::Statement) => {
                return Some(at);
            }
            (None, _) if Kind::ALL.iter().any(|kind| here.starts_with(kind.opening())) => break,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                if here.starts_with(kind.closing()) {
                    too_deep = too_deep.or(Some(at));
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    too_deep
}

/// Where `{% endraw %}` begins, or the end.
fn end_of_raw(source: &str, from: usize) -> usize {
    let ends = |at: &usize| {
        let inside = source.get(at + 2..).unwrap_or_default();
        inside.trim_start_matches(['-', '+']).trim_start().starts_with("endraw")
    };
    let rest = source.get(from..).unwrap_or_default();
    rest.match_indices("{%").map(|(at, _)| from + at).find(ends).unwrap_or(source.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found() {
        for (source, inside) in [
            ("a {{ b }} {%- if c -%}d{% endif %}", vec!["b", "if c", "endif"]),
            (
                "{{ \"}}\" }}{# {{ x }} #}{{ {\"a\": {\"b\": 1}} }}",
                vec!["\"}}\"", "{{ x }}", "{\"a\": {\"b\": 1}}"],
            ),
            ("{% raw %}{{ x }}{% if %}{%- endraw %}{{ y }}", vec!["raw", "endraw", "y"]),
            ("{{ (a }} {{ b }}", vec!["(a", "b"]),
            ("{{ a } {{ b }}", vec!["", "b"]),
            ("{% if a\n{{ b }}", vec!["", "b"]),
            ("{{ a", vec![""]),
            ("{# a", vec![""]),
            ("{ a }", vec![]),
        ] {
            let found: Vec<&str> = of(source).iter().map(|tag| tag.inside).collect();
            assert_eq!(found, inside, "{source}");
        }
    }
}
