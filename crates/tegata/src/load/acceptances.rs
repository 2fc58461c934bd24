//! Risks that are taken knowingly. So far no finding can be accepted: who wrote one believes that it did something.

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Reports the acceptances of a runner or a project, and of its accounts.
pub fn report(node: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let accounts = node.get("serviceAccounts").map(Node::items).unwrap_or_default();
    let lists = std::iter::once(node).chain(accounts).filter_map(|part| part.get("accept"));
    diagnostics.extend(lists.flat_map(Node::items).map(|entry| {
        Diagnostic::error(
            "unused-acceptance",
            entry.span,
            "no finding can be accepted yet, so this does nothing",
        )
        .help("remove it, and `accept:` with the last one")
        .warning()
    }));
}
