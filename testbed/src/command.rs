//! Running other programs, and telling people about it.

use std::ffi::OsStr;
use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// A line for people on standard error: builds take minutes, and silence looks like a hang.
pub(crate) fn progress(message: &str) {
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "testbed: {message}");
}

/// The end of a text, where the reason of a failure stands.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (_, end) = lines.split_at(lines.len().saturating_sub(count));
    end.join("\n")
}

/// Runs a program to its end with a text as its standard input.
pub(crate) fn output_with_input(command: &mut Command, input: &str) -> Result<Output> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // Beside the reading: with both pipes full, each side would wait for the other for ever.
        let writer = scope.spawn(move || match stdin {
            Some(mut stdin) => stdin.write_all(input.as_bytes()),
            None => Ok(()),
        });
        let output = child.wait_with_output()?;
        match writer.join() {
            // A program that has seen enough may stop reading; its exit code and words tell the rest.
            Ok(Err(error)) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            Ok(_) => Ok(output),
            Err(_) => bail!("the thread that writes to {} panicked", command.get_program().display()),
        }
    })
}

/// The standard output of a run that succeeded; otherwise an error with what the program said.
pub(crate) fn stdout_of(command: &Command, output: Output) -> Result<String> {
    if !output.status.success() {
        bail!(
            "`{}` failed ({}):\n{}",
            words(command).join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` wrote no UTF-8", words(command).join(" ")))
}

/// The command as people would type it: the program without its folder.
fn words(command: &Command) -> Vec<String> {
    let program = command.get_program();
    let name = std::path::Path::new(program).file_name().unwrap_or(program);
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word: &OsStr| word.to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_input_does_not_hang() -> Result<()> {
        let input = "x".repeat(1 << 20);
        let mut cat = Command::new("cat");
        let output = output_with_input(&mut cat, &input)?;
        assert_eq!(stdout_of(&cat, output)?, input);
        Ok(())
    }

    #[test]
    fn a_program_that_does_not_read_is_no_error() -> Result<()> {
        let output = output_with_input(&mut Command::new("true"), &"x".repeat(1 << 20))?;
        assert!(output.status.success());
        Ok(())
    }

    #[test]
    fn a_failure_says_what_was_run_and_what_it_said() -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no >&2; exit 3"]);
        let output = output_with_input(&mut command, "")?;
        let error = stdout_of(&command, output).unwrap_err().to_string();
        assert!(error.starts_with("`sh -c ") && error.ends_with("no"), "{error}");
        Ok(())
    }

    #[test]
    fn the_end_of_a_text_is_kept() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
        assert_eq!(last_lines("", 2), "");
    }
}
