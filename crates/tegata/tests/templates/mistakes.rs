//! What people get wrong who write their first template, and what they are told.

use super::{INCLUDE, METADATA, RULES, VALUES, refused};

const LABELS: &str = "{{ object.labels | block(4) }}";

/// The labels, with one of the team's own above them.
fn with_label(line: &str) -> String {
    format!("  labels:\n{{% if object.kind == \"RoleBinding\" %}}\n{line}\n{{% endif %}}\n")
}

/// The condition above a namespace, written otherwise.
#[track_caller]
fn condition(name: &str, condition: &str) {
    refused(name, METADATA, "{% if object.namespace %}", condition);
}

#[test]
fn quotes_around_a_value() {
    refused("quotes-around-a-name", METADATA, "{{ object.name }}", "\"{{ object.name }}\"");
    refused("single-quotes-around-a-name", METADATA, "{{ object.name }}", "'{{ object.name }}'");
    refused("quotes-around-a-part", METADATA, "{{ object.name }}", "\"the {{ object.name }}\"");
    refused("text-behind-a-value", METADATA, "{{ object.name }}", "{{ object.name }} it is");
}

#[test]
fn indented_too_little() {
    refused("block-too-far-left", METADATA, LABELS, "{{ object.labels | block(2) }}");
    refused("variable-too-far-left", INCLUDE, "    {{ name }}: {{ value }}\n", "  {{ name }}: {{ value }}\n");
    refused("variables-at-the-margin", INCLUDE, "  {{ name }}: {{ value }}\n", "{{ name }}: {{ value }}\n");
    refused("rules-too-far-left", RULES, "    verbs:", "  verbs:");
    refused("label-two-too-far-left", METADATA, "  labels:\n", &with_label("  example.com/team: platform"));
    refused("label-one-too-far-left", METADATA, "  labels:\n", &with_label("   example.com/team: platform"));
    refused("label-too-far-right", METADATA, "  labels:\n", &with_label("      example.com/team: platform"));
}

#[test]
fn a_mapping_without_its_block() {
    refused("block-without-a-number", METADATA, LABELS, "{{ object.labels | block }}");
    refused("block-behind-blanks", METADATA, LABELS, "    {{ object.labels | block(4) }}");
    refused("mapping-as-it-is", METADATA, LABELS, "{{ object.labels }}");
    refused("mapping-with-indent", METADATA, LABELS, "{{ object.labels | indent(4) }}");
    refused("mapping-with-indent-indented", METADATA, LABELS, "    {{ object.labels | indent(4) }}");
    refused("mapping-with-to-json", METADATA, LABELS, "{{ object.labels | tojson }}");
    refused("mapping-with-to-yaml", METADATA, LABELS, "{{ object.labels | toYaml | indent(4) }}");
    refused("mapping-with-nindent", METADATA, LABELS, "{{ object.labels | nindent(4) }}");
}

#[test]
fn blocks_without_their_end() {
    let end = "{% endif %}\n  labels:";
    refused("if-not-closed", METADATA, end, "  labels:");
    refused("last-if-not-closed", METADATA, "block(4) }}\n{% endif %}\n", "block(4) }}\n");
    refused("for-not-closed", INCLUDE, "{% endfor %}\n\n", "\n");
    refused("one-end-too-many", METADATA, end, "{% endif %}\n{% endif %}\n  labels:");
    refused("else-in-vain", METADATA, "  labels:", "{% else %}\n  labels:");
    refused("comment-not-closed", METADATA, "  labels:", "{# the labels\n  labels:");
    refused("tag-not-closed", METADATA, "{% if object.namespace %}", "{% if object.namespace");
    refused("value-not-closed", METADATA, "{{ object.name }}", "{{ object.name }");
}

#[test]
fn conditions_of_other_languages() {
    condition("else-if", "{% if false %}\n{% else if object.namespace %}");
    condition("elseif", "{% if false %}\n{% elseif object.namespace %}");
    condition("one-equals-sign", "{% if object.kind = \"Role\" %}");
    condition("and-of-c", "{% if object.namespace && object.kind %}");
    condition("or-of-c", "{% if object.namespace || object.kind %}");
    condition("not-of-c", "{% if !object.namespace %}");
    condition("null-of-others", "{% if object.namespace != null %}");
    condition("if-of-go", "{{ if .Values.namespace }}");
    condition("end-of-go", "{% if object.namespace %}{% end %}");
    refused("value-of-go", METADATA, "{{ object.name }}", "{{ .Values.name }}");
    refused("trimmed-value-of-go", METADATA, "{{ object.name }}", "{{- .name }}");
}

#[test]
fn a_template_that_is_empty() {
    let all = std::fs::read_to_string(super::repository().join("templates").join(METADATA)).unwrap();
    refused("empty-metadata", METADATA, &all, "");
    refused("metadata-of-a-comment", METADATA, &all, "{# nothing yet #}\n  \n");
    let all = std::fs::read_to_string(super::repository().join("templates").join(INCLUDE)).unwrap();
    refused("empty-include", INCLUDE, &all, "\n");
    let all = std::fs::read_to_string(super::repository().join("templates").join(VALUES)).unwrap();
    refused("empty-values", VALUES, &all, "");
    let all = std::fs::read_to_string(super::repository().join("templates").join(RULES)).unwrap();
    refused("empty-rules", RULES, &all, "");
}

#[test]
fn labels_that_are_no_texts() {
    refused("label-yes", METADATA, "  labels:\n", &with_label("    example.com/team: yes"));
    refused("label-number", METADATA, "  labels:\n", &with_label("    example.com/team: 5"));
    refused("label-true", METADATA, "  labels:\n", &with_label("    example.com/team: true"));
    refused("label-without-value", METADATA, "  labels:\n", &with_label("    example.com/team:"));
    // In quotes it would be refused just the same.
    let of_roles =
        "  labels:\n{% if object.kind == \"ClusterRole\" %}\n    example.com/team: 5\n{% endif %}\n";
    refused("label-number-of-a-cluster-role", METADATA, "  labels:\n", of_roles);
    refused("label-octal", METADATA, "  labels:\n", &with_label("    example.com/team: 0755"));
}

#[test]
fn names_that_are_not_in_scope() {
    refused("object-in-an-include", INCLUDE, "{{ project }}", "{{ object.name }}");
    refused("job-outside-of-its-loop", INCLUDE, "{{ project }}", "{{ job.name }}");
    refused("team-in-metadata", METADATA, "{{ object.name }}", "{{ team }}");
    refused("filter-that-was-left-out", VALUES, "block }}", "urlencode }}");
}

#[test]
fn a_block_that_is_too_far_to_the_right() {
    refused(
        "block-too-far",
        METADATA,
        "object.labels | block(4)",
        "object.labels | block(18446744073709551615)",
    );
}
