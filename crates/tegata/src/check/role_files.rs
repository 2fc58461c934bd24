//! A role's file: its name is the role's, it takes the place of none of Kubernetes' own roles, and it says
//! itself what the role permits.

use tegata_rbac::role_names::reserved_cluster_role;

use super::{Look, Rule, at_no_project};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::resolve::Resolved;
use crate::shape::text::shown;

pub const RULE: Rule = Rule {
    title: "a role's file has the role's name, and says what it permits",
    ids: &["role-name", "reserved-role", "aggregated-role"],
    check,
};

fn check<'a>(loaded: &'a Loaded, _: &'a Resolved<'a>, diagnostics: &mut Vec<Diagnostic>) -> Look<'a> {
    for (stem, role) in &loaded.roles {
        let name = &role.name;
        if name.value != *stem {
            diagnostics.push(
                Diagnostic::error(
                    "role-name",
                    name.span,
                    format!("the role is `{}`, and its file `{}.yaml`", shown(&name.value), shown(stem)),
                )
                .help(format!(
                    "write name: {}, or rename the file to roles/{}.yaml",
                    crate::yaml::emit::text(stem),
                    shown(&name.value)
                )),
            );
        }
        let reserved = reserved_cluster_role(&name.value).or_else(|| {
            name.value
                .starts_with("tegata:")
                .then_some("starts with `tegata:`, which is kept for the roles that tegata makes")
        });
        if let Some(reason) = reserved {
            diagnostics.push(
                Diagnostic::error("reserved-role", name.span, format!("`{}` {reason}", shown(&name.value)))
                    .help("rename the file and the role; or delete the file, and refer to the cluster's role with `existing: true`"),
            );
        }
        if let Some(span) = role.aggregation {
            let dropped = Diagnostic::error(
                "aggregated-role",
                span,
                "the aggregation rule is dropped: the role permits what its `rules` say, and no more",
            );
            diagnostics.push(if role.rules.is_empty() {
                dropped.help("write the rules out: `kubectl get clusterrole NAME -o yaml` on a running cluster prints them")
            } else {
                dropped.help("remove `aggregationRule` to be rid of this warning").warning()
            });
        }
    }
    at_no_project()
}
