//! What to write instead of what readers of YAML disagree about, and of what is not as it was resolved.

use super::{ACCOUNT, BINDING, MANIFEST, METADATA, RULES, refused, render};

#[test]
fn what_is_written_otherwise_than_it_was_resolved() {
    let token = "{{ object.automountToken }}";
    refused("yes-for-true", ACCOUNT, token, "yes");
    refused("capital-true", ACCOUNT, token, "True");
    refused("true-in-quotes", ACCOUNT, token, "\"true\"");
    refused("label-capital-true", METADATA, "  labels:\n", "  labels:\n    example.com/team: True\n");
    refused("key-in-small-letters", BINDING, "roleRef:", "roleref:");
    refused("list-in-a-list", RULES, "verbs: {{ rule.verbs }}", "verbs: [{{ rule.verbs }}]");
}

#[test]
fn the_order_of_lists_is_fixed() {
    refused("sorted-list", RULES, "verbs: {{ rule.verbs }}", "verbs: {{ rule.verbs | sort | reverse }}");
}

#[test]
fn what_readers_of_yaml_disagree_about() {
    refused("byte-order-mark", BINDING, "kind:", "\u{feff}kind:");
    refused("comment-behind-a-separator", MANIFEST, "---\n", "--- # an object\n");
}

/// Between two lines `---` there may be nothing.
#[test]
fn an_empty_document_does_nothing() {
    let (_folder, report) = render(MANIFEST, "---\n", "---\n---\n");
    assert!(!report.failed());
}
