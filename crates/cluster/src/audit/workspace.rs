//! Where a cluster differs from what the workspace says: drift and orphans, as the plan of an apply has them.

use crate::finding::{Finding, Severity};
use crate::plan::{Action, Change, Plan};
use crate::show::{addition, leftover};

/// What differs, object by object. Objects that are as they should be and not in the inventory yet are no difference.
pub fn differences(plan: &Plan) -> Vec<Finding> {
    let error = |id, message, help| Finding::new(Severity::Error, id, message, help);
    let refusals = plan.refusals.iter().map(|refusal| {
        let fault = &refusal.fault;
        let finding = error(fault.id, fault.message.clone(), fault.help.clone());
        match &refusal.object {
            Some(id) => finding.about(id.argument()),
            None => finding,
        }
    });
    let additions = plan.additions.iter().map(|found| {
        let (id, message, help) = addition(found);
        error(id, message, help).about(found.id.argument())
    });
    let orphans = plan.leftovers.iter().map(|found| {
        let (_, message, help) = leftover(found);
        error("orphan", message, help).about(found.id.argument())
    });
    let drift = plan.changes.iter().filter_map(drift);
    refusals.chain(drift).chain(additions).chain(orphans).collect()
}

fn drift(change: &Change) -> Option<Finding> {
    let id = &change.id;
    let message = match change.action {
        Action::Create => format!("{id} is missing"),
        Action::Update | Action::Replace => format!("{id} is not as out/ says"),
        Action::Delete => format!("{id} is no longer in out/"),
        // As it should be, and not in the inventory yet.
        Action::Adopt => return None,
    };
    let help = "`cargo xtask diff` shows the difference, and `apply` mends it";
    Some(Finding::new(Severity::Error, "drift", message, help).about(id.argument()))
}
