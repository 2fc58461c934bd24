//! What is told at the template that did it, and at its line: also where a file's text goes wrong elsewhere.

use super::{BINDING, CLUSTER_BINDING, METADATA, RULES, VALUES, refused, repository};

const POLICY: &str = "kubernetes/ValidatingAdmissionPolicy.yaml.j2";
const LAST: &str = "    namespace: {{ object.subject.namespace }}\n";
const METADATA_INCLUDE: &str = "{% include \"kubernetes/metadata.yaml.j2\" %}\n";

/// What stands behind the last line of a template is written into that line.
#[test]
fn a_last_line_without_its_end() {
    refused("no-end-of-the-last-line", BINDING, LAST, LAST.trim_end());
    refused("no-end-of-the-last-value", VALUES, "{{ values | block }}\n", "{{ values | block }}\na: 1");
    let last = "{{ object.annotations | block(4) }}\n{% endif %}\n";
    refused("blanks-in-the-last-line", METADATA, last, &format!("{last}  "));
    refused(
        "blanks-in-the-last-line-of-rules",
        RULES,
        "rules: []\n{% endif %}\n",
        "rules: []\n{% endif %}\n    ",
    );
    refused("comment-without-its-end", BINDING, LAST, &format!("{LAST}# the end"));
}

/// The rest of a file is the work of built-in templates.
#[test]
fn what_own_templates_do_to_built_in_ones() {
    let minus = METADATA_INCLUDE.replace("{%", "{%-");
    refused("minus-before-an-include", BINDING, METADATA_INCLUDE, &minus);
    refused("minus-behind-a-statement", METADATA, "{% endif %}\n  labels", "{% endif -%}\n  labels");
    refused("indented-first-line", CLUSTER_BINDING, "apiVersion", "  apiVersion");
    refused("include-twice", BINDING, METADATA_INCLUDE, &METADATA_INCLUDE.repeat(2));
    let all = std::fs::read_to_string(repository().join("templates").join(BINDING)).unwrap();
    refused("extends-another", BINDING, &all, "{% extends \"kubernetes/Role.yaml.j2\" %}\n");
    refused(
        "sets-the-object",
        BINDING,
        METADATA_INCLUDE,
        &format!("{{% set object = 1 %}}\n{METADATA_INCLUDE}"),
    );
}

#[test]
fn what_stands_above_what_it_concerns() {
    refused("anchor-of-a-mapping", BINDING, "roleRef:", "roleRef: &r");
    refused("anchor-of-a-list", BINDING, "subjects:", "subjects: &s");
    refused("tag-of-a-mapping", BINDING, "roleRef:", "roleRef: !!map");
    refused("key-above-a-block", POLICY, "spec:\n", "spec:\n  failurePolicy: Ignore\n");
    refused(
        "label-above-a-block",
        METADATA,
        "  labels:\n",
        "  labels:\n    app.kubernetes.io/managed-by: me\n",
    );
}
