//! Texts that others wrote, as they can be printed: nothing of them acts on a terminal, or hides itself from a reader.

use std::fmt::Write;

/// A text of several lines.
pub fn visible(text: &str) -> String {
    escaped(text, |character| character == '\n')
}

/// A text as a part of a line.
pub fn in_a_line(text: &str) -> String {
    visible(&text.replace('\n', "\\n"))
}

/// A line of a file, which may have tabs.
pub(crate) fn of_file(line: &str) -> String {
    escaped(line, |character| character == '\t')
}

fn escaped(text: &str, stays: fn(char) -> bool) -> String {
    let hides = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let code = u32::from(character);
        let _ = match character {
            character if stays(character) || !hides(character) => shown.write_char(character),
            '\0'..='\u{ff}' => write!(shown, "\\x{code:02x}"),
            _ => write!(shown, "\\u{{{code:x}}}"),
        };
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Kb\r\u{9b}1m\t\u{202e}c\n"), "a\\x1b[2Kb\\x0d\\x9b1m\\x09\\u{202e}c\n");
        assert_eq!(in_a_line("a\nb"), "a\\nb");
        assert_eq!(of_file("\ta\u{7f}"), "\ta\\x7f");
        assert_eq!(visible("größer – 東京\n"), "größer – 東京\n");
    }
}
