//! Characters that don't get through the chart.
//!
//! The chart writes most of its values by Helm's `toYaml`, which makes JSON of a value and reads that as
//! YAML (`toYAML` in `pkg/engine/funcs.go` of Helm, `Marshal` of `sigs.k8s.io/yaml`). Control characters
//! that JSON leaves as they are and YAML doesn't take make it fail, and then Helm writes nothing in
//! place of the value, without a word: a manager would start without any configuration. What YAML 1.1
//! holds for the end of a line, go-yaml writes as it is, and the line breaks there.

/// The first character of a text that the chart would lose.
pub(crate) fn character(text: &str) -> Option<char> {
    text.chars().find(|character| {
        matches!(character, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
    })
}

/// What is wrong with it.
pub(crate) fn message(character: char) -> String {
    format!(
        "the chart can't carry the character U+{:04X}: Helm would drop what it stands in, or break the line",
        u32::from(character)
    )
}

/// What to do about it.
pub(crate) const HELP: &str = "remove it";
