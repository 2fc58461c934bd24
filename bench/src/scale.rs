//! A generated workspace: cold, unchanged, one file changed, and `cp -r` of all of it.

use anyhow::{Result, ensure};
use camino::Utf8Path;

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
    /// One project's file changed.
    pub one: Times,
    /// `cp -r` of input and output.
    pub copy: Times,
    /// The peak of memory without `out/`, in bytes.
    pub cold_peak: Option<u64>,
    /// The peak of memory with nothing changed, in bytes.
    pub unchanged_peak: Option<u64>,
}

/// Measures a workspace of that many projects, which it writes into `root`.
pub fn measure(
    renderer: &Renderer,
    root: &Utf8Path,
    projects: usize,
    rounds: usize,
    progress: fn(&str),
) -> Result<Scale> {
    workspace::write(root, projects)?;
    let out = root.join("out");
    let copy = root.with_extension("copy");
    // Once for the caches, with an eye on the memory.
    let cold_peak = renderer.peak(root)?;
    let unchanged_peak = renderer.peak(root)?;
    let mut scale = Scale {
        projects,
        size: disk::count(root)?,
        cold: Times::default(),
        unchanged: Times::default(),
        one: Times::default(),
        copy: Times::default(),
        cold_peak,
        unchanged_peak,
    };
    for round in 1..=rounds {
        disk::remove(&out)?;
        disk::settle();
        scale.cold.add(renderer.time(root)?);
        ensure!(disk::count(root)? == scale.size, "two renders of one input differ in size");
        disk::settle();
        scale.copy.add(disk::time_copy(root, &copy)?);
        disk::remove(&copy)?;
        disk::settle();
        scale.unchanged.add(renderer.time(root)?);
        let project = projects / 2;
        workspace::edit(root, project, round)?;
        disk::settle();
        scale.one.add(renderer.time(root)?);
        workspace::edit(root, project, 0)?;
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
