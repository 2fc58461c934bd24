//! `cargo xtask bench`: how long `cargo xtask render` takes, beside `cp` and `helm template`.
//!
//! It writes workspaces of any size below `target/bench/`, always the same ones, runs the release build of `xtask` on
//! them as a process, and prints a Markdown table. What is compared is compared in one run on one disk, so the ratios
//! say more than the times; they still depend on how fast files are made next to how fast a processor is. A bound that
//! is missed, a run that was disturbed, or a fault makes it exit 1 and says so.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is what people ask this program for"
)]

mod arguments;
mod chart;
mod disk;
mod example;
mod growth;
mod helm;
mod names;
mod process;
mod roles;
mod scale;
mod statistics;
mod table;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;

use arguments::Arguments;
use process::Renderer;
use table::Table;

fn main() -> ExitCode {
    let arguments = match arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match run(&arguments) {
        Ok(table) => {
            println!("{table}");
            let missed = table.missed();
            for row in &missed {
                println!("MISSED: {row}");
            }
            let unsteady = table.unsteady();
            for row in &unsteady {
                println!("UNSTEADY, measure again on a quiet machine: {row}");
            }
            if missed.is_empty() && unsteady.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A line for people: the runs take minutes, and silence looks like a hang.
fn progress(message: &str) {
    eprintln!("bench: {message}");
}

fn run(arguments: &Arguments) -> Result<Table> {
    progress("building the release xtask");
    let renderer = Renderer::build()?;
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => bench_folder()?,
    };
    disk::remove(&folder)?;
    fs_err::create_dir_all(&folder)?;
    let table = measure(arguments, &renderer, &folder);
    if arguments.keep {
        progress(&format!("kept {folder}"));
    } else {
        disk::remove(&folder)?;
    }
    table
}

fn measure(arguments: &Arguments, renderer: &Renderer, folder: &camino::Utf8Path) -> Result<Table> {
    let mut table = Table::new(arguments.rounds, disk::file_system(folder));
    progress("the shipped example");
    table.example(&example::measure(renderer, &folder.join("example"))?);

    let projects = arguments.projects;
    progress(&format!("writing workspaces of {projects} projects"));
    let root = folder.join("projects");
    let base = scale::measure(renderer, &root, projects, arguments.rounds, progress)?;
    table.scale(&base);
    progress(&format!("helm template of {projects} projects"));
    let rendered = root.join("round-0/out/kubernetes");
    table.helm(&base, &helm::measure(&folder.join("chart"), projects, &rendered, arguments.rounds)?);
    if arguments.full {
        growth(arguments, renderer, folder, &mut table)?;
    } else {
        table.no_growth(projects * arguments::FULL_FACTOR);
    }
    Ok(table)
}

/// How the time grows with the number of projects: in memory, where there is a file system for that. On a disk, much of it
/// is how the file system's own work grows: its journal is written every few seconds, which a short run never meets.
fn growth(
    arguments: &Arguments,
    renderer: &Renderer,
    folder: &camino::Utf8Path,
    table: &mut Table,
) -> Result<()> {
    let memory = disk::memory();
    let root = memory.as_deref().unwrap_or(folder).join("tegata-bench-growth");
    disk::remove(&root)?;
    progress(&format!("the same, and ten times as many, below {root}"));
    let sizes = (arguments.projects, arguments.projects * arguments::FULL_FACTOR);
    let measured = growth::measure(renderer, &root, sizes, arguments.rounds, progress);
    // What lies in memory takes it from everybody, also after a failure.
    disk::remove(&root)?;
    table.growth(&measured?, memory.is_some());
    Ok(())
}

/// `bench` in the target folder that this program was built into.
fn bench_folder() -> Result<Utf8PathBuf> {
    let target = process::release_folder()?;
    Ok(target.parent().context("the release folder has no parent")?.join("bench"))
}
