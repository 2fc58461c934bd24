//! No template can grant: whatever one adds, drops or changes is an error that names its line.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails, and that is its report"
)]

#[path = "templates/characters.rs"]
mod characters;
#[path = "templates/helps.rs"]
mod helps;
#[path = "templates/many.rs"]
mod many;
#[path = "templates/mistakes.rs"]
mod mistakes;
#[path = "templates/places.rs"]
mod places;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use tegata::diagnostic::human;
use tegata::{Mode, Report, generate};

fn repository() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy(from: &Utf8Path, to: &Utf8Path) {
    for entry in walkdir::WalkDir::new(from)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
    {
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// The repository's own workspace, with `from` replaced by `to` in one of its templates.
fn render(template: &str, from: &str, to: &str) -> (tempfile::TempDir, Report) {
    render_with(false, template, from, to)
}

/// As `render`, with all other templates in the workspace too, where `all` says so.
fn render_with(all: bool, template: &str, from: &str, to: &str) -> (tempfile::TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
    for part in ["clusters", "runners", "roles", "projects"] {
        copy(&repository().join(part), &root.join(part));
    }
    fs::copy(repository().join("tegata.yaml"), root.join("tegata.yaml")).unwrap();
    if all {
        copy(&repository().join("templates"), &root.join("templates"));
    }
    let text = fs::read_to_string(repository().join("templates").join(template)).unwrap();
    assert!(text.contains(from), "{template} has no {from:?}");
    let path = root.join("templates").join(template);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text.replacen(from, to, 1)).unwrap();
    let report = generate(&root, Mode::Write, &|_, _| {});
    (folder, report)
}

/// The template is refused, with this report, and nothing is written.
#[track_caller]
fn refused(name: &str, template: &str, from: &str, to: &str) {
    refused_in(name, render(template, from, to));
}

/// As `refused`, in a workspace that has all templates, each of which could be to blame.
#[track_caller]
fn refused_among_all(name: &str, template: &str, from: &str, to: &str) {
    refused_in(name, render_with(true, template, from, to));
}

#[track_caller]
fn refused_in(name: &str, (folder, report): (tempfile::TempDir, Report)) {
    assert!(report.failed(), "{name}: accepted");
    assert!(!folder.path().join("out").exists(), "{name}: written all the same");
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "templates", omit_expression => true }, {
        insta::assert_snapshot!(name, human::text(&report.diagnostics, &report.sources, false).trim_end());
    });
}

/// The template is a matter of taste.
#[track_caller]
fn accepted(template: &str, from: &str, to: &str) {
    let (_folder, report) = render(template, from, to);
    assert!(!report.failed(), "{}", human::text(&report.diagnostics, &report.sources, false));
}

const BINDING: &str = "kubernetes/RoleBinding.yaml.j2";
const CLUSTER_BINDING: &str = "kubernetes/ClusterRoleBinding.yaml.j2";
const RULES: &str = "kubernetes/rules.yaml.j2";
const METADATA: &str = "kubernetes/metadata.yaml.j2";
const MANIFEST: &str = "kubernetes/manifest.yaml.j2";
const ACCOUNT: &str = "kubernetes/ServiceAccount.yaml.j2";
const NAMESPACE: &str = "kubernetes/Namespace.yaml.j2";
const INCLUDE: &str = "gitlab-ci/include.yml.j2";
const VALUES: &str = "helm/values.yaml.j2";

