//! What an admission policy demands of the apply account, whatever RBAC would let it do.
//!
//! It matches all that the account writes, of whatever kind: a binding that somebody gives it by mistake gives it
//! nothing new. Only admission policies themselves are seen by no policy (`admissionResources` in
//! `apiserver/pkg/admission/plugin/policy/generic/plugin.go`): there, names in RBAC are the bound.
//!
//! The table stands in the policy, not in a ConfigMap: there is nothing that could be missing, which would either
//! refuse everybody's requests or admit all of the account's, and nothing else to protect.
//!
//! Not looked at is what a ConfigMap or a ResourceQuota holds: the tables of the runners' policies are as large as this
//! one. Who writes them can lift the walls between the projects of a runner, and be one of the accounts that way; the apply account can
//! be each of them anyway, since it may ask for their tokens to verify them.

use serde_json::{Value, json};

use super::contents::{Contents, ESCAPES, LISTS};
use crate::resolve::names;
use crate::resolve::object::RBAC_GROUP;
use crate::resolve::objects::{DOMAIN, MANAGED_BY, WORKSPACE_LABEL};

/// The longest that a token may live, in seconds.
const TOKEN_SECONDS: u32 = 3600;
/// The domain of the labels and annotations that the inventory keeps (KEP-3659).
const APPLYSET: &str = "applyset.kubernetes.io/";

/// What the account is held to.
pub struct Bounds<'a> {
    /// The workspace.
    pub workspace: &'a str,
    /// The namespace of the account.
    pub home: &'a str,
    /// The account, as the API server knows it.
    pub username: &'a str,
    /// What is rendered.
    pub contents: &'a Contents,
}

/// The `spec` of the policy.
pub fn spec(bounds: &Bounds<'_>) -> Value {
    let table = bounds.contents.table();
    let mut variables = vec![
        variable("kind", KIND),
        variable("name", "has(request.name) ? request.name : ''"),
        variable("place", PLACE),
        variable("id", "request.resource.resource + '/' + variables.place + '/' + variables.name"),
        variable("asks", "variables.kind.startsWith('auth') || variables.kind == '/serviceaccounts/token'"),
        variable("writes", "request.operation in ['CREATE', 'UPDATE'] && !variables.asks"),
        variable("labels", &pairs("object", "labels")),
        variable("notes", &pairs("object", "annotations")),
        variable("oldLabels", &pairs("oldObject", "labels")),
        variable("oldNotes", &pairs("oldObject", "annotations")),
    ];
    variables.extend(
        table.iter().enumerate().map(|(number, text)| variable(&format!("table{number}"), &literal(text))),
    );
    let texts: Vec<String> = (0..table.len()).map(|number| format!("variables.table{number}")).collect();
    variables.push(variable("table", &format!("[{}]", texts.join(", "))));
    json!({
        "failurePolicy": "Fail",
        "matchConditions": [{
            "name": "by-the-apply-account",
            "expression": format!("request.userInfo.username == {}", literal(bounds.username)),
        }],
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "resourceRules": [{
                "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"], "scope": "*",
            }],
        },
        "validations": validations(bounds),
        "variables": variables,
    })
}

fn validations(bounds: &Bounds<'_>) -> Value {
    let demands = [
        (kinds(), "writes nothing of this kind"),
        (own(bounds), "does not change what it is itself: an administrator does"),
        (ours(bounds), "touches only what has the labels of its workspace, before and after"),
        (rendered(), "writes only what the workspace renders"),
        (labels(), "sets only labels and annotations that the workspace renders, and removes none of them"),
        (rules(), "gives a role only rules that the workspace renders for it"),
        (grants(), "gives a role only to those to whom the workspace gives it"),
        (secrets(), "gives an account only Secrets that the workspace renders for it"),
        (token(), "asks for short-lived tokens only"),
    ];
    let validation = |(expression, words): (String, &str)| {
        let message = format!("the apply account of workspace {} {words}", bounds.workspace);
        json!({
            "expression": expression,
            "message": message,
            "messageExpression": format!("{} + variables.id", literal(&format!("{message}: "))),
            "reason": "Forbidden",
        })
    };
    demands.into_iter().map(validation).collect()
}

