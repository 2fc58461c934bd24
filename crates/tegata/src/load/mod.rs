//! Phase 1, *load*: from a folder to what each file says, with the place of every part.
//!
//! The only phase that reads input. Every file is held against its form; what does not fit is reported, all of
//! it, and the file counts as broken: it is known by its name, so that nobody is told that it does not exist.

mod acceptances;
mod example;
pub mod file_names;
mod files;
mod misplaced;
mod unread;

pub use files::{ROOT_FILE, find_root};

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use crate::declared::{Cluster, Project, References, Role, Runner, Workspace};
use crate::diagnostic::{self, Diagnostic, Place, Severity};
use crate::disk;
use crate::shape::{self, Record, Shape, files as forms};
use crate::source::{FileId, Source, Sources, Span};
use crate::yaml::{self, Node};

/// Everything that a workspace says, file by file.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The texts.
    pub sources: Sources,
    /// `tegata.yaml`, unless it is broken.
    pub workspace: Option<Workspace>,
    /// `clusters/`, by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// `runners/`, by name.
    pub runners: BTreeMap<String, Runner>,
    /// `roles/`, by name.
    pub roles: BTreeMap<String, Role>,
    /// `projects/`, in the order of their files' names.
    pub projects: Vec<Project>,
    /// What broken files of `projects/` refer to.
    pub references: Vec<References>,
    /// `templates/`: the name of each file below that folder, and its number.
    pub templates: Vec<(String, FileId)>,
    /// Names of clusters, runners and roles whose files are broken.
    pub broken: BTreeSet<(Folder, String)>,
    /// Folders of which some file could not even be read: what is missing there may well exist.
    pub incomplete: BTreeSet<Folder>,
    /// Whether some file of `projects/` is broken: what nobody seems to use may be used there.
    pub broken_projects: bool,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// The folders whose files have a name that others refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    /// `clusters/`
    Clusters,
    /// `runners/`
    Runners,
    /// `roles/`
    Roles,
}

impl Folder {
    /// Its name on disk.
    pub fn name(self) -> &'static str {
        match self {
            Folder::Clusters => "clusters",
            Folder::Runners => "runners",
            Folder::Roles => "roles",
        }
    }

    /// The folder of that name on disk.
    fn named(name: &str) -> Option<Folder> {
        [Folder::Clusters, Folder::Runners, Folder::Roles].into_iter().find(|folder| folder.name() == name)
    }
}

/// Reads the workspace whose root is `root`. What is wrong with it is in the result.
pub fn load(root: &Utf8Path) -> Loaded {
    let mut loaded = Loaded::default();
    let paths = files::paths(root, &mut loaded.diagnostics);
    let folder = disk::Folder::at(root);
    // Parsed as soon as it is read, while the text is at hand for the processor.
    let read: Vec<Read> = paths
        .into_par_iter()
        .enumerate()
        .map_init(
            || folder.in_turn(),
            |folder, (index, path)| Read::file(root, folder, FileId::at(index), path),
        )
        .collect();
    loaded.sources.reserve(read.len());
    // Most files are projects.
    loaded.projects.reserve(read.len());
    for mut file in read {
        loaded.sources.add(file.source.path, file.source.text);
        loaded.diagnostics.append(&mut file.diagnostics);
        loaded.take(file.said);
    }
    loaded.note_broken();
    loaded
}

/// A file, and what it turned out to be. One that can't be read has no text.
struct Read {
    source: Source,
    said: Said,
    diagnostics: Vec<Diagnostic>,
}

impl Read {
    fn file(root: &Utf8Path, folder: &mut disk::InTurn<'_>, id: FileId, path: Utf8PathBuf) -> Read {
        let mut diagnostics = Vec::new();
        match files::read(root, folder, &path) {
            Ok(text) => {
                let source = Source { path, text };
                let said = parse(id, &source, &mut diagnostics);
                Read { source, said, diagnostics }
            }
            Err(diagnostic) => {
                let source = Source { path, text: String::new() };
                Read { source, said: Said::Nothing, diagnostics: vec![*diagnostic] }
            }
        }
    }
}

