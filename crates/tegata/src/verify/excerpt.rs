//! The lines of a rendered text around a place, for people who only know its template.

/// Lines shown before the one in question, and behind it.
const BEFORE: usize = 2;
const BEHIND: usize = 1;

/// More characters of a line than help anybody.
const WIDEST: usize = 100;

/// The line of a byte and its neighbours, each with its number; a `>` stands before the line itself.
pub fn around(text: &str, offset: usize) -> String {
    // What is left open at the end is told of the last line.
    let last = text.lines().count().saturating_sub(1);
    let middle = text.bytes().take(offset).filter(|byte| *byte == b'\n').count().min(last);
    let first = middle.saturating_sub(BEFORE);
    let lines = text.lines().enumerate().skip(first).take(middle + BEHIND + 1 - first);
    let width = (middle + BEHIND + 1).to_string().len();
    let shown = lines.map(|(index, line)| {
        let mark = if index == middle { '>' } else { ' ' };
        format!("{mark} {:>width$} | {}", index + 1, visible(line)).trim_end().to_owned()
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// A line with its control characters written out, tabs before all, and not endless.
fn visible(line: &str) -> String {
    let mut shown: String = line
        .chars()
        .take(WIDEST)
        .flat_map(|character| {
            let escape = character.is_control().then(|| character.escape_default());
            let itself = if escape.is_none() { Some(character) } else { None };
            escape.into_iter().flatten().chain(itself)
        })
        .collect();
    if line.chars().nth(WIDEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_shown() {
        let text = "a: 1\nb: 2\nc:\n\td: 3\ne: 4\nf: 5\n";
        assert_eq!(around(text, 13), "  2 | b: 2\n  3 | c:\n> 4 | \\td: 3\n  5 | e: 4");
        assert_eq!(around(text, 0), "> 1 | a: 1\n  2 | b: 2");
        assert_eq!(around("a: [\n", 5), "> 1 | a: [");
        assert_eq!(around(&"x".repeat(200), 150), format!("> 1 | {}…", "x".repeat(WIDEST)));
        let long = "x: 1\n".repeat(9) + "\n";
        assert_eq!(around(&long, 44), "   7 | x: 1\n   8 | x: 1\n>  9 | x: 1\n  10 |");
    }
}
