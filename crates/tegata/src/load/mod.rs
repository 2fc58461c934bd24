//! Phase 1, *load*: from a folder to what each file says, with the place of every part.
//!
//! The only phase that reads input. Every file is held against its form; what does not fit is reported, all of
//! it, and the file counts as broken: it is known by its name, so that nobody is told that it does not exist.

mod files;

pub use files::{ROOT_FILE, find_root};

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use rayon::prelude::*;

use crate::declared::{Cluster, Project, Role, Runner, Workspace};
use crate::diagnostic::{self, Diagnostic};
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
    /// `templates/`: the name of each file below that folder, and its number.
    pub templates: Vec<(String, FileId)>,
    /// Names of clusters, runners and roles whose files are broken.
    pub broken: BTreeSet<(Folder, String)>,
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
}

/// Reads the workspace whose root is `root`. What is wrong with it is in the result.
pub fn load(root: &Utf8Path) -> Loaded {
    let mut loaded = Loaded::default();
    let read = files::read(root, &mut loaded.diagnostics);
    let ids: Vec<FileId> = read.into_iter().map(|(path, text)| loaded.sources.add(path, text)).collect();
    let parsed: Vec<Parsed> =
        ids.par_iter().filter_map(|id| Some(parse(*id, loaded.sources.get(*id)?))).collect();
    for mut file in parsed {
        loaded.diagnostics.append(&mut file.diagnostics);
        loaded.take(file.said);
    }
    loaded
}

struct Parsed {
    said: Said,
    diagnostics: Vec<Diagnostic>,
}

/// What a file turned out to be.
enum Said {
    Workspace(Workspace),
    Cluster(Cluster),
    Runner(Box<Runner>),
    Role(String, Role),
    Project(Box<Project>),
    Template(String, FileId),
    Broken(Folder, String),
    Nothing,
}

impl Loaded {
    fn take(&mut self, said: Said) {
        match said {
            Said::Workspace(workspace) => self.workspace = Some(workspace),
            Said::Cluster(cluster) => drop(self.clusters.insert(cluster.name.clone(), cluster)),
            Said::Runner(runner) => drop(self.runners.insert(runner.name.clone(), *runner)),
            Said::Role(name, role) => drop(self.roles.insert(name, role)),
            Said::Project(project) => self.projects.push(*project),
            Said::Template(name, file) => self.templates.push((name, file)),
            Said::Broken(folder, name) => drop(self.broken.insert((folder, name))),
            Said::Nothing => {}
        }
    }
}

fn parse(id: FileId, source: &Source) -> Parsed {
    let mut diagnostics = Vec::new();
    let mut parts = source.path.components().map(|part| part.as_str());
    let stem = source.path.file_stem().unwrap_or_default();
    let said = match parts.next() {
        Some("clusters") => named(id, source, Folder::Clusters, &forms::CLUSTER, &mut diagnostics, |node| {
            Cluster::decode(stem, node).map(Said::Cluster)
        }),
        Some("runners") => named(id, source, Folder::Runners, &forms::RUNNER, &mut diagnostics, |node| {
            Runner::decode(stem, node).map(|runner| Said::Runner(Box::new(runner)))
        }),
        Some("roles") => named(id, source, Folder::Roles, &forms::ROLE, &mut diagnostics, |node| {
            Role::decode(node).map(|role| Said::Role(stem.to_owned(), role))
        }),
        Some("projects") => read_form(id, &source.text, &forms::PROJECT, &mut diagnostics)
            .and_then(|node| Project::decode(id, &source.path, &node))
            .map_or(Said::Nothing, |project| Said::Project(Box::new(project))),
        Some("templates") => {
            let name = source.path.strip_prefix("templates").unwrap_or(&source.path);
            Said::Template(name.as_str().to_owned(), id)
        }
        _ => read_form(id, &source.text, &forms::WORKSPACE, &mut diagnostics)
            .and_then(|node| Workspace::decode(&node))
            .map_or(Said::Nothing, Said::Workspace),
    };
    Parsed { said, diagnostics }
}

/// A file whose name is the name of what it describes.
fn named(
    id: FileId,
    source: &Source,
    folder: Folder,
    form: &'static Record,
    diagnostics: &mut Vec<Diagnostic>,
    decode: impl FnOnce(&Node) -> Option<Said>,
) -> Said {
    let stem = source.path.file_stem().unwrap_or_default();
    if let Some(problem) = name_problem(folder, stem) {
        diagnostics.push(
            Diagnostic::error(
                "invalid-name",
                Span::new(id, 0..0),
                format!("the file's name is the name of the {}: {problem}", word(folder)),
            )
            .help(format!("rename {}", source.path)),
        );
    }
    let node = read_form(id, &source.text, form, diagnostics);
    node.as_ref().and_then(decode).unwrap_or_else(|| Said::Broken(folder, stem.to_owned()))
}

fn word(folder: Folder) -> &'static str {
    match folder {
        Folder::Clusters => "cluster",
        Folder::Runners => "runner",
        Folder::Roles => "role",
    }
}

fn name_problem(folder: Folder, stem: &str) -> Option<String> {
    use tegata_rbac::names;
    let result = match folder {
        Folder::Roles => names::path_segment(stem),
        Folder::Clusters | Folder::Runners => names::dns_label(stem),
    };
    result.err().map(|error| format!("`{}` {}", shape::text::shown(stem), error.message()))
}

/// The document of a file, unless it differs from its form.
fn read_form(
    id: FileId,
    text: &str,
    form: &'static Record,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let node = yaml::parse(id, text, diagnostics)?;
    shape::conform(&node, &Shape::Record(form), form.what, diagnostics);
    (!diagnostic::has_errors(diagnostics)).then_some(node)
}