/// Group, resource and subresource.
const KIND: &str = "request.resource.group + '/' + request.resource.resource + \
                    (has(request.subResource) && request.subResource != '' ? '/' + request.subResource : '')";

/// The namespace. A Namespace itself is in none, though its requests say one.
const PLACE: &str = "request.resource.resource == 'namespaces' || !has(request.namespace) || \
                     request.namespace == '' ? '*' : request.namespace";

fn kinds() -> String {
    let mut known: Vec<String> =
        ["configmaps", "namespaces", "resourcequotas", "serviceaccounts", "serviceaccounts/token"]
            .map(|resource| format!("/{resource}"))
            .into();
    known.extend(
        ["clusterrolebindings", "clusterroles", "rolebindings", "roles"]
            .map(|resource| format!("{RBAC_GROUP}/{resource}")),
    );
    // Everybody may ask what they may do themselves.
    known.push("authentication.k8s.io/selfsubjectreviews".to_owned());
    known.extend(
        ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]
            .map(|resource| format!("authorization.k8s.io/{resource}")),
    );
    let known: Vec<String> = known.iter().map(|kind| literal(kind)).collect();
    format!("variables.kind in [{}] && request.operation != 'CONNECT'", known.join(", "))
}

fn own(bounds: &Bounds<'_>) -> String {
    let home = literal(bounds.home);
    format!(
        "variables.place != {home} && !variables.name.startsWith({}) && \
         !(variables.kind == '/namespaces' && variables.name == {home})",
        literal(names::APPLY)
    )
}

fn ours(bounds: &Bounds<'_>) -> String {
    let has = |labels: &str| {
        let label = |key: &str, value: &str| {
            let key = literal(key);
            format!("{key} in {labels} && {labels}[{key}] == {}", literal(value))
        };
        format!("{} && {}", label(MANAGED_BY.0, MANAGED_BY.1), label(WORKSPACE_LABEL, bounds.workspace))
    };
    format!(
        "variables.asks || (request.operation == 'CREATE' || {}) && (request.operation == 'DELETE' || {})",
        has("variables.oldLabels"),
        has("variables.labels"),
    )
}

/// Whether the table has an entry, or one that begins so.
fn in_table(entry: &str, end: &str) -> String {
    format!("variables.table.exists(text, text.contains('//' + {entry} + '{end}'))")
}

fn rendered() -> String {
    format!(
        "!(variables.writes || variables.kind == '/serviceaccounts/token') || {}",
        in_table("variables.id", "//")
    )
}

fn labels() -> String {
    let set = |new: &str, old: &str, word: &str, free: &[String]| {
        let entry =
            format!("'{word}/' + variables.id + '/' + key + '=' + {}", escaped(&format!("{new}[key]")));
        format!(
            "{new}.all(key, {} || key in {old} && {old}[key] == {new}[key] || {})",
            free.join(" || "),
            in_table(&entry, "//")
        )
    };
    let begins = |domain: &str| format!("key.startsWith({})", literal(domain));
    let is = |key: &str| format!("key == {}", literal(key));
    // Those of the workspace were looked at, and the name of a Namespace is the server's own label.
    let free = [is(MANAGED_BY.0), is(WORKSPACE_LABEL), is("kubernetes.io/metadata.name"), begins(APPLYSET)];
    let kept = format!(
        "variables.oldLabels.all(key, key in variables.labels || !{})",
        in_table("'label/' + variables.id + '/' + key + '='", "")
    );
    format!(
        "!variables.writes || {} && {} && {kept}",
        set("variables.labels", "variables.oldLabels", "label", &free),
        set("variables.notes", "variables.oldNotes", "note", &[begins(DOMAIN), begins(APPLYSET)]),
    )
}

