//! Programs that run beside a test and stop with it.

use std::fs::File;
use std::io::Write;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::command::last_lines;

/// The last lines of a log, or why there are none.
pub(crate) fn end_of(log: &Utf8Path) -> String {
    match fs::read(log) {
        Ok(text) => last_lines(&String::from_utf8_lossy(&text), 20),
        Err(error) => error.to_string(),
    }
}

/// The shell becomes the program, and leaves a child behind that waits for a line on the pipe from this process. The
/// pipe closes without a line when this process dies, however it dies; the child then kills the program. (The system
/// call for this needs `unsafe`, and exists on Linux only.)
const WATCHED: &str = r#"exec 3<&0 </dev/null
( read -r line <&3 || kill -9 $$ ) &
exec "$@" 3<&-"#;

/// A program that stops when this value, or this process, goes.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    /// The watcher reads from it. Apart from the child, whose `wait` would close it.
    owner: Option<ChildStdin>,
    log: Utf8PathBuf,
}

impl Process {
    /// Starts a program whose standard output and error go to a file.
    pub(crate) fn start(program: &Utf8Path, arguments: &[String], log: &Utf8Path) -> Result<Self> {
        Self::start_with(program, arguments, log, |_| {})
    }

    /// The same with a say in the environment.
    pub(crate) fn start_with(
        program: &Utf8Path,
        arguments: &[String],
        log: &Utf8Path,
        prepare: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let output: File = fs::File::create(log)?.into_parts().0;
        let mut command = Command::new("sh");
        command.args(["-c", WATCHED, "sh", program.as_str()]).args(arguments);
        prepare(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(output.try_clone().with_context(|| format!("cannot share {log}"))?)
            .stderr(output)
            .spawn()
            .context("cannot run sh")?;
        let owner = child.stdin.take();
        let name = program.file_name().unwrap_or("program").to_owned();
        Ok(Self { name, child, owner, log: log.to_owned() })
    }

    /// An error with the end of the log if the program is no longer running.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}):\n{}", self.name, end_of(&self.log)),
        }
    }

    /// Waits for the program's own end; an error with the end of the log if it takes longer than this.
    pub(crate) fn wait(&mut self, at_most: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + at_most;
        loop {
            if let Some(status) =
                self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))?
            {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("{} still runs after {} s:\n{}", self.name, at_most.as_secs(), end_of(&self.log));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and most mean that the program has gone already. It is killed
        // outright: its data are removed next, and a graceful end would take seconds.
        let _ = self.child.kill();
        if let Some(mut owner) = self.owner.take() {
            // Lets the watcher go without killing: the number may soon be another program's.
            let _ = owner.write_all(b"\n");
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alive(process: u32) -> bool {
        Command::new("sh").args(["-c", &format!("kill -0 {process} 2>/dev/null")]).status().unwrap().success()
    }

    #[test]
    fn a_dropped_process_is_gone() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let log = Utf8Path::from_path(folder.path()).context("not UTF-8")?.join("log");
        let mut process = Process::start(Utf8Path::new("sleep"), &["60".into()], &log)?;
        let number = process.child.id();
        process.check()?;
        assert!(alive(number));
        drop(process);
        assert!(!alive(number));
        Ok(())
    }

    #[test]
    fn a_process_whose_owner_dies_is_gone() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let log = Utf8Path::from_path(folder.path()).context("not UTF-8")?.join("log");
        let mut process = Process::start(Utf8Path::new("sleep"), &["60".into()], &log)?;
        // What the system does to the pipe when its owner dies.
        drop(process.owner.take());
        let status = process.child.wait()?;
        assert!(!status.success());
        Ok(())
    }

    #[test]
    fn a_process_that_ended_says_why() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let log = Utf8Path::from_path(folder.path()).context("not UTF-8")?.join("log");
        let mut process =
            Process::start(Utf8Path::new("sh"), &["-c".into(), "echo no luck >&2; exit 7".into()], &log)?;
        process.child.wait()?;
        let error = process.check().unwrap_err().to_string();
        assert!(error.contains("no luck"), "{error}");
        Ok(())
    }
}
