//! The example that this repository ships.

use std::process::Command;

use anyhow::Result;
use camino::Utf8Path;

use crate::disk;
use crate::process::{self, Renderer};
use crate::statistics::Times;

const ROUNDS: usize = 20;

/// What `render` takes for a copy of the shipped example in which nothing changed.
pub fn measure(renderer: &Renderer, root: &Utf8Path) -> Result<Times> {
    fs_err::create_dir_all(root)?;
    for part in ["tegata.yaml", "clusters", "runners", "roles", "projects", "templates"] {
        disk::time_copy(&process::repository().join(part), root)?;
    }
    renderer.time(root)?;
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        times.add(renderer.time(root)?);
    }
    // Nothing changed, then: the last run had nothing to do.
    process::time(Command::new("test").arg("-d").arg(root.join("out/kubernetes")))?;
    Ok(times)
}
