//! Renders, verifies, compares and writes all files.

use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::blame;
use super::failures::Failures;
use super::memory::Memory;
use super::problem::TemplateProblem;
use super::{Mode, Options, Report};
use crate::disk::{Folder, InTurn};
use crate::render::{self, Templates};
use crate::resolve::{Output, Resolved, output::OUT};
use crate::verify::{self, Reading};
use crate::write::{self, Change, Claim, Existing, FileChange, Stager, Staging, WriteError};

/// Why nothing is written.
pub enum Failure {
    Write(WriteError),
    Templates(Vec<TemplateProblem>),
}

/// One run over all files.
pub struct Run<'a> {
    pub root: &'a Utf8Path,
    pub options: Options<'a>,
    pub resolved: &'a Resolved<'a>,
    pub outputs: &'a [Output<'a>],
    pub templates: &'a Templates,
    /// What earlier writes have verified, where that is worth a look.
    pub memory: Option<Memory>,
}

impl Run<'_> {
    /// Renders, verifies and compares all files; writes what differs where `out/` was claimed for that.
    pub fn all(
        mut self,
        existing: &Existing,
        claim: Option<Claim>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let out = self.root.join(OUT);
        report.files = self.outputs.len();
        if let Some(memory) = &mut self.memory {
            memory.expect(self.outputs.len());
        }
        let staging = claim.map(|claim| Staging::begin(&out, claim)).transpose().map_err(Failure::Write)?;
        let places = existing.places(self.outputs.iter().map(|output| output.path.as_str()));
        let folder = Folder::at(&out);
        let files = || Files { out: folder.in_turn(), stager: staging.as_ref().map(Staging::in_turn) };
        let done = self.each(&places, files);
        let mut changes = match (done, &staging) {
            (Ok(changes), _) => changes,
            (Err(failure), None) => return Err(failure),
            (Err(failure), Some(_)) => {
                if let Some(staging) = staging {
                    staging.abandon(report.was_unfinished).map_err(Failure::Write)?;
                }
                return Err(failure);
            }
        };
        changes.extend(self.stale(&out, &places, existing));
        changes.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
        if let Some(staging) = staging {
            staging.commit(&changes).map_err(Failure::Write)?;
            if let Some(memory) = self.memory {
                memory.save();
            }
        }
        report.changes = changes;
        Ok(())
    }

    /// All files, each with its place among the files that lie in `out/`. `files` looks at them, and writes them.
    fn each<'f>(
        &self,
        places: &[Option<usize>],
        files: impl Fn() -> Files<'f> + Sync + Send,
    ) -> Result<Vec<FileChange>, Failure> {
        let done = AtomicUsize::new(0);
        let failures = Failures::none();
        let changes: Result<Vec<FileChange>, WriteError> = self
            .outputs
            .par_iter()
            .zip(places)
            .enumerate()
            .map_init(files, |files, (index, (output, place))| {
                let remembered = self.memory.as_ref().and_then(|memory| Some((memory, memory.key(output)?)));
                let known = remembered.is_some_and(|(memory, key)| memory.knows(index, key, *place));
                let change = if known || failures.are_enough(index) {
                    None
                } else {
                    match self.text_of(output) {
                        Ok(text) => {
                            if let Some((memory, key)) = remembered {
                                memory.remember(index, key, text.as_bytes());
                            }
                            files.compare(output, place.is_some(), &text)?
                        }
                        Err(problem) => {
                            failures.add(index, &output.path, *problem);
                            None
                        }
                    }
                };
                (self.options.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, self.outputs.len());
                Ok(change)
            })
            // Mostly there are few.
            .filter_map(Result::transpose)
            .collect();
        let problems = failures.in_order();
        if problems.is_empty() { changes.map_err(Failure::Write) } else { Err(Failure::Templates(problems)) }
    }

    /// The verified text of a file.
    fn text_of(&self, output: &Output<'_>) -> Result<String, Box<TemplateProblem>> {
        let rendered = render::render(self.templates, self.resolved, output)
            .map_err(|error| blame::failure(self.templates, output, *error))?;
        // What is written now is checked once more, by the full reader, before it is merged.
        let reading = match self.options.mode {
            Mode::Write => Reading::Quick,
            Mode::Check => Reading::Full,
        };
        verify::verify(&rendered.text, &rendered.expected, reading)
            .map_err(|difference| blame::difference(self.templates, self.resolved, output, difference))?;
        Ok(rendered.text)
    }

    /// Files that nothing renders any more.
    fn stale(&self, out: &Utf8Path, places: &[Option<usize>], existing: &Existing) -> Vec<FileChange> {
        let files = existing.elsewhere(places).map(|path| (path, true));
        files
            .chain(existing.strange.iter().map(|path| (path, false)))
            .map(|(path, is_file)| {
                let full = Utf8PathBuf::from(OUT).join(path);
                let old = if self.options.mode == Mode::Check && is_file {
                    small_file(&out.join(path))
                } else {
                    None
                };
                let diff =
                    old.map(|old| write::unified_diff(&full, Some(&String::from_utf8_lossy(&old)), None));
                FileChange { path: full, change: Change::Removed, diff }
            })
            .collect()
    }
}

/// What a file holds that nobody renders, if people might want to see it in a diff: it may be anything, of any size.
fn small_file(path: &Utf8Path) -> Option<Vec<u8>> {
    const MAX_BYTES: u64 = 1024 * 1024;
    let size = path.symlink_metadata().ok()?.len();
    if size <= MAX_BYTES { std::fs::read(path).ok() } else { None }
}

/// What lies in `out/`, and what becomes of it.
struct Files<'a> {
    out: InTurn<'a>,
    stager: Option<Stager<'a>>,
}

impl Files<'_> {
    /// What a file holds now.
    fn old(&mut self, output: &Output<'_>) -> Result<Vec<u8>, WriteError> {
        let path = &output.path;
        self.out.read(path).map_err(|error| WriteError {
            path: path.clone(),
            message: format!("can't read the file: {error}"),
            help: "check its permissions",
        })
    }

    /// Stages a text that differs from what its file holds, or says how it differs.
    fn compare(
        &mut self,
        output: &Output<'_>,
        exists: bool,
        text: &str,
    ) -> Result<Option<FileChange>, WriteError> {
        let old = if exists { Some(self.old(output)?) } else { None };
        if old.as_deref() == Some(text.as_bytes()) {
            return Ok(None);
        }
        let path = Utf8PathBuf::from(OUT).join(&output.path);
        let diff = match &mut self.stager {
            Some(stager) => {
                stager.stage(&output.path, text)?;
                None
            }
            None => {
                let old = old.as_deref().map(String::from_utf8_lossy);
                Some(write::unified_diff(&path, old.as_deref(), Some(text)))
            }
        };
        let change = if old.is_some() { Change::Changed } else { Change::Created };
        Ok(Some(FileChange { path, change, diff }))
    }
}
