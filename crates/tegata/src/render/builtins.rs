//! The names of what MiniJinja brings along. It tells nobody, so that they stand here; a test compares.

/// The filters, tegata's first.
pub const FILTERS: &[&str] = &[
    "block",
    "comment",
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "zip",
];

/// The tests that are words, as in `is defined`.
pub const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Templates;

    /// What the environment lists when it is printed for developers.
    fn listed(environment: &str, what: &str) -> Vec<String> {
        let (_, list) = environment.split_once(&format!(" {what}: [")).unwrap();
        let (list, _) = list.split_once(']').unwrap();
        let words = list.split('"').skip(1).step_by(2);
        let is_word = |word: &&str| word.starts_with(|first: char| first.is_alphabetic());
        words.filter(is_word).map(str::to_owned).collect()
    }

    /// What the page on templates promises is there, and what is there the page says.
    #[test]
    fn they_are_what_the_page_lists() {
        let page = include_str!("../../../../docs/templates.md");
        let (_, rest) = page.split_once("MiniJinja has these:").unwrap();
        let (list, _) = rest.split_once(".\n").unwrap();
        let listed: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
        assert_eq!(["block", "comment"].into_iter().chain(listed).collect::<Vec<_>>(), FILTERS);
    }

    #[test]
    fn they_are_what_the_engine_has() {
        let (templates, _) = Templates::new(std::collections::HashMap::default());
        let environment = format!("{templates:?}");
        for (what, names) in [("filters", FILTERS), ("tests", TESTS)] {
            let mut names = names.to_vec();
            names.sort_unstable();
            assert_eq!(listed(&environment, what), names, "{what}");
        }
    }
}
