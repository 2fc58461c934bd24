//! Names that are nobody's to claim, and a project that claims to be two GitLabs'.

use foldhash::HashSet;
use rayon::prelude::*;

use super::super::{Account, Project, Resolved, names};
use crate::declared::Scope;
use crate::diagnostic::Diagnostic;
use crate::shape::text::shown;
use crate::source::Located;

/// Reports what projects claim that can't be theirs; of copies of a project, nothing.
pub fn report(resolved: &Resolved<'_>, copies: &HashSet<usize>, diagnostics: &mut Vec<Diagnostic>) {
    let projects = resolved.projects.par_iter().enumerate().filter(|(index, _)| !copies.contains(index));
    diagnostics.par_extend(projects.flat_map_iter(|(_, project)| {
        let mut found = Vec::new();
        two_gitlabs(project, &mut found);
        for account in &project.accounts {
            reserved_names(account, &mut found);
        }
        found
    }));
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

/// Names that mean something already: to Kubernetes, or to tegata.
fn reserved_names(account: &Account<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let name = &account.declared.name;
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
pub fn closed_to_jobs(namespace: &Located<String>) -> Option<Diagnostic> {
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
