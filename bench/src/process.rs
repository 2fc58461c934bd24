//! Running programs, and what they take.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

/// How often a running process is asked for its peak of memory.
const POLL: Duration = Duration::from_millis(1);

/// The folder of the release build that this program belongs to.
pub fn release_folder() -> Result<Utf8PathBuf> {
    let program = std::env::current_exe().context("can't tell where this program is")?;
    let program = Utf8PathBuf::try_from(program).context("the path of this program is not UTF-8")?;
    Ok(program.parent().context("this program is in no folder")?.to_owned())
}

/// The root of the repository.
pub fn repository() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `xtask render`, the release build.
#[derive(Debug)]
pub struct Renderer {
    program: Utf8PathBuf,
}

impl Renderer {
    /// Builds it beside this program.
    pub fn build() -> Result<Renderer> {
        let folder = release_folder()?;
        let target = folder.parent().context("the release folder has no parent")?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", "xtask", "--target-dir"])
            .arg(target)
            .current_dir(repository())
            .status()
            .context("can't start cargo")?;
        if !status.success() {
            bail!("cargo build --release --package xtask failed ({status})");
        }
        let program = target.join("release").join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
        if !program.is_file() {
            bail!("{program} is missing after the build");
        }
        Ok(Renderer { program })
    }

    fn command(&self, root: &Utf8Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("render").arg("-C").arg(root);
        // What is remembered goes with the workspaces.
        command.env("XDG_CACHE_HOME", root.with_file_name("cache"));
        command
    }

    /// How long `render --check` takes, which verifies everything again.
    pub fn time_check(&self, root: &Utf8Path) -> Result<Duration> {
        time(self.command(root).arg("--check"))
    }

    /// How long `render` takes, from the start of the process to its end.
    pub fn time(&self, root: &Utf8Path) -> Result<Duration> {
        time(&mut self.command(root))
    }

    /// The peak of memory of `render` in bytes; `None` where the system has no `/proc`.
    pub fn peak(&self, root: &Utf8Path) -> Result<Option<u64>> {
        let mut command = self.command(root);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("can't start xtask")?;
        let mut peak = None;
        let status = loop {
            // The system only ever raises the figure, and drops it with the process.
            peak = resident_peak(&child).max(peak);
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(POLL);
        };
        if !status.success() {
            // Once more, for what it says.
            self.time(root)?;
            bail!("render failed in {root} ({status}), and not when it ran again");
        }
        Ok(peak)
    }
}

fn resident_peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// How long a program takes; its output is thrown away, and shown if it fails.
pub fn time(command: &mut Command) -> Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let begin = Instant::now();
    let output = command.output();
    let took = begin.elapsed();
    let name = command.get_program().display().to_string();
    let output = output.with_context(|| format!("can't start {name}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = text.lines().take(40).collect();
        bail!("{name} failed ({}):\n{}", output.status, lines.join("\n"));
    }
    Ok(took)
}
