//! The six phases in a row.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use crate::check;
use crate::diagnostic::{self, Diagnostic};
use crate::load::{self, Loaded};
use crate::render::{self, TemplateError, Templates, templates};
use crate::resolve::{self, Output, Resolved, output::OUT};
use crate::source::{FileId, Sources, Span};
use crate::verify;
use crate::write::{self, Change, Existing, FileChange, Staging, WriteError};

/// What is to be done with what was rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `out/` is made to say it.
    Write,
    /// `out/` is compared with it, and left alone.
    Check,
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

/// Renders the workspace at `root`.
pub fn generate(root: &Utf8Path, mode: Mode, progress: Progress<'_>) -> Report {
    let mut loaded = load::load(root);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let mut report = Report { was_unfinished: write::is_unfinished(&root.join(OUT)), ..Report::default() };
    if let Some(resolved) = resolve::resolve(&loaded, &mut diagnostics) {
        check::check(&loaded, &resolved, &mut diagnostics);
        let templates = read_templates(&loaded, &mut diagnostics);
        if !diagnostic::has_errors(&diagnostics) {
            let run = Run { root, mode, progress, resolved: &resolved, templates: &templates };
            match run.all(&mut report) {
                Ok(()) => {}
                Err(Failure::Write(error)) => diagnostics.push(write_failed(&error)),
                Err(Failure::Templates(problems)) => {
                    template_diagnostics(&loaded, problems, &mut diagnostics)
                }
            }
        }
    }
    report.sources = loaded.sources;
    diagnostic::sort(&mut diagnostics, &report.sources);
    report.diagnostics = diagnostics;
    report.is_unfinished = write::is_unfinished(&root.join(OUT));
    report
}

fn write_failed(error: &WriteError) -> Diagnostic {
    Diagnostic::file_error("write-failed", Utf8Path::new(OUT).join(&error.path), &error.message)
        .help(error.help)
}

fn read_templates(loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) -> Templates {
    let text = |id: FileId| loaded.sources.get(id).map(|source| source.text.clone()).unwrap_or_default();
    let own = loaded.templates.iter().map(|(name, id)| (name.clone(), text(*id))).collect();
    let (templates, errors) = Templates::new(own);
    for error in errors {
        let file = loaded.templates.iter().find(|(name, _)| *name == error.template).map(|(_, id)| *id);
        if let Some(file) = file {
            diagnostics.push(template_error(&error, file, &loaded.sources));
        }
    }
    unused_templates(loaded, diagnostics);
    templates
}

/// A template that takes the place of none and that no other includes does nothing: mostly a misspelt name.
fn unused_templates(loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) {
    let built_in = || templates::BUILT_IN.iter().map(|(name, _)| *name);
    for (name, id) in &loaded.templates {
        let included = || {
            loaded.templates.iter().any(|(other, file)| {
                other != name
                    && loaded.sources.get(*file).is_some_and(|source| source.text.contains(name.as_str()))
            })
        };
        if !built_in().any(|known| known == name) && !included() {
            let help = match tegata_rbac::suggest::closest(name, built_in()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it, or include it in a template that is used".to_owned(),
            };
            diagnostics.push(
                Diagnostic::error(
                    "unused-template",
                    Span::new(*id, 0..0),
                    format!("nothing uses the template `{name}`"),
                )
                .help(help)
                .warning(),
            );
        }
    }
}

fn template_error(error: &TemplateError, file: FileId, sources: &Sources) -> Diagnostic {
    let text = sources.get(file).map(|source| source.text.as_str()).unwrap_or_default();
    let range = error.range.clone().unwrap_or_else(|| line_range(text, error.line.unwrap_or(1)));
    Diagnostic::error(
        "template-error",
        Span::new(file, range),
        format!("the template fails: {}", error.message),
    )
    .help("mend the line, or delete the file to use the built-in template")
}

fn line_range(text: &str, line: usize) -> std::ops::Range<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            return start..start + content.trim_end().len();
        }
        start += content.len();
    }
    start..start
}

const GRANTS_HELP: &str = "a template decides how a file looks, not what it grants: declare it in the workspace's \
                           files, or undo the change to the template";

enum Failure {
    Write(WriteError),
    Templates(Vec<TemplateProblem>),
}

/// A file that could not be rendered, or that says something else than what was resolved.
struct TemplateProblem {
    template: String,
    /// The template that the file begins with.
    root: &'static str,
    range: Option<std::ops::Range<usize>>,
    line: Option<usize>,
    message: String,
    origin: Span,
    id: &'static str,
}

/// One and the same line of a template fails for every file alike: said once, with how often.
fn template_diagnostics(loaded: &Loaded, problems: Vec<TemplateProblem>, diagnostics: &mut Vec<Diagnostic>) {
    let mut groups: Vec<(TemplateProblem, usize)> = Vec::new();
    for problem in problems {
        let same = |other: &TemplateProblem| {
            (&other.template, &other.range, other.line, other.id)
                == (&problem.template, &problem.range, problem.line, problem.id)
        };
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, count)) => *count += 1,
            None => groups.push((problem, 1)),
        }
    }
    for (problem, count) in groups {
        // What a built-in template seems to do wrong is the work of the own template that includes it.
        let find = |name: &str| loaded.templates.iter().find(|(own, _)| own == name);
        let (own, range) = match find(&problem.template) {
            Some(own) => (Some(own), problem.range),
            None => (find(problem.root), None),
        };
        let more = match count {
            1 => String::new(),
            2 => ", and so in one more file".to_owned(),
            _ => format!(", and so in {} more files", count - 1),
        };
        let message = format!("{}{more}", problem.message);
        let diagnostic = match own {
            Some((_, file)) => {
                let text = loaded.sources.get(*file).map(|source| source.text.as_str()).unwrap_or_default();
                let range = range.unwrap_or_else(|| line_range(text, problem.line.unwrap_or(1)));
                Diagnostic::error(problem.id, Span::new(*file, range), message)
                    .related(problem.origin, "rendered from here")
            }
            // Whatever the built-in templates do wrong shows up where the input is that they fail for.
            None => Diagnostic::error(problem.id, problem.origin, message),
        };
        diagnostics.push(diagnostic.help(match problem.id {
            "template-grants" => GRANTS_HELP,
            _ => "mend the line, or delete the file to use the built-in template",
        }));
    }
}

