//! What looks like YAML, or like nothing, and is text to a parser: a fence of Markdown, blanks that are none, the dashes of
//! a text processor.

use super::earlier::{Fault, is_odd_blank};

/// What a text was wrapped in where it was copied from a page or a chat. Inside of a value it is indented.
pub fn fence(text: &str) -> Option<Fault> {
    let line = lines(text).find(|(_, line)| line.starts_with("```"))?;
    Some(Fault {
        range: line.0..line.0 + line.1.trim_end().len(),
        message: "three backticks are Markdown's, and mean nothing in YAML".to_owned(),
        help: "remove the lines with three backticks",
    })
}

/// The line where the parser stopped, or one shortly above, that begins with a blank, or a dash, which is none. Further up
/// it may be part of a text that is meant so.
pub fn odd_beginning(text: &str, offset: usize) -> Option<Fault> {
    const NEAR: usize = 3;
    let up_to = lines(text).take_while(|(start, _)| *start <= offset);
    let said: Vec<_> = up_to.filter(|(_, line)| !line.trim().is_empty()).collect();
    let mut near = said.into_iter().rev().take(NEAR);
    near.find_map(|(start, line)| odd_blank(start, line).or_else(|| odd_dash(start, line)))
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        (start, line)
    })
}

fn odd_blank(start: usize, line: &str) -> Option<Fault> {
    let indentation = line.find(|character: char| character != ' ' && !is_odd_blank(character))?;
    let (at, odd) =
        line.get(..indentation)?.char_indices().find(|(_, character)| is_odd_blank(*character))?;
    Some(Fault {
        range: start + at..start + at + odd.len_utf8(),
        message: format!(
            "the character U+{:04X} indents this line: it looks like a blank, and is none",
            u32::from(odd)
        ),
        help: "replace the blanks that begin this line by ordinary ones",
    })
}

/// The dash of a text processor, where a line or key that starts there begins with one.
pub fn odd_dash(start: usize, line: &str) -> Option<Fault> {
    let words = line.trim_start_matches(' ');
    let dash = words.chars().next().filter(|dash| is_odd_dash(*dash))?;
    let at = start + line.len() - words.len();
    words.get(dash.len_utf8()..)?.starts_with(' ').then(|| Fault {
        range: at..at + dash.len_utf8(),
        message: format!("the `{dash}` (U+{:04X}) is a letter to YAML, and begins no entry", u32::from(dash)),
        help: "write the minus of the keyboard: `- `",
    })
}

/// Whether a character is drawn like the dash of a list, and is another one.
fn is_odd_dash(character: char) -> bool {
    matches!(
        character,
        '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}
