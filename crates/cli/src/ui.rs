//! Everything that is printed.
//!
//! What was asked for (a diff, a JSON document, a completion script) goes to standard output, everything that
//! is said about it to standard error. Colour only decorates; it is dropped where nobody sees it.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};

use crate::{Fault, visible};

/// How far a run must be from its beginning before its progress is worth a line.
const PATIENCE: Duration = Duration::from_millis(700);
const REFRESH: Duration = Duration::from_millis(100);

/// Whether something that was asked for could not be written.
static OUT_FAILED: AtomicBool = AtomicBool::new(false);

/// Writes to standard output. A closed pipe is not an error: whoever read it has seen enough. Any other failure is
/// told once, and remembered for the exit code ([`crate::end`]).
pub fn out(text: &str) {
    let mut stdout = anstream::stdout().lock();
    // Without the flush, the end of a text would fail unseen when the process ends.
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && !OUT_FAILED.swap(true, Ordering::Relaxed)
    {
        let help = "check free space where it goes, then run the command again";
        say(&Fault::new("not-written", format!("can't write to standard output: {error}"), help).text());
    }
}

/// Whether something that was asked for could not be written.
pub(crate) fn out_failed() -> bool {
    OUT_FAILED.load(Ordering::Relaxed)
}

/// The folder that the command was told to work on.
static DIRECTORY: OnceLock<String> = OnceLock::new();

/// From here on, the commands that people are told to run are about the workspace in that folder, too.
pub fn speak_of(directory: &str) {
    // The first one stands: a process has one command.
    let _ = DIRECTORY.set(shell_word(directory));
}

/// A text as a shell takes it for one word.
fn shell_word(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+:@,=%~".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Writes to standard error.
pub fn say(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Writes a sentence of the tool's own to standard error, which may tell people to run a command.
pub fn tell(sentence: &str) {
    say(&with_folder(sentence));
}

/// A sentence of the tool's own, such as a help, with the folder of `-C` in the commands that it tells people to run.
/// It is not for what others wrote: an excerpt of a file shows what the file says.
pub fn with_folder(sentence: &str) -> Cow<'_, str> {
    match DIRECTORY.get() {
        Some(directory) => Cow::Owned(with(directory, sentence)),
        None => Cow::Borrowed(sentence),
    }
}

fn with(directory: &str, sentence: &str) -> String {
    const BARE: &str = "`cargo xtask ";
    sentence.replace(BARE, &format!("{BARE}-C {directory} "))
}

/// A text in a colour.
pub fn coloured(colour: AnsiColor, text: &str) -> String {
    let style = Style::new().fg_color(Some(colour.into()));
    format!("{style}{text}{style:#}")
}

/// A unified diff with its lines coloured by what they do. What the files hold acts on no terminal.
pub fn diff(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let (line, end) = line.strip_suffix('\r').map_or((line, "\n"), |line| (line, "\r\n"));
        let colour = match line.as_bytes().first() {
            Some(b'+') => Some(AnsiColor::Green),
            Some(b'-') => Some(AnsiColor::Red),
            Some(b'@') => Some(AnsiColor::Cyan),
            _ => None,
        };
        let content = visible::of_file(line);
        match colour {
            Some(colour) => out.push_str(&coloured(colour, &content)),
            None => out.push_str(&content),
        }
        out.push_str(end);
    }
    out
}

/// A line on a terminal that says how far a long run has come; nothing in a pipe, and nothing in a short run.
pub struct Progress {
    terminal: bool,
    begin: Instant,
    last: Mutex<Instant>,
}

impl Progress {
    /// A run begins.
    pub fn begin() -> Progress {
        let now = Instant::now();
        Progress { terminal: std::io::stderr().is_terminal(), begin: now, last: Mutex::new(now) }
    }

    /// So many files of so many are done.
    pub fn at(&self, done: usize, all: usize) {
        if !self.terminal || self.begin.elapsed() < PATIENCE {
            return;
        }
        // Another thread is printing: this number is old by the time it is done.
        let Ok(mut last) = self.last.try_lock() else { return };
        if done == all {
            say("\r\x1b[K");
        } else if last.elapsed() >= REFRESH {
            *last = Instant::now();
            say(&format!("\rrendered {done} of {all} files\x1b[K"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_the_folder() {
        let text =
            "`cargo xtask diff` shows it, `cargo xtask apply --prune` and `apply` mend it: cargo xtask";
        let expected = "`cargo xtask -C ~/ci diff` shows it, `cargo xtask -C ~/ci apply --prune` and `apply` mend it: cargo xtask";
        assert_eq!(with("~/ci", text), expected);
    }

    #[test]
    fn a_shell_takes_the_folder_for_one_word() {
        for (folder, word) in [
            ("../größer/ci-2", "../größer/ci-2"),
            ("/tmp/my ci", "'/tmp/my ci'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(folder), word);
        }
    }

    #[test]
    fn what_files_hold_acts_on_no_terminal() {
        let shown = diff("+a\u{1b}[2J\tb\r\n c\rd");
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), "+a\\x1b[2J\tb\r\n c\\x0dd\n");
    }
}
