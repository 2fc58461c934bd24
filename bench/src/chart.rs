//! A Helm chart that makes the same Kubernetes objects.

use std::fmt::Write;

use anyhow::Result;
use camino::Utf8Path;

use crate::names::{self, Project};
use crate::roles;
use crate::workspace::{self, PROJECTS_PER_RUNNER};

const HELPERS: &str = r#"{{- define "binding" }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .role | quote }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .namespace }}
{{- end }}
{{- define "labels" }}
  labels:
    app.kubernetes.io/managed-by: tegata
    tegata.dev/workspace: bench
{{- end }}
"#;

const OBJECTS: &str = r#"{{- range $role := .Values.roles }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ $role.name }}
  {{- include "labels" . }}
rules:
  {{- toYaml $role.rules | nindent 2 }}
{{- end }}
{{- range $project := .Values.projects }}
---
apiVersion: v1
kind: Namespace
metadata:
  name: {{ $project.namespace }}
  {{- include "labels" . }}
  annotations:
    tegata.dev/project: {{ $project.path }}
{{- range $account := $project.accounts }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $account.name }}
  namespace: {{ $project.namespace }}
  {{- include "labels" . }}
  annotations:
    tegata.dev/project: {{ $project.path }}
automountServiceAccountToken: true
{{- range $role := $account.roles }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: "{{ $account.name }}:{{ $role }}"
  namespace: {{ $project.namespace }}
  {{- include "labels" . }}
  annotations:
    tegata.dev/project: {{ $project.path }}
{{- include "binding" (dict "role" $role "account" $account.name "namespace" $project.namespace) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $runner := .Values.runners }}
---
apiVersion: v1
kind: Namespace
metadata:
  name: {{ $runner.release }}
  {{- include "labels" . }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $runner.release }}
  namespace: {{ $runner.release }}
  {{- include "labels" . }}
automountServiceAccountToken: true
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: "tegata:runner:{{ $runner.name }}"
  {{- include "labels" . }}
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: [create, delete, get, list, watch]
  - apiGroups: [""]
    resources: [pods/attach, pods/exec]
    verbs: [create]
  - apiGroups: [""]
    resources: [secrets]
    verbs: [create, delete, update]
  - apiGroups: [""]
    resources: [events]
    verbs: [list]
{{- range $namespace := $runner.namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: "tegata:runner:{{ $runner.name }}"
  namespace: {{ $namespace }}
  {{- include "labels" . }}
  annotations:
    tegata.dev/runner: {{ $runner.name }}
{{- include "binding" (dict "role" (printf "tegata:runner:%s" $runner.name) "account" $runner.release "namespace" $runner.release) }}
{{- end }}
{{- end }}
"#;

/// Writes the chart of that many projects into `folder`.
pub fn write(folder: &Utf8Path, projects: usize) -> Result<()> {
    fs_err::create_dir_all(folder.join("templates"))?;
    fs_err::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: bench\nversion: 0.1.0\n")?;
    fs_err::write(folder.join("templates/_helpers.tpl"), HELPERS)?;
    fs_err::write(folder.join("templates/objects.yaml"), OBJECTS)?;
    fs_err::write(folder.join("values.yaml"), values(projects))?;
    Ok(())
}

// A `String` takes every write.
fn values(projects: usize) -> String {
    let mut text = String::from("roles:\n");
    for (name, rules) in roles::ROLES {
        let _ = write!(text, "  - name: {name}\n    rules:\n{}", roles::rules(rules, 6));
    }
    text.push_str("projects:\n");
    for project in (0..projects).map(names::project) {
        let Project { index, group, name, namespace, accounts } = &project;
        let _ = write!(text, "  - path: {group}/{name}\n    namespace: {namespace}\n    accounts:\n");
        for (account, name) in accounts.iter().enumerate() {
            let roles: Vec<&str> = roles::of_account(*index, account).collect();
            let _ = write!(text, "      - name: {name}\n        roles: [{}]\n", roles.join(", "));
        }
    }
    text.push_str("runners:\n");
    for index in 0..workspace::runners(projects) {
        let name = names::runner(index);
        let first = index * PROJECTS_PER_RUNNER;
        let served = first..projects.min(first + PROJECTS_PER_RUNNER);
        let namespaces: Vec<String> = served.map(|project| names::project(project).namespace).collect();
        let release = workspace::release(&name);
        let _ = write!(
            text,
            "  - name: {name}\n    release: {release}\n    namespaces: [{}]\n",
            namespaces.join(", ")
        );
    }
    text
}