/// What a file turned out to be. Boxed, since a hundred thousand of them stand side by side for a moment.
enum Said {
    Workspace(Box<Workspace>),
    Cluster(Box<Cluster>),
    Runner(Box<Runner>),
    Role(Box<(String, Role)>),
    Project(Box<Project>),
    References(Box<References>),
    Template(String, FileId),
    /// A file of which only the name is known, in the folders where others look for it.
    Broken(Vec<Folder>, String),
    Nothing,
}

impl Loaded {
    /// Takes note of the files of which nothing is known but that they are there, lest others report what
    /// follows from it.
    fn note_broken(&mut self) {
        for diagnostic in self.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
            let path = diagnostic.location_path(&self.sources);
            let mut parts = path.components();
            let top = parts.next().map_or("", |part| part.as_str());
            // What lies in `runner/` is missed in `runners/`.
            let top = unread::nearly_named(top).unwrap_or(top);
            self.broken_projects |= top == "projects";
            if let (Some(folder), Place::File(path)) = (Folder::named(top), &diagnostic.place) {
                let name = if diagnostic.id == "wrong-ending" {
                    unread::name_of(path)
                } else {
                    path.file_stem().filter(|_| path.extension().is_some()).map(str::to_owned)
                };
                match parts.next().and(name) {
                    Some(name) => drop(self.broken.insert((folder, name))),
                    None => drop(self.incomplete.insert(folder)),
                }
            }
        }
    }

    fn take(&mut self, said: Said) {
        match said {
            Said::Workspace(workspace) => self.workspace = Some(*workspace),
            Said::Cluster(cluster) => drop(self.clusters.insert(cluster.name.clone(), *cluster)),
            Said::Runner(runner) => drop(self.runners.insert(runner.name.clone(), *runner)),
            Said::Role(named) => {
                let (name, role) = *named;
                self.roles.insert(name, role);
            }
            Said::Project(project) => self.projects.push(*project),
            Said::References(references) => self.references.push(*references),
            Said::Template(name, file) => self.templates.push((name, file)),
            Said::Broken(folders, name) => {
                self.broken.extend(folders.into_iter().map(|folder| (folder, name.clone())));
            }
            Said::Nothing => {}
        }
    }
}

