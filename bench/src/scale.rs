//! A generated workspace: cold, unchanged, one file changed, and `cp -r` of all of it.

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::process::Renderer;
use crate::statistics::Times;
use crate::{disk, workspace};

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

/// Measures workspaces of that many projects, which it writes into folders below `root`.
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
    let workspaces: Vec<Utf8PathBuf> =
        (0..=rounds).map(|round| root.join(format!("round-{round}"))).collect();
    for workspace in &workspaces {
        workspace::write(workspace, projects)?;
    }
    let (first, workspaces) = workspaces.split_first().context("there is a first workspace")?;
    // Once for the caches, with an eye on the memory.
    let cold_peak = renderer.peak(first)?;
    let unchanged_peak = renderer.peak(first)?;
    let mut scale = Scale {
        projects,
        size: disk::count(first)?,
        cold: Times::default(),
        unchanged: Times::default(),
        check: Times::default(),
        one: Times::default(),
        copy: Times::default(),
        cold_peak,
        unchanged_peak,
    };
    disk::settle();
    for (round, workspace) in (1..).zip(workspaces) {
        // `cp` finds the input in the system's cache, for the render has read it: so does the render.
        disk::warm(workspace)?;
        scale.cold.add(renderer.time(workspace)?);
        ensure!(disk::count(workspace)? == scale.size, "two renders of one input differ in size");
        disk::settle();
        scale.copy.add(disk::time_copy(workspace, &root.join(format!("copy-{round}")))?);
        disk::settle();
        scale.unchanged.add(renderer.time(workspace)?);
        scale.check.add(renderer.time_check(workspace)?);
        workspace::edit(workspace, projects / 2, round)?;
        scale.one.add(renderer.time(workspace)?);
        disk::settle();
        progress(&format!(
            "round {round}: cold {:.2?}, cp {:.2?}, unchanged {:.2?}, one changed {:.2?} (medians so far)",
            scale.cold.median(),
            scale.copy.median(),
            scale.unchanged.median(),
            scale.one.median()
        ));
    }
    Ok(scale)
}
