//! How the time grows with the number of projects.
//!
//! Both sizes are measured in turns: a small run, a large one, a small one again. What a machine gives a program changes
//! from minute to minute, and would be taken for growth if one size had the better minutes.

use std::time::Duration;

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::process::Renderer;
use crate::statistics::Turns;
use crate::{disk, workspace};

/// How many turns of "nothing changed" a round has: they are soon done.
const AGAIN: usize = 3;

/// What a small workspace takes, and a large one.
#[derive(Debug)]
pub struct Growth {
    /// How many projects they have.
    pub projects: (usize, usize),
    /// There was no `out/`.
    pub cold: Turns,
    /// Nothing changed.
    pub unchanged: Turns,
    /// `cp -r` of input and output.
    pub copy: Turns,
    /// The peak of the large one's memory without `out/`, in bytes.
    pub cold_peak: Option<u64>,
    /// The peak of the large one's memory with nothing changed, in bytes.
    pub unchanged_peak: Option<u64>,
}

/// Measures workspaces of so many projects, which it writes below `root`.
pub fn measure(
    renderer: &Renderer,
    root: &Utf8Path,
    projects: (usize, usize),
    rounds: usize,
    progress: fn(&str),
) -> Result<Growth> {
    let small = Side { renderer, root: root.join("small"), copy: root.join("copy") };
    let large = Side { root: root.join("large"), ..small.clone() };
    workspace::write(&small.root, projects.0)?;
    workspace::write(&large.root, projects.1)?;
    // Once for the caches, with an eye on the memory.
    small.cold()?;
    let mut growth = Growth {
        projects,
        cold: Turns::default(),
        unchanged: Turns::default(),
        copy: Turns::default(),
        cold_peak: renderer.peak(&large.root)?,
        unchanged_peak: renderer.peak(&large.root)?,
    };
    let sizes = (disk::count(&small.root)?, disk::count(&large.root)?);
    for round in 1..=rounds {
        growth.cold.add([small.cold()?, large.cold()?, small.cold()?]);
        let now = (disk::count(&small.root)?, disk::count(&large.root)?);
        ensure!(now == sizes, "two renders of one input differ in size");
        // File systems take note of the first time that a file is read: no run is to pay for that.
        disk::rest(&small.root)?;
        disk::rest(&large.root)?;
        for _ in 0..AGAIN {
            growth.unchanged.add([small.again()?, large.again()?, small.again()?]);
        }
        growth.copy.add([small.copy()?, large.copy()?, small.copy()?]);
        progress(&format!(
            "{} projects beside {}, round {round}: cold {:.2} x, unchanged {:.2} x, cp {:.2} x (medians so far)",
            projects.1,
            projects.0,
            growth.cold.ratio(),
            growth.unchanged.ratio(),
            growth.copy.ratio()
        ));
    }
    Ok(growth)
}

/// A workspace of one size.
#[derive(Clone)]
struct Side<'a> {
    renderer: &'a Renderer,
    root: Utf8PathBuf,
    copy: Utf8PathBuf,
}

impl Side<'_> {
    /// A render without `out/`.
    fn cold(&self) -> Result<Duration> {
        disk::remove(&self.root.join("out"))?;
        disk::settle();
        self.renderer.time(&self.root)
    }

    /// A render where nothing changed.
    fn again(&self) -> Result<Duration> {
        self.renderer.time(&self.root)
    }

    /// `cp -r` of input and output, which are removed again.
    fn copy(&self) -> Result<Duration> {
        disk::settle();
        let took = disk::time_copy(&self.root, &self.copy)?;
        disk::remove(&self.copy)?;
        Ok(took)
    }
}