fn parse(id: FileId, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Said {
    let mut parts = source.path.components().map(|part| part.as_str());
    let top = parts.next().unwrap_or_default();
    if top == "templates" {
        let name = source.path.strip_prefix("templates").unwrap_or(&source.path);
        Said::Template(name.as_str().to_owned(), id)
    } else {
        hidden_characters(id, &source.text, diagnostics);
        let node = yaml::parse(id, &source.text, diagnostics);
        said(id, source, top, node, diagnostics)
    }
}

/// What a document says, by the folder that its file stands in.
fn said(
    id: FileId,
    source: &Source,
    top: &str,
    node: Option<Node>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Said {
    let stem = source.path.file_stem().unwrap_or_default();
    if let Some(found) =
        node.as_ref().filter(|_| top != ROOT_FILE).and_then(|node| misplaced::find(top, node))
    {
        diagnostics.push(found.diagnostic);
        let folders = [Folder::named(top), found.meant];
        return Said::Broken(folders.into_iter().flatten().collect(), stem.to_owned());
    }
    match top {
        "clusters" => named(id, source, Folder::Clusters, (node, &forms::CLUSTER), diagnostics, |node| {
            Cluster::decode(stem, node).map(|cluster| Said::Cluster(Box::new(cluster)))
        }),
        "runners" => named(id, source, Folder::Runners, (node, &forms::RUNNER), diagnostics, |node| {
            Runner::decode(stem, node).map(|runner| Said::Runner(Box::new(runner)))
        }),
        "roles" => named(id, source, Folder::Roles, (node, &forms::ROLE), diagnostics, |node| {
            Role::decode(node).map(|role| Said::Role(Box::new((stem.to_owned(), role))))
        }),
        "projects" => project(id, source, node, diagnostics),
        _ => workspace(node, diagnostics),
    }
}

/// `tegata.yaml`, without which no command writes anything.
fn workspace(node: Option<Node>, diagnostics: &mut Vec<Diagnostic>) -> Said {
    for empty in diagnostics.iter_mut().filter(|found| found.id == "empty-file") {
        empty.help = Some(files::ROOT_LINES.to_owned());
    }
    conforming(node, &forms::WORKSPACE, diagnostics)
        .and_then(|node| Workspace::decode(&node))
        .map_or(Said::Nothing, |workspace| Said::Workspace(Box::new(workspace)))
}

/// A file whose name is the name of what it describes.
fn named(
    id: FileId,
    source: &Source,
    folder: Folder,
    (node, form): (Option<Node>, &'static Record),
    diagnostics: &mut Vec<Diagnostic>,
    decode: impl FnOnce(&Node) -> Option<Said>,
) -> Said {
    let stem = source.path.file_stem().unwrap_or_default();
    if let Some(problem) = file_names::problem(folder, stem) {
        let message = format!(
            "the file's name is the name of the {}: `{}` {}",
            word(folder),
            shape::text::shown(stem),
            problem.message()
        );
        let help = match problem.suggestion() {
            Some(name) => format!("rename it to {}/{name}.yaml", folder.name()),
            None => format!("rename it: {}", problem.rule()),
        };
        diagnostics.push(Diagnostic::error("invalid-name", Span::new(id, 0..0), message).help(help));
    }
    let node = conforming(node, form, diagnostics);
    node.as_ref().and_then(decode).unwrap_or_else(|| Said::Broken(vec![folder], stem.to_owned()))
}

fn word(folder: Folder) -> &'static str {
    match folder {
        Folder::Clusters => "cluster",
        Folder::Runners => "runner",
        Folder::Roles => "role",
    }
}

/// Marks that turn the direction of writing make a reviewer read something else than what is rendered.
fn hidden_characters(id: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) {
    if text.is_ascii() {
        return;
    }
    let turns = |character: char| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    for (at, mark) in text.char_indices().filter(|(_, character)| turns(*character)) {
        let code = u32::from(mark);
        let message = format!("the invisible character U+{code:04X} changes how the line is displayed");
        diagnostics.push(
            Diagnostic::error("hidden-character", Span::new(id, at..at + mark.len_utf8()), message)
                .help(format!("remove it; where it is meant, write \\u{code:04X} in double quotes")),
        );
    }
}

/// A project, or what its file refers to where it differs from its form.
fn project(id: FileId, source: &Source, node: Option<Node>, diagnostics: &mut Vec<Diagnostic>) -> Said {
    let Some(node) = node else { return Said::Nothing };
    shape::conform(&node, &Shape::Record(&forms::PROJECT), forms::PROJECT.what, diagnostics);
    if diagnostic::has_errors(diagnostics) {
        example::of_its_own(source, diagnostics);
        let findings = Starts::of(diagnostics);
        let is_sound = |part: &Node| !findings.any_within(part.span);
        return Said::References(Box::new(References::of_project(&node, is_sound)));
    }
    acceptances::report(&node, diagnostics);
    Project::decode(id, &source.path, &node).map_or(Said::Nothing, |project| Said::Project(Box::new(project)))
}

/// Where the findings of one file begin, sorted: a file may have as many findings as parts that are asked about.
struct Starts(Vec<u32>);

impl Starts {
    fn of(diagnostics: &[Diagnostic]) -> Starts {
        let start = |found: &Diagnostic| match found.place {
            Place::At(span) => Some(span.start),
            Place::File(_) => None,
        };
        let mut starts: Vec<u32> = diagnostics.iter().filter_map(start).collect();
        starts.sort_unstable();
        Starts(starts)
    }

    /// Whether some finding is about bytes of that span.
    fn any_within(&self, span: Span) -> bool {
        let first = self.0.partition_point(|start| *start < span.start);
        self.0.get(first).is_some_and(|start| *start < span.end)
    }
}

/// The document of a file, unless it differs from its form.
fn conforming(node: Option<Node>, form: &'static Record, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let node = node?;
    shape::conform(&node, &Shape::Record(form), form.what, diagnostics);
    if diagnostic::has_errors(diagnostics) {
        return None;
    }
    acceptances::report(&node, diagnostics);
    Some(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_within_a_span() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", String::new());
        let found = |start| Diagnostic::error("yaml-tag", Span::new(file, start..start + 1), "");
        let starts = Starts::of(&[found(8), found(3)]);
        let within = |range| starts.any_within(Span::new(file, range));
        assert!(within(0..4) && within(3..4) && within(4..9) && within(8..9));
        assert!(!within(0..3) && !within(4..8) && !within(9..20));
    }
}
