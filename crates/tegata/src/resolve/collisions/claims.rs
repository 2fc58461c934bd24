//! What two projects claim at once: a path in GitLab, an id, an account, a namespace.

use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use rayon::prelude::*;

use super::super::hashes::Hashes;
use super::super::{Project, Resolved};
use super::claimed;
use crate::declared::{self, Namespace};
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;
use crate::source::Span;

/// What was found.
pub struct Found {
    /// The projects that have a file already, by their indices.
    pub copies: HashSet<usize>,
    /// Whether a project claims the namespace of a runner's manager, which is reported as that (`resolve/served.rs`).
    pub at_manager: bool,
}

/// Reports what two projects claim.
pub fn report(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) -> Found {
    let hasher = RandomState::default();
    let claims = Claims::of(resolved, &hasher);
    let mut copies = HashSet::new();
    if !Hashes::new(&hasher, claims.names).are_distinct() {
        copies = projects(resolved, diagnostics);
        accounts(resolved, &copies, diagnostics);
    }
    let meet = !Hashes::new(&hasher, claims.namespaces).are_distinct();
    let at_manager = meet && namespaces(resolved, &copies, diagnostics);
    Found { copies, at_manager }
}

/// Hashes of what is claimed.
#[derive(Default)]
struct Claims {
    /// Paths, ids and accounts.
    names: Vec<u64>,
    /// Namespaces: one that two projects use, or that a project declares twice, is there twice.
    namespaces: Vec<u64>,
}

impl Claims {
    fn of(resolved: &Resolved<'_>, hasher: &RandomState) -> Claims {
        let gitlabs = gitlabs(resolved);
        let projects = resolved.projects.par_iter().enumerate();
        let claims = projects.fold(Claims::default, |mut claims, (index, project)| {
            claims.add(index, project, &gitlabs, hasher);
            claims
        });
        let mut claims = claims.reduce(Claims::default, Claims::with);
        let of_runners = resolved.runners.values().map(|runner| {
            let declared = runner.declared;
            hasher.hash_one((declared.cluster.value.as_str(), declared.namespace.name.value.as_str()))
        });
        claims.namespaces.extend(of_runners);
        claims
    }

    fn with(mut self, mut other: Claims) -> Claims {
        self.names.append(&mut other.names);
        self.namespaces.append(&mut other.namespaces);
        self
    }

    fn add(&mut self, index: usize, project: &Project<'_>, gitlabs: &Gitlabs<'_>, hasher: &RandomState) {
        self.names.push(hasher.hash_one(("path", project.declared.path.value.to_lowercase())));
        if let (Some(id), Some(gitlab)) = (&project.declared.id, gitlab_of(project, gitlabs)) {
            self.names.push(hasher.hash_one(("id", gitlab, id.value)));
        }
        let mut before = None;
        for account in &project.accounts {
            let name = &account.declared.name.value;
            let place = (account.cluster, account.namespace.name.value.as_str());
            self.names.push(hasher.hash_one(("in the project", index, name)));
            self.names.push(hasher.hash_one(("in the cluster", place, name)));
            // Accounts that say nothing of their own share the project's declaration.
            let declaration = Some((account.cluster, account.namespace.span));
            if declaration != before {
                self.namespaces.push(hasher.hash_one(place));
            }
            before = declaration;
        }
    }
}

/// The GitLab of each runner.
type Gitlabs<'a> = HashMap<&'a str, String>;

fn gitlabs<'a>(resolved: &Resolved<'a>) -> Gitlabs<'a> {
    resolved.runners.iter().map(|(name, runner)| (*name, runner.declared.gitlab())).collect()
}

/// The GitLab that a project's id is of: two instances count their projects apart.
fn gitlab_of<'g>(project: &Project<'_>, gitlabs: &'g Gitlabs<'_>) -> Option<&'g String> {
    project.accounts.first().and_then(|account| gitlabs.get(account.runner.name.as_str()))
}

/// The project of each path, with its index. Of several the first, unless another one's file has the name of the project:
/// that was copied.
fn kept<'r, 'a>(resolved: &'r Resolved<'a>) -> HashMap<String, (usize, &'r Project<'a>)> {
    let mut kept = HashMap::with_capacity(resolved.projects.len());
    for (index, project) in resolved.projects.iter().enumerate() {
        match kept.entry(project.declared.path.value.to_lowercase()) {
            Entry::Vacant(vacant) => drop(vacant.insert((index, project))),
            Entry::Occupied(mut other) => {
                let (_, first): (usize, &Project<'_>) = *other.get();
                if has_its_name(project.declared) && !has_its_name(first.declared) {
                    other.insert((index, project));
                }
            }
        }
    }
    kept
}

/// Whether the file of a project is called like it.
fn has_its_name(project: &declared::Project) -> bool {
    let path = &project.path.value;
    let file = project.source.file_stem().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or(path);
    file.eq_ignore_ascii_case(last) || file.eq_ignore_ascii_case(&path.replace('/', "-"))
}

/// The projects that have a file already, by their indices: all that they say collides, and once is enough.
fn projects(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) -> HashSet<usize> {
    let mut copies = HashSet::new();
    let kept = kept(resolved);
    let mut ids = HashMap::with_capacity(resolved.projects.len());
    let gitlabs = gitlabs(resolved);
    for (index, project) in resolved.projects.iter().enumerate() {
        let path = &project.declared.path;
        let first = kept.get(&path.value.to_lowercase()).filter(|(kept, _)| *kept != index);
        if let Some((_, first)) = first {
            diagnostics.push(
                Diagnostic::error("duplicate-project", path.span, format!("`{}` has a file already", shown(&path.value)))
                    .help("delete the copy, or change its `project`: one file describes one project (GitLab's paths differ in more than case)")
                    .related(first.declared.path.span, "the first file"),
            );
            copies.insert(index);
            continue;
        }
        if let (Some(id), Some(gitlab)) = (&project.declared.id, gitlab_of(project, &gitlabs))
            && let Some(first) = claimed(&mut ids, (gitlab, id.value), id.span)
        {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-id",
                    id.span,
                    format!("two projects have the id {}: one of the two is wrong", id.value),
                )
                .help("look up both on the projects' pages in GitLab, and mend the one that differs")
                .related(first, "the other project's"),
            );
        }
    }
    copies
}

