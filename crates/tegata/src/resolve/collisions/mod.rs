//! What two files claim at once: a project, an id, an object, a path below `out/`.

mod paths;

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use rayon::prelude::*;

use super::output::{Content, Output, outputs};
use super::{Account, Project, Resolved, apply, names};
use crate::declared::{Namespace, Scope, place_of};
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;
use crate::source::{Located, Span};

/// Reports every collision.
pub fn report(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let before = diagnostics.len();
    let copies = projects(resolved, diagnostics);
    accounts(resolved, &copies, diagnostics);
    namespaces(resolved, &copies, diagnostics);
    servers(resolved, diagnostics);
    releases(resolved, diagnostics);
    apply::check_places(resolved, diagnostics);
    if diagnostics.len() == before {
        // What collides above collides again as an object and as a file: once is enough.
        let outputs = outputs(resolved);
        objects(resolved, &outputs, diagnostics);
        paths::report(&outputs, diagnostics);
    }
}

/// The span that claimed `key` first, where this is not the first claim.
fn claimed<K: Eq + Hash>(claims: &mut HashMap<K, Span>, key: K, span: Span) -> Option<Span> {
    match claims.entry(key) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(free) => {
            free.insert(span);
            None
        }
    }
}

/// The projects that have a file already, by their indices: all that they say collides, and once is enough.
fn projects(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) -> HashSet<usize> {
    let mut copies = HashSet::new();
    let mut paths = HashMap::with_capacity(resolved.projects.len());
    let mut ids = HashMap::with_capacity(resolved.projects.len());
    let gitlabs: HashMap<&str, String> =
        resolved.runners.iter().map(|(name, runner)| (*name, runner.declared.gitlab())).collect();
    for (index, project) in resolved.projects.iter().enumerate() {
        let path = &project.declared.path;
        if let Some(first) = claimed(&mut paths, path.value.to_lowercase(), path.span) {
            diagnostics.push(
                Diagnostic::error("duplicate-project", path.span, format!("`{}` has a file already", shown(&path.value)))
                    .help("one file describes one project: put both into one (GitLab's paths differ in more than case)")
                    .related(first, "the first file"),
            );
            copies.insert(index);
            continue;
        }
        two_gitlabs(project, diagnostics);
        // Two GitLab instances count their projects apart.
        let gitlab = project.accounts.first().and_then(|account| gitlabs.get(account.runner.name.as_str()));
        if let (Some(id), Some(gitlab)) = (&project.declared.id, gitlab)
            && let Some(first) = claimed(&mut ids, (gitlab, id.value), id.span)
        {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-id",
                    id.span,
                    format!("the id {} belongs to another project", id.value),
                )
                .help("write GitLab's project id, from the project's page")
                .related(first, "the other project"),
            );
        }
    }
    copies
}

/// An id is one GitLab's: on the runners of another, it is another project's.
fn two_gitlabs(project: &Project<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = project.accounts.first() else { return };
    let other = project.accounts.iter().find(|account| {
        account.runner.gitlab_url != first.runner.gitlab_url
            && account.runner.gitlab() != first.runner.gitlab()
    });
    if let Some(account) = other {
        let runner = account.declared.runner.as_deref().unwrap_or(&project.declared.runner);
        diagnostics.push(
            Diagnostic::error(
                "two-gitlabs",
                runner.span,
                format!(
                    "the runners `{}` and `{}` are of two GitLabs, and a project is one's",
                    first.runner.name, account.runner.name
                ),
            )
            .help("choose runners of one GitLab, or write a file for the project in the other one"),
        );
    }
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
            if name.value == names::RESERVED_ACCOUNT {
                diagnostics.push(
                    Diagnostic::error(
                        "reserved-name",
                        name.span,
                        "no account can be named `tegata`: tegata's own roles begin with it",
                    )
                    .help("choose another name"),
                );
            }
            reserved_names(account, diagnostics);
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

/// Names that mean something already: to Kubernetes, or to tegata.
fn reserved_names(account: &Account<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let name = &account.declared.name;
    if name.value == "default" {
        diagnostics.push(
            Diagnostic::error(
                "reserved-name",
                name.span,
                "every pod of the namespace that asks for no account runs as `default`: what it may do, all may",
            )
            .help("name an account of its own, such as `build`"),
        );
    }
    for role in &account.declared.roles {
        let Some(binding) = &role.binding_name else { continue };
        let everywhere = role.scope.value != Scope::Namespace;
        let whose = match binding.value.as_str() {
            own if own.starts_with(names::PREFIX) => "begins like the names that tegata gives",
            "cluster-admin" if everywhere => "is the name of a binding that Kubernetes makes itself",
            own if everywhere && own.starts_with("system:") => {
                "begins with `system:`, like the bindings that Kubernetes makes itself"
            }
            _ => continue,
        };
        diagnostics.push(
            Diagnostic::error("reserved-name", binding.span, format!("`{}` {whose}", shown(&binding.value)))
                .help("choose another name, or drop `bindingName`"),
        );
    }
    diagnostics.extend(closed_to_jobs(&account.namespace.name));
}

/// Whoever may run a pod in a system namespace is next to the credentials of the whole cluster; and in `default` are
/// the inventories of what was applied, and whatever was made without a thought.
fn closed_to_jobs(namespace: &Located<String>) -> Option<Diagnostic> {
    let (whose, help) = if namespace.value.starts_with(names::SYSTEM_NAMESPACES) {
        (
            "belongs to Kubernetes itself: no job may run there",
            "name a namespace of its own; those that begin with `kube-` are Kubernetes'",
        )
    } else if namespace.value == names::INVENTORY_NAMESPACE {
        (
            "is everybody's, and keeps the inventories of what was applied: no job may run there",
            "name a namespace of its own",
        )
    } else {
        return None;
    };
    let message = format!("`{}` {whose}", shown(&namespace.value));
    Some(Diagnostic::error("reserved-name", namespace.span, message).help(help))
}

/// A namespace that tegata creates belongs to the one that asks for it: else it might be made after what needs
/// it, and would go with a project that others still stand in.
fn namespaces(resolved: &Resolved<'_>, copies: &HashSet<usize>, diagnostics: &mut Vec<Diagnostic>) {
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
            Some((_, first)) => diagnostics.push(
                Diagnostic::error(
                    "duplicate-namespace",
                    namespace.span,
                    format!("the namespace `{}` is created twice", shown(key.1)),
                )
                .help("keep `create: true` in one place; a project of its own namespace is safer still")
                .related(*first, "first here"),
            ),
        }
    }
    for (user, cluster, namespace) in uses().filter(|(.., namespace)| !namespace.create) {
        if let Some((owner, first)) = created.get(&(cluster, namespace.name.value.as_str()))
            && *owner != user
        {
            diagnostics.push(others_namespace(namespace, *first));
        }
    }
}

