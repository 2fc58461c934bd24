//! What is told at the template that did it, and at its line: also where a file's text goes wrong elsewhere.

use camino::Utf8Path;
use tegata::{Mode, generate};

use super::{BINDING, CLUSTER_BINDING, METADATA, RULES, VALUES, refused, refused_in, render, repository};

const POLICY: &str = "kubernetes/ValidatingAdmissionPolicy.yaml.j2";
const LAST: &str = "    namespace: {{ object.subject.namespace }}\n";
const METADATA_INCLUDE: &str = "{% include \"kubernetes/metadata.yaml.j2\" %}\n";

fn built_in(template: &str) -> String {
    std::fs::read_to_string(repository().join("templates").join(template)).unwrap()
}

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
    refused("minus-behind-a-value", BINDING, "{{ object.role.kind }}", "{{ object.role.kind -}}");
    refused("indented-first-line", CLUSTER_BINDING, "apiVersion", "  apiVersion");
    refused("include-twice", BINDING, METADATA_INCLUDE, &METADATA_INCLUDE.repeat(2));
    let all = built_in(BINDING);
    refused("extends-another", BINDING, &all, "{% extends \"kubernetes/Role.yaml.j2\" %}\n");
    refused(
        "sets-the-object",
        BINDING,
        METADATA_INCLUDE,
        &format!("{{% set object = 1 %}}\n{METADATA_INCLUDE}"),
    );
}

/// As `refused`, with more templates in the workspace.
#[track_caller]
fn refused_with(name: &str, others: &[(&str, &str)], template: &str, from: &str, to: &str) {
    let (folder, _) = render(template, from, to);
    let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
    if root.join("out").exists() {
        std::fs::remove_dir_all(root.join("out")).unwrap();
    }
    for (path, text) in others {
        let path = root.join("templates").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let report = generate(&root, Mode::Write, &|_, _| {});
    refused_in(name, (folder, report));
}

/// Who includes a template within a line means it to go on there.
#[test]
fn an_include_within_a_line_is_not_to_blame() {
    let include = "name: {% include \"team/name.j2\" %} # the name";
    let others = [
        ("team/name.j2", "{{ object.name }}"),
        (
            "kubernetes/Namespace.yaml.j2",
            "apiVersion: v1\nkind: Namespace\n{% include \"kubernetes/metadata.yaml.j2\" %}\nspec: {}\n",
        ),
    ];
    refused_with("include-within-a-line", &others, METADATA, "name: {{ object.name }}", include);
}

/// Where it can't be told which one of them is to blame, they are named.
#[test]
fn several_own_templates() {
    let all = built_in(BINDING);
    let rules = format!("# Ours.\n{}", built_in(RULES));
    let cluster = format!("# Ours.\n{}", built_in(CLUSTER_BINDING));
    let others = [(RULES, rules.as_str()), (CLUSTER_BINDING, cluster.as_str())];
    let extends = "{% extends \"kubernetes/Namespace.yaml.j2\" %}\n";
    refused_with("extends-among-several", &others, BINDING, &all, extends);
    let extends = "{% extends \"kubernetes/ServiceAccount.yaml.j2\" %}\n";
    refused_with("extends-and-fails-among-several", &others, BINDING, &all, extends);
    let by_a_variable =
        "{% set other = \"kubernetes/ServiceAccount\" %}\n{% extends other ~ \".yaml.j2\" %}\n";
    refused_with("extends-what-a-variable-names", &others, BINDING, &all, by_a_variable);
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
