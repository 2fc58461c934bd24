//! What to write instead of a filter that does not exist.

use tegata_rbac::suggest::closest;

use super::builtins::FILTERS;

/// What helps whoever wrote such a filter.
pub fn instead_of(name: &str) -> String {
    match name.to_lowercase().replace('_', "").as_str() {
        "toyaml" | "toniceyaml" | "yaml" | "tojson" | "tonicejson" | "json" | "nindent" => {
            "`{{ }}` writes YAML as it is, a list or a mapping on one line: leave the filter out, or write `| block(4)` \
             for a mapping on lines of its own, behind 4 blanks"
                .to_owned()
        }
        "quote" | "squote" => "`{{ }}` writes the quotes that a value needs: leave the filter out".to_owned(),
        _ => closest(name, FILTERS.iter().copied()).map_or_else(
            || {
                "`block` writes a mapping on lines of its own, `comment` a text behind a `#`; docs/templates.md lists \
                 the other filters"
                    .to_owned()
            },
            |near| format!("did you mean `{near}`?"),
        ),
    }
}
