//! A generated workspace: cold, unchanged, one file changed, and `cp -r` of all of it.

use anyhow::{Result, ensure};
use camino::Utf8Path;

use crate::process::Renderer;
use crate::statistics::Times;
use crate::{disk, workspace};

/// How often a round renders what has not changed: that is soon done, and the first time after thousands of files were
/// written the system is still busy with them.
const AGAIN: usize = 3;

/// What a workspace of one size takes.
#[derive(Debug)]
pub struct Scale {
    /// How many projects it has.
    pub projects: usize,
    /// Input and output: files, bytes.
    pub size: (u64, u64),
    /// There was no `out/`.
    pub cold: Times,
    /// Nothing changed.
    pub unchanged: Times,
    /// `render --check`, which remembers nothing, and finds no difference.
    pub check: Times,
    /// One project's file changed.
    pub one: Times,
    /// `cp -r` of input and output.
    pub copy: Times,
    /// The peak of memory without `out/`, in bytes.
    pub cold_peak: Option<u64>,
    /// The peak of memory with nothing changed, in bytes.
    pub unchanged_peak: Option<u64>,
}

/// Measures it round by round, in folders below `root`: what slows the machine down for a while slows all of them.
///
/// Each round has a workspace of its own, and nothing is removed before the last one is done: a file system that
/// has just forgotten thousands of files takes its time to make new ones, and that would be measured.
pub fn measure(
    renderer: &Renderer,
    root: &Utf8Path,
    projects: usize,
    rounds: usize,
    progress: fn(&str),
) -> Result<Scale> {
    let first = root.join("round-0");
    let workspaces: Vec<_> = (1..=rounds).map(|round| root.join(format!("round-{round}"))).collect();
    for workspace in workspaces.iter().chain([&first]) {
        workspace::write(workspace, projects)?;
    }
    // Once for the caches, with an eye on the memory.
    let cold_peak = renderer.peak(&first)?;
    let unchanged_peak = renderer.peak(&first)?;
    let mut scale = Scale {
        projects,
        size: disk::count(&first)?,
        cold: Times::default(),
        unchanged: Times::default(),
        check: Times::default(),
        one: Times::default(),
        copy: Times::default(),
        cold_peak,
        unchanged_peak,
    };
    for (round, workspace) in (1..).zip(&workspaces) {
        scale.round(renderer, workspace, round)?;
        progress(&format!(
            "{projects} projects, round {round}: cold {:.2?}, cp {:.2?}, unchanged {:.2?}, one changed {:.2?} (medians so far)",
            scale.cold.median(),
            scale.copy.median(),
            scale.unchanged.median(),
            scale.one.median()
        ));
    }
    Ok(scale)
}

impl Scale {
    /// Measures a workspace that has not been rendered yet.
    fn round(&mut self, renderer: &Renderer, workspace: &Utf8Path, round: usize) -> Result<()> {
        // `cp` finds the input in the system's cache, for the render has read it: so does the render.
        disk::rest(workspace)?;
        self.cold.add(renderer.time(workspace)?);
        ensure!(disk::count(workspace)? == self.size, "two renders of one input differ in size");
        // File systems take note of the first time that a file is read: no run is to pay for that.
        disk::rest(workspace)?;
        for _ in 0..AGAIN {
            self.unchanged.add(renderer.time(workspace)?);
        }
        self.check.add(renderer.time_check(workspace)?);
        workspace::edit(workspace, self.projects / 2, round)?;
        self.one.add(renderer.time(workspace)?);
        disk::settle();
        // Last, for it fills the system's cache with files that nobody reads: making room again would be measured.
        self.copy.add(disk::time_copy(workspace, &workspace.with_file_name(format!("copy-{round}")))?);
        Ok(())
    }
}
