//! The names that a template binds itself.

use super::tags::{self, Tag};

/// The names of `{% for %}`, `{% set %}` and `{% macro %}`, wherever in the template they hold.
pub fn bound(source: &str) -> Vec<&str> {
    tags::of(source).iter().flat_map(bound_by).collect()
}

/// Those of them that hold at a byte of the template.
pub fn bound_at(source: &str, offset: usize) -> Vec<&str> {
    // What each block that is open there binds, beginning with the template itself.
    let mut scopes = vec![Vec::new()];
    for tag in tags::of(source).iter().take_while(|tag| tag.range.end <= offset) {
        match tag.statement() {
            Some("for" | "macro") => scopes.push(bound_by(tag)),
            Some("endfor" | "endmacro") => drop(scopes.pop()),
            _ => scopes.last_mut().into_iter().for_each(|scope| scope.extend(bound_by(tag))),
        }
    }
    scopes.into_iter().flatten().collect()
}

fn bound_by<'s>(tag: &Tag<'s>) -> Vec<&'s str> {
    let (Some(keyword), (_, rest)) = (tag.statement(), tag.words()) else { return Vec::new() };
    let (names, own) = match keyword {
        "for" => (rest.split(" in ").next(), Some("loop")),
        "set" => (rest.split('=').next(), None),
        "macro" => (rest.split(')').next(), None),
        _ => (None, None),
    };
    let words = names.unwrap_or_default().split([',', '(', ')', ' ']);
    words.filter(|word| is_name(word)).chain(own).collect()
}

/// Whether a word can be the name of a variable.
pub fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_') && word.chars().all(is_letter)
}

/// Whether a character can stand in the name of a variable.
pub fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_binds_names() {
        for (source, names) in [
            ("{% for object in objects %}{{ object }}{% endfor %}", vec!["object", "loop"]),
            ("{%- for (key, value) in data | items -%}", vec!["key", "value", "loop"]),
            ("{% set team = \"a = b\" %}{% set ns.x = 1 %}", vec!["team"]),
            ("{% set text %}a{% endset %}", vec!["text"]),
            ("{% macro label(key, value) %}{% endmacro %}", vec!["label", "key", "value"]),
            ("{% if a %}{% include \"b\" %}{% endif %}{{ c }}", vec![]),
        ] {
            assert_eq!(bound(source), names, "{source}");
        }
    }

    #[test]
    fn what_holds_where() {
        for (before, names) in [
            ("", vec![]),
            ("{% for job in jobs %}", vec!["job", "loop"]),
            (
                "{% for job in jobs %}{% set tag = 1 %}{% for name in job %}",
                vec!["job", "loop", "tag", "name", "loop"],
            ),
            ("{% for job in jobs %}{% set tag = 1 %}{% endfor %}", vec![]),
            ("{% set team = 1 %}{% for job in jobs %}{% endfor %}", vec!["team"]),
            ("{% endfor %}{% endfor %}", vec![]),
        ] {
            let source = format!("{before}{{{{ x }}}}{{% for late in x %}}{{% endfor %}}");
            assert_eq!(bound_at(&source, before.len()), names, "{source}");
        }
    }
}