fn others_namespace(namespace: &Namespace, created: Span) -> Diagnostic {
    Diagnostic::error(
        "others-namespace",
        namespace.name.span,
        format!("the namespace `{}` is created for another", shown(&namespace.name.value)),
    )
    .help("use a namespace of your own, or let one that both use be made outside of tegata (drop `create`)")
    .related(created, "created here")
}

/// Two files that describe one cluster: what one of them claims there, the other could claim once more.
fn servers(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut claims = HashMap::new();
    for (name, cluster) in &resolved.clusters {
        let Some(server) = &cluster.declared.server else { continue };
        if let Some(first) = claimed(&mut claims, place_of(&server.value), server.span) {
            let message = format!("another cluster has the server of `{name}`, so both are one");
            diagnostics.push(
                Diagnostic::error("duplicate-server", server.span, message)
                    .help("describe it in one file, and name that in the runners; or pin the address of another cluster")
                    .related(first, "the other one"),
            );
        }
    }
}

fn releases(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut claims = HashMap::new();
    for runner in resolved.runners.values() {
        let declared = runner.declared;
        diagnostics.extend(closed_to_jobs(&declared.jobs_namespace));
        let key = (
            declared.cluster.value.as_str(),
            declared.namespace.name.value.as_str(),
            declared.release.as_str(),
        );
        if let Some(first) = claimed(&mut claims, key, declared.namespace.name.span) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-release",
                    declared.namespace.name.span,
                    format!(
                        "the release `{}` in namespace `{}` belongs to another runner",
                        shown(key.2),
                        shown(key.1)
                    ),
                )
                .help("write another `release` or `namespace`: one release is one runner")
                .related(first, "the other runner's"),
            );
        }
    }
}

/// What tells an object apart: its cluster, kind, namespace and name.
type Identity<'a> = (&'a str, &'static str, Option<String>, String);

fn objects(resolved: &Resolved<'_>, outputs: &[Output<'_>], diagnostics: &mut Vec<Diagnostic>) {
    // Hashes first: of a large workspace's identities, none is kept unless two of them may be the same.
    let hasher = RandomState::default();
    let hash = |(identity, _): (Identity<'_>, Span)| hasher.hash_one(identity);
    let hashes = outputs.par_iter().flat_map_iter(|output| identities(resolved, output).map(hash)).collect();
    if sorted_and_distinct(hashes).is_some() {
        return;
    }
    let mut claims: HashMap<Identity<'_>, Span> = HashMap::new();
    for (identity, span) in outputs.iter().flat_map(|output| identities(resolved, output)) {
        let (_, kind, namespace, name) = &identity;
        let place = namespace.as_ref().map(|namespace| format!(" in namespace `{}`", shown(namespace)));
        let message = format!("the {kind} `{}`{} is made twice", shown(name), place.unwrap_or_default());
        if let Some(first) = claimed(&mut claims, identity, span) {
            diagnostics.push(
                Diagnostic::error("duplicate-object", span, message)
                    .help("drop one of the two, or name one apart with `bindingName`")
                    .related(first, "first here"),
            );
        }
    }
}

fn identities<'a>(
    resolved: &Resolved<'_>,
    output: &'a Output<'_>,
) -> impl Iterator<Item = (Identity<'a>, Span)> {
    let cluster = match &output.content {
        Content::Role(_) => output.path.components().nth(1).map_or("", |part| part.as_str()),
        Content::Project(_, cluster) => cluster,
        Content::Runner(runner) | Content::Admission(runner) => runner.declared.cluster.value.as_str(),
        Content::Quarantine { cluster, .. } => cluster,
        Content::Apply(cluster) => cluster.declared.name.as_str(),
        Content::Values(_) | Content::Include(_) => "",
    };
    let objects = output.objects(resolved).into_iter();
    objects.map(move |object| ((cluster, object.kind(), object.namespace, object.name), object.origin))
}

/// The hashes in their order, unless two of them are the same.
fn sorted_and_distinct(mut hashes: Vec<u64>) -> Option<Vec<u64>> {
    hashes.par_sort_unstable();
    hashes.windows(2).all(|two| two.first() != two.last()).then_some(hashes)
}
