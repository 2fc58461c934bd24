//! The names that a template binds itself.

/// The names of `{% for %}`, `{% set %}` and `{% macro %}`, wherever in the template they hold.
pub fn bound(source: &str) -> Vec<&str> {
    let statements = source.split("{%").skip(1).filter_map(|rest| rest.split("%}").next());
    statements.flat_map(bound_by).collect()
}

fn bound_by(statement: &str) -> Vec<&str> {
    let statement = statement.trim_start_matches(['-', '+']).trim_start();
    let (keyword, rest) = statement.split_once(char::is_whitespace).unwrap_or_default();
    let (names, own) = match keyword {
        "for" => (rest.split(" in ").next(), Some("loop")),
        "set" => (rest.split('=').next(), None),
        "macro" => (rest.split(')').next(), None),
        _ => (None, None),
    };
    let words = names.unwrap_or_default().split([',', '(', ')', ' ']);
    words.filter(|word| is_name(word)).chain(own).collect()
}

fn is_name(word: &str) -> bool {
    let letter = |character: char| character.is_alphanumeric() || character == '_';
    word.starts_with(|first: char| first.is_alphabetic() || first == '_') && word.chars().all(letter)
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
}