fn accounts(resolved: &Resolved<'_>, copies: &HashSet<usize>, diagnostics: &mut Vec<Diagnostic>) {
    let count = resolved.projects.iter().map(|project| project.accounts.len()).sum();
    let mut claims = HashMap::with_capacity(count);
    let originals = resolved.projects.iter().enumerate().filter(|(index, _)| !copies.contains(index));
    for (_, project) in originals {
        let mut own = HashMap::new();
        for account in &project.accounts {
            let name = &account.declared.name;
            let namespace = account.namespace.name.value.as_str();
            if let Some(first) = claimed(&mut own, name.value.as_str(), name.span) {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-account",
                        name.span,
                        format!("the project has two accounts `{}`", shown(&name.value)),
                    )
                    .help("name them apart: the hidden job of the include has the account's name")
                    .related(first, "the first one"),
                );
            } else if let Some(first) =
                claimed(&mut claims, (account.cluster, namespace, name.value.as_str()), name.span)
            {
                diagnostics.push(
                    Diagnostic::error(
                        "shared-account",
                        name.span,
                        format!(
                            "another project has the account `{}` in namespace `{}`",
                            shown(&name.value),
                            shown(namespace)
                        ),
                    )
                    .help("give each project an account, or a namespace, of its own")
                    .related(first, "the other project's"),
                );
            }
        }
    }
}

/// A namespace that tegata creates belongs to the one that asks for it: else it might be made after what needs
/// it, and would go with a project that others still stand in. Whether one of them is a manager's that a project claims.
fn namespaces(resolved: &Resolved<'_>, copies: &HashSet<usize>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let is_runner = |owner: usize| owner >= resolved.projects.len();
    let mut at_manager = false;
    let mut created: HashMap<(&str, &str), (usize, Span)> = HashMap::new();
    let uses = || {
        let originals = resolved.projects.iter().enumerate().filter(|(index, _)| !copies.contains(index));
        let projects = originals.flat_map(|(index, project)| {
            project.accounts.iter().map(move |account| (index, account.cluster, account.namespace))
        });
        let runners = resolved.runners.values().enumerate().map(|(index, runner)| {
            (
                resolved.projects.len() + index,
                runner.declared.cluster.value.as_str(),
                &runner.declared.namespace,
            )
        });
        projects.chain(runners)
    };
    for (owner, cluster, namespace) in uses().filter(|(.., namespace)| namespace.create) {
        let key = (cluster, namespace.name.value.as_str());
        match created.get(&key) {
            None => drop(created.insert(key, (owner, namespace.span))),
            // Accounts of one project that say nothing of their own share the project's declaration.
            Some((_, first)) if *first == namespace.span => {}
            Some((other, _)) if is_runner(*other) != is_runner(owner) => at_manager = true,
            Some((_, first)) => diagnostics.push(
                Diagnostic::error(
                    "duplicate-namespace",
                    namespace.span,
                    format!("the namespace `{}` is created twice", shown(key.1)),
                )
                .help("give each project a namespace of its own; or drop `create` in both, and have it made outside of tegata")
                .related(*first, "first here"),
            ),
        }
    }
    for (user, cluster, namespace) in uses().filter(|(.., namespace)| !namespace.create) {
        if let Some((owner, first)) = created.get(&(cluster, namespace.name.value.as_str()))
            && *owner != user
        {
            if is_runner(*owner) != is_runner(user) {
                at_manager = true;
                continue;
            }
            diagnostics.push(others_namespace(namespace, *first, &file_of(resolved, *owner)));
        }
    }
    at_manager
}

/// The file of a project or, behind them, of a runner.
fn file_of(resolved: &Resolved<'_>, owner: usize) -> String {
    let runner = || resolved.runners.keys().nth(owner.saturating_sub(resolved.projects.len()));
    match resolved.projects.get(owner) {
        Some(project) => project.declared.source.to_string(),
        None => format!("runners/{}.yaml", runner().copied().unwrap_or_default()),
    }
}

fn others_namespace(namespace: &Namespace, created: Span, file: &str) -> Diagnostic {
    Diagnostic::error(
        "others-namespace",
        namespace.name.span,
        format!("the namespace `{}` is created for another", shown(&namespace.name.value)),
    )
    .help(format!(
        "use a namespace of your own; or drop `create` in {file}, and have it made outside of tegata"
    ))
    .related(created, "created here")
}