struct Run<'a> {
    root: &'a Utf8Path,
    mode: Mode,
    progress: Progress<'a>,
    resolved: &'a Resolved<'a>,
    templates: &'a Templates,
}

impl Run<'_> {
    /// Renders, verifies and compares all files; writes what differs.
    fn all(&self, report: &mut Report) -> Result<(), Failure> {
        let out = self.root.join(OUT);
        let outputs = resolve::outputs(self.resolved);
        report.files = outputs.len();
        let existing = write::existing(&out).map_err(Failure::Write)?;
        let staging = match self.mode {
            Mode::Write => Some(Staging::begin(&out).map_err(Failure::Write)?),
            Mode::Check => None,
        };
        let done = self.each(&out, &outputs, &existing, staging.as_ref());
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
        changes.extend(self.stale(&out, &outputs, &existing));
        changes.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
        if let Some(staging) = staging {
            staging.commit(&changes).map_err(Failure::Write)?;
        }
        report.changes = changes;
        Ok(())
    }

    fn each(
        &self,
        out: &Utf8Path,
        outputs: &[Output<'_>],
        existing: &Existing,
        staging: Option<&Staging>,
    ) -> Result<Vec<FileChange>, Failure> {
        let done = AtomicUsize::new(0);
        let problems = Mutex::new(Vec::new());
        let changes: Result<Vec<Option<FileChange>>, WriteError> = outputs
            .par_iter()
            .map(|output| {
                let change = match self.text_of(output) {
                    Ok(text) => self.compare(out, output, &text, existing, staging)?,
                    Err(problem) => {
                        // A poisoned lock still holds what was found.
                        problems.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(*problem);
                        None
                    }
                };
                (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, outputs.len());
                Ok(change)
            })
            .collect();
        let mut problems = problems.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if problems.is_empty() {
            return Ok(changes.map_err(Failure::Write)?.into_iter().flatten().collect());
        }
        problems.sort_by_key(|problem: &TemplateProblem| problem.origin);
        Err(Failure::Templates(problems))
    }

    /// The verified text of a file.
    fn text_of(&self, output: &Output<'_>) -> Result<String, Box<TemplateProblem>> {
        let rendered =
            render::render(self.templates, self.resolved, output).map_err(|error| TemplateProblem {
                template: error.template,
                root: render::template_of(output),
                range: error.range,
                line: error.line,
                message: format!("the template fails: {}", error.message),
                origin: output.origin,
                id: "template-error",
            })?;
        verify::verify(&rendered.text, &rendered.expected).map_err(|difference| {
            let again = render::render_with_spans(self.templates, self.resolved, output);
            let place = again.and_then(|(text, spans)| verify::explain(&difference, &text, &spans));
            let (template, range) = match place {
                Some(place) => (place.template, Some(place.range)),
                None => (render::template_of(output).to_owned(), None),
            };
            TemplateProblem {
                template,
                root: render::template_of(output),
                range,
                line: None,
                message: difference.message,
                origin: output.origin,
                id: "template-grants",
            }
        })?;
        Ok(rendered.text)
    }

    fn compare(
        &self,
        out: &Utf8Path,
        output: &Output<'_>,
        text: &str,
        existing: &Existing,
        staging: Option<&Staging>,
    ) -> Result<Option<FileChange>, WriteError> {
        let path = &output.path;
        let old = if existing.files.contains(path) {
            let read = std::fs::read(out.join(path));
            Some(read.map_err(|error| WriteError {
                path: path.clone(),
                message: format!("can't read the file: {error}"),
                help: "check its permissions",
            })?)
        } else {
            None
        };
        if old.as_deref() == Some(text.as_bytes()) {
            return Ok(None);
        }
        let full = Utf8PathBuf::from(OUT).join(path);
        let diff = match staging {
            Some(staging) => {
                staging.stage(path, text)?;
                None
            }
            None => Some(write::unified_diff(
                &full,
                old.as_deref().map(String::from_utf8_lossy).as_deref(),
                Some(text),
            )),
        };
        let change = if old.is_some() { Change::Changed } else { Change::Created };
        Ok(Some(FileChange { path: full, change, diff }))
    }

    /// Files that nothing renders any more.
    fn stale(&self, out: &Utf8Path, outputs: &[Output<'_>], existing: &Existing) -> Vec<FileChange> {
        let rendered = |path: &Utf8Path| {
            outputs.binary_search_by(|output| output.path.as_str().cmp(path.as_str())).is_ok()
        };
        let stale = existing.files.iter().filter(|path| !rendered(path));
        stale
            .chain(&existing.strange)
            .map(|path| {
                let full = Utf8PathBuf::from(OUT).join(path);
                let is_file = existing.files.contains(path);
                let old = if self.mode == Mode::Check && is_file {
                    std::fs::read(out.join(path)).ok()
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