#[test]
fn a_template_can_add_nothing() {
    let end = "{% endfor %}\n";
    refused(
        "adds-a-subject",
        BINDING,
        "subjects:\n",
        "subjects:\n  - kind: Group\n    name: system:authenticated\n    apiGroup: rbac.authorization.k8s.io\n",
    );
    refused(
        "adds-a-last-subject",
        CLUSTER_BINDING,
        "namespace: {{ object.subject.namespace }}\n",
        "namespace: {{ object.subject.namespace }}\n  - kind: User\n    name: mallory\n",
    );
    refused(
        "adds-a-rule",
        RULES,
        "rules:\n",
        "rules:\n  - apiGroups: [\"\"]\n    resources: [secrets]\n    verbs: [get]\n",
    );
    refused("adds-a-verb", RULES, "verbs: {{ rule.verbs }}", "verbs: {{ rule.verbs + [\"delete\"] }}");
    let every = "verbs: {{ [\"*\"] }}";
    refused("adds-every-verb", RULES, "verbs: {{ rule.verbs }}", every);
    let beside = "verbs: [get, list, watch, \"*\"]";
    refused("adds-every-verb-beside-others", RULES, "verbs: {{ rule.verbs }}", beside);
    refused(
        "adds-a-label-to-an-account",
        METADATA,
        "  labels:\n",
        "  labels:\n{% if object.kind == \"ServiceAccount\" %}\n    example.com/team: a\n{% endif %}\n",
    );
    refused(
        "adds-a-binding",
        MANIFEST,
        end,
        "{% endfor %}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: backdoor }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }\nsubjects: [{ kind: User, name: mallory }]\n",
    );
    refused(
        "adds-a-binding-in-front",
        MANIFEST,
        "{% for",
        "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: backdoor, namespace: default }\n{% for",
    );
    refused("adds-a-variable", INCLUDE, "variables:\n", "variables:\n  KUBERNETES_BEARER_TOKEN: stolen\n");
    refused("adds-a-job", INCLUDE, "{% for job", "steal:\n  script: [env]\n{% for job");
    refused("adds-a-value", VALUES, "{{ values | block }}", "{{ values | block }}\nprivileged: true");
    refused(
        "adds-an-aggregation",
        METADATA,
        "  labels:\n",
        "  labels:\n{% if object.kind == \"ClusterRole\" %}\n    rbac.authorization.k8s.io/aggregate-to-view: \"true\"\n{% endif %}\n",
    );
    // Any label will do for the `aggregationRule` of some other role in the cluster.
    refused(
        "adds-a-label-to-a-cluster-role",
        METADATA,
        "  labels:\n",
        "  labels:\n{% if object.kind == \"ClusterRole\" %}\n    example.com/aggregate-to-monitoring: \"true\"\n{% endif %}\n",
    );
    refused(
        "adds-a-cloud-identity",
        METADATA,
        "  annotations:\n",
        "  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/admin\n",
    );
    refused(
        "adds-a-pod-security-label",
        NAMESPACE,
        "{% include \"kubernetes/metadata.yaml.j2\" %}\n",
        "metadata:\n  name: {{ object.name }}\n  labels: {{ dict(object.labels, **{\"pod-security.kubernetes.io/enforce\": \"privileged\"}) }}\n  annotations: {{ object.annotations }}\n",
    );
    refused(
        "adds-a-secret",
        ACCOUNT,
        "automountServiceAccountToken:",
        "secrets: [{ name: somebody-elses }]\nautomountServiceAccountToken:",
    );
    refused(
        "repeats-a-key",
        BINDING,
        "roleRef:\n",
        "roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }\nroleRef:\n",
    );
}

#[test]
fn a_template_can_drop_nothing() {
    refused("drops-the-subjects", BINDING, "subjects:\n", "# subjects:\n");
    refused("drops-a-rule", RULES, "{% for rule in object.rules %}", "{% for rule in object.rules[1:] %}");
    refused("drops-the-names", RULES, "    resourceNames: {{ rule.resourceNames }}\n", "");
    refused(
        "drops-a-label",
        METADATA,
        "{{ object.labels | block(4) }}\n",
        "{% for key, value in object.labels | items %}\n{% if key != \"app.kubernetes.io/managed-by\" %}\n    {{ key }}: {{ value }}\n{% endif %}\n{% endfor %}\n",
    );
    refused(
        "drops-the-automount",
        ACCOUNT,
        "automountServiceAccountToken: {{ object.automountToken }}\n",
        "",
    );
    refused("drops-an-object", MANIFEST, "{% for object in objects %}", "{% for object in objects[:-1] %}");
    refused("drops-everything", MANIFEST, "{% for object in objects %}", "{% for object in [] %}");
    refused(
        "drops-a-variable",
        INCLUDE,
        "  {{ name }}: {{ value }}\n",
        "{% if loop.first %}\n  {{ name }}: {{ value }}\n{% endif %}\n",
    );
}

#[test]
fn a_template_can_change_nothing() {
    refused("changes-the-role", CLUSTER_BINDING, "name: {{ object.role.name }}", "name: cluster-admin");
    refused(
        "changes-the-namespace",
        BINDING,
        "namespace: {{ object.subject.namespace }}",
        "namespace: kube-system",
    );
    refused(
        "changes-a-value",
        VALUES,
        "{{ values | block }}",
        "{{ values | block | replace(\"bearer_token_overwrite_allowed = false\", \"bearer_token_overwrite_allowed = true\") }}",
    );
    refused("changes-the-type", INCLUDE, "  variables: {}\n", "  variables: []\n");
}

/// The template that is to blame is the one that is named, once.
#[test]
fn a_template_that_writes_other_documents_is_named() {
    let include = "{% include \"kubernetes/\" ~ object.kind ~ \".yaml.j2\" %}";
    refused_among_all("no-separators", MANIFEST, "---\n", "");
    refused_among_all("reversed-objects", MANIFEST, "in objects", "in objects | reverse");
    refused_among_all("drops-the-last-object", MANIFEST, "in objects", "in objects[:-1]");
    refused_among_all("no-include", MANIFEST, include, "");
    let binding = fs::read_to_string(repository().join("templates").join(BINDING)).unwrap();
    refused_among_all("emptied", BINDING, &binding, "");
    refused("emptied-alone", BINDING, &binding, "");
    let role = fs::read_to_string(repository().join("templates/kubernetes/ClusterRole.yaml.j2")).unwrap();
    refused_among_all("emptied-role", "kubernetes/ClusterRole.yaml.j2", &role, "");
}