/// Each rule is rendered, or there is an old one that gives as much: on its way from one state to another, a role is
/// brought to what both have in common.
fn rules() -> String {
    let list = |rule: &str, name: &str| format!("(has({rule}.{name}) ? {rule}.{name} : [])");
    let text =
        LISTS.map(|name| format!("{}.map(word, ',' + {}).join('')", list("rule", name), escaped("word")));
    let entry = format!("variables.id + '/' + {}", text.join(" + ';' + "));
    let within = |name: &str| {
        let old = list("old", name);
        format!("{}.all(word, word in {old} || '*' in {old})", list("rule", name))
    };
    let names = format!(
        "(size({old}) == 0 || size({new}) > 0 && {new}.all(word, word in {old}))",
        old = list("old", "resourceNames"),
        new = list("rule", "resourceNames"),
    );
    let covered =
        [within("verbs"), within("apiGroups"), within("resources"), names, within("nonResourceURLs")];
    format!(
        "!(variables.kind in ['{RBAC_GROUP}/clusterroles', '{RBAC_GROUP}/roles'] && variables.writes) || \
         !has(dyn(object).aggregationRule) && (!has(dyn(object).rules) || dyn(object).rules.all(rule, {} || \
         request.operation == 'UPDATE' && has(dyn(oldObject).rules) && dyn(oldObject).rules.exists(old, {})))",
        in_table(&entry, "//"),
        covered.join(" && "),
    )
}

fn grants() -> String {
    let role = "dyn(object).roleRef";
    let entry = format!(
        "variables.place + '/' + {role}.kind + '/' + {role}.name + '/' + subject.namespace + '/' + subject.name"
    );
    format!(
        "!(variables.kind in ['{RBAC_GROUP}/clusterrolebindings', '{RBAC_GROUP}/rolebindings'] && variables.writes) || \
         !has(dyn(object).subjects) || dyn(object).subjects.all(subject, subject.kind == 'ServiceAccount' && \
         has(subject.namespace) && {})",
        in_table(&entry, "//")
    )
}

fn secrets() -> String {
    let same = |field: &str| {
        format!(
            "request.operation == 'UPDATE' && has(dyn(oldObject).{field}) && dyn(oldObject).{field} == dyn(object).{field}"
        )
    };
    format!(
        "!(variables.kind == '/serviceaccounts' && variables.writes) || (!has(dyn(object).secrets) || {}) && \
         (!has(dyn(object).imagePullSecrets) || {} || dyn(object).imagePullSecrets.all(secret, {}))",
        same("secrets"),
        same("imagePullSecrets"),
        in_table("'pull/' + variables.id + '/' + secret.name", "//"),
    )
}

/// For which audience can't be bounded: the server fills in its own before policies look (`pkg/registry/core/
/// serviceaccount/storage/token.go`), and what it is called is nowhere in a workspace.
fn token() -> String {
    format!(
        "variables.kind != '/serviceaccounts/token' || dyn(object).spec.expirationSeconds <= {TOKEN_SECONDS}"
    )
}

/// Labels or annotations of an object; none where there are none.
fn pairs(object: &str, field: &str) -> String {
    format!(
        "{object} != null && has(dyn({object}).metadata.{field}) ? dyn({object}).metadata.{field} : dyn({{}})"
    )
}

/// What [`super::contents`] does with a text.
fn escaped(text: &str) -> String {
    ESCAPES
        .iter()
        .fold(text.to_owned(), |text, (sign, stand_in)| format!("{text}.replace('{sign}', '{stand_in}')"))
}

fn variable(name: &str, expression: &str) -> Value {
    json!({ "name": name, "expression": expression })
}

/// A text as CEL writes it.
fn literal(text: &str) -> String {
    let mut literal = "'".to_owned();
    for character in text.chars() {
        match character {
            '\\' | '\'' => literal.extend(['\\', character]),
            character if character.is_control() => {
                literal.push_str(&format!("\\U{:08x}", u32::from(character)));
            }
            character => literal.push(character),
        }
    }
    literal.push('\'');
    literal
}
