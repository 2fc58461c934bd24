//! The six phases in a row.

mod blame;
mod failures;
mod memory;
mod own_templates;
mod problem;
mod run;

use camino::Utf8Path;
use rayon::prelude::*;

use crate::check;
use crate::diagnostic::{self, Diagnostic};
use crate::load::{self, Loaded};
use crate::render::Templates;
use crate::resolve::{self, Resolved, output::OUT};
use crate::source::Sources;
use crate::write::{self, Claim, Existing, FileChange};

use memory::Memory;
use run::{Failure, Run};

/// What is to be done with what was rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `out/` is made to say it.
    Write,
    /// `out/` is compared with it, and left alone.
    Check,
}

/// How a run is made.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// What is to be done with what was rendered.
    pub mode: Mode,
    /// Told how far the run has come.
    pub progress: Progress<'a>,
    /// A folder outside of the workspace where large workspaces keep what has been verified, so that the next
    /// write verifies what is new. [`Mode::Check`] makes no use of it.
    pub memory: Option<&'a Utf8Path>,
}

/// How far a long run has come: files done, files in all.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// The texts that diagnostics point into.
    pub sources: Sources,
    /// What was found, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What differed in `out/`, by path.
    pub changes: Vec<FileChange>,
    /// How many files `out/` has.
    pub files: usize,
    /// Whether an earlier write to `out/` did not come to its end.
    pub was_unfinished: bool,
    /// Whether this one did not come to its end either.
    pub is_unfinished: bool,
}

impl Report {
    /// Whether nothing was written since something is wrong.
    pub fn failed(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }
}

/// Renders the workspace at `root`, without a memory of earlier runs.
pub fn generate(root: &Utf8Path, mode: Mode, progress: Progress<'_>) -> Report {
    generate_with(root, Options { mode, progress, memory: None })
}

/// From so many projects on, it is worth remembering what has been verified.
const MEMORABLE: usize = 500;

/// Renders the workspace at `root`.
pub fn generate_with(root: &Utf8Path, options: Options<'_>) -> Report {
    // On one of the threads that do the work: what one thread makes and another gives back takes longer.
    rayon::scope(|_| phases(root, options))
}

fn phases(root: &Utf8Path, options: Options<'_>) -> Report {
    let out = root.join(OUT);
    // Before anything is read: what another render writes meanwhile would be taken for what nobody renders, or missed.
    let claim = (options.mode == Mode::Write).then(|| Claim::to(&out));
    let (mut loaded, existing) = rayon::join(|| load::load(root), || write::existing(&out));
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let mut report = Report { was_unfinished: write::is_unfinished(&out), ..Report::default() };
    // Looking at what lies in out/ waits for the disk, which resolving does not.
    let (checked, memory) = rayon::join(
        || checked(&loaded, &mut diagnostics),
        || memory(root, &options, &loaded, existing.as_ref().ok()?),
    );
    if let Some((resolved, templates)) = checked {
        let outputs = resolve::outputs(&resolved);
        resolve::report_outputs(&resolved, &outputs, &mut diagnostics);
        check::check_sound(&loaded, &resolved, &mut diagnostics);
        if !diagnostic::has_errors(&diagnostics) {
            let (resolved, outputs, templates) = (&resolved, outputs.as_slice(), &templates);
            let run = Run { root, options, resolved, outputs, templates, memory };
            let done = existing
                .and_then(|existing| Ok((existing, claim.transpose()?)))
                .map_err(Failure::Write)
                .and_then(|(existing, claim)| run.all(&existing, claim, &mut report));
            if let Err(failure) = done {
                failed(failure, &loaded, &mut diagnostics);
            }
        }
        // Thousands of projects are many small texts to give back.
        outputs.into_par_iter().for_each(drop);
        resolved.projects.into_par_iter().for_each(drop);
    }
    report.sources = loaded.sources;
    loaded.projects.into_par_iter().for_each(drop);
    diagnostic::sort(&mut diagnostics, &report.sources);
    diagnostic::group(&mut diagnostics);
    diagnostic::limit(&mut diagnostics, &report.sources);
    report.diagnostics = diagnostics;
    report.is_unfinished = write::is_unfinished(&out);
    report
}

/// Resolves and checks what was loaded, and reads its templates.
fn checked<'a>(loaded: &'a Loaded, diagnostics: &mut Vec<Diagnostic>) -> Option<(Resolved<'a>, Templates)> {
    let resolved = resolve::resolve(loaded, diagnostics)?;
    check::check(loaded, &resolved, diagnostics);
    let templates = own_templates::read(loaded, diagnostics);
    Some((resolved, templates))
}

/// What earlier writes have verified, where that is worth a look.
fn memory(root: &Utf8Path, options: &Options<'_>, loaded: &Loaded, existing: &Existing) -> Option<Memory> {
    let folder = options.memory?;
    (options.mode == Mode::Write && loaded.projects.len() >= MEMORABLE)
        .then(|| Memory::open(folder, root, &root.join(OUT), loaded, existing))
}

/// Tells why nothing was written.
fn failed(failure: Failure, loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) {
    match failure {
        Failure::Write(error) => diagnostics.push(
            Diagnostic::file_error("write-failed", Utf8Path::new(OUT).join(&error.path), &error.message)
                .help(error.help),
        ),
        Failure::Templates(problems) => own_templates::report(loaded, problems, diagnostics),
    }
}