/// What readers of YAML disagree about is refused, whatever it would mean to one of them.
#[test]
fn a_template_writes_what_all_readers_read_alike() {
    let name = "name: {{ object.role.name }}";
    refused("tag", BINDING, name, "name: !!binary {{ object.role.name }}");
    refused("anchor", BINDING, name, "name: &role {{ object.role.name }}");
    refused(
        "merge-key",
        METADATA,
        "  labels:\n",
        "  labels:\n{% if object.kind == \"ClusterRole\" %}\n    <<: { rbac.authorization.k8s.io/aggregate-to-admin: \"true\" }\n{% endif %}\n",
    );
    refused(
        "label-that-is-no-text",
        METADATA,
        "  labels:\n",
        "  labels:\n{% if object.kind == \"RoleBinding\" %}\n    example.com/more: [a]\n{% endif %}\n",
    );
    refused("line-separator", MANIFEST, "---\n", "#\u{2028}---\u{2028}\n");
    refused("carriage-return", MANIFEST, "---\n", "{{ '#\\r---\\r' | safe }}\n");
    refused("directive", MANIFEST, "# Generated", "%YAML 1.1\n# Generated");
    refused("end-of-document", MANIFEST, "---\n", "...\n---\n");
    refused("null-document", VALUES, "{{ values | block }}", "~\n---\n{{ values | block }}");
    refused("word-without-quotes", INCLUDE, "{{ job.name }}:", "yes: {}\n{{ job.name }}:");
}

/// A template that never ends, or that makes values without end, is an error as any other.
#[test]
fn a_template_has_bounds() {
    let endless = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}{{ values | block }}";
    refused("endless-loop", VALUES, "{{ values | block }}", endless);
    // Dozens of files: each would take as long as the first.
    refused(
        "endless-loop-of-many-files",
        METADATA,
        "metadata:\n",
        "metadata:\n{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}\n",
    );
    let recursive = "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}{{ values | block }}";
    refused("endless-recursion", VALUES, "{{ values | block }}", recursive);
    let itself = "{% set it = namespace(x=1) %}{% set it.x = it %}{{ it }}{{ job.name }}:";
    refused("value-in-itself", INCLUDE, "{{ job.name }}:", itself);
    let deep = "{% set it = namespace(x=1) %}{% for i in range(100) %}{% set it.x = [it.x] %}{% endfor %}{{ it.x }}{{ job.name }}:";
    refused("deep-value", INCLUDE, "{{ job.name }}:", deep);
    // The engine adds and repeats lists without making them; what writes them has to.
    let twice = "{% set it = it + it %}".repeat(30);
    let doubled = format!("{{% set it = [1] %}}{twice}{{{{ it }}}}{{{{ values | block }}}}");
    refused("doubled-list", VALUES, "{{ values | block }}", &doubled);
    let repeated = "{{ {\"a\": [1] * 90000000} | block }}{{ values | block }}";
    refused("repeated-list", VALUES, "{{ values | block }}", repeated);
    let in_a_comment = "# {{ ([1] * 90000000) | comment }}\n{{ values | block }}";
    refused("repeated-list-in-a-comment", VALUES, "{{ values | block }}", in_a_comment);
}

#[test]
fn a_template_that_fails_says_where() {
    refused("unknown-variable", BINDING, "object.role.name", "object.role.nmae");
    refused("unclosed-block", RULES, "{% endfor %}", "");
    refused("missing-include", MANIFEST, "kubernetes/\" ~", "kubernets/\" ~");
    refused("not-yaml", BINDING, "subjects:\n", "subjects: [\n");
    refused("bad-indentation", BINDING, "    namespace:", "   namespace:");
    refused("tab", BINDING, "    namespace:", "\tnamespace:");
    refused("open-bracket", VALUES, "{{ values | block }}", "{{ values | block }}\nrunners: [");
    refused("unknown-filter", RULES, "| comment", "| shout");
}

#[test]
fn looks_are_free() {
    accepted(MANIFEST, "---\n", "\n# An object:\n---\n");
    accepted(
        RULES,
        "verbs: {{ rule.verbs }}",
        "verbs:\n{% for verb in rule.verbs %}\n      - \"{{ verb }}\"\n{% endfor %}",
    );
    accepted(
        METADATA,
        "  labels:\n",
        "  labels:\n{% if object.kind == \"RoleBinding\" %}\n    example.com/team: platform\n{% endif %}\n",
    );
    // What a template sees can be written as a whole, and gone through one by one.
    accepted(METADATA, "metadata:\n", "# {{ object }}\nmetadata:\n");
    accepted(
        METADATA,
        "{{ object.labels | block(4) }}\n",
        "{% for key, value in object.labels | items %}\n    {{ key }}: {{ value }}\n{% endfor %}\n",
    );
    accepted(
        RULES,
        "    verbs: {{ rule.verbs }}\n",
        "    verbs:\n{% for verb in rule.verbs %}\n      - {{ verb }}\n{% endfor %}\n",
    );
    accepted(INCLUDE, "# The project", "# Ask the platform team about this.\n# The project");
}
