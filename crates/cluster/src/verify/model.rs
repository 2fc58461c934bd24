//! What has to hold, from the workspace's own model: the accounts of a cluster with their phrases, and the runners
//! with their triples. What is granted comes from `out/`, which is what render would write.

use camino::Utf8Path;
use serde_json::{Map, Value, json};
use tegata::declared;
use tegata::load::{self, Loaded};
use tegata::resolve::{self, resolve};
use tegata::source::{Located, Span};
use tegata_rbac::{Catalogue, Permission, Scope, Target};
use tegata_runner::policy::Action;

use crate::fault::Fault;
use crate::finding::Place;
use crate::standing::Account;

/// What has to hold on a cluster.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The accounts of jobs and of runners' managers.
    pub accounts: Vec<Holder>,
    /// The runners that have admission policies.
    pub runners: Vec<Runner>,
}

/// An account and what is said of it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The account.
    pub account: Account,
    /// Where it is declared.
    pub place: Place,
    /// Its phrases, those of `can` first.
    pub phrases: Vec<Phrase>,
}

/// A phrase of `can` or `cannot`.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// In its normal form.
    pub text: String,
    /// Whether it has to be allowed.
    pub can: bool,
    /// Where it stands.
    pub place: Place,
    /// The `spec` of the review that asks it.
    pub spec: Value,
    /// What a real request would list, where it is about listing.
    pub list: Option<Listing>,
}

/// What a real request lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The group, empty for the core group.
    pub group: String,
    /// The plural.
    pub plural: String,
    /// The namespace, where one is meant.
    pub namespace: Option<String>,
}

/// A runner with admission policies.
#[derive(Clone, Debug)]
pub struct Runner {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The account of its manager.
    pub manager: Account,
    /// What may be what: project, and account.
    pub triples: Vec<(Option<u64>, Account)>,
    /// Whether its policies refuse what they don't admit.
    pub enforced: bool,
}

/// Reads what has to hold on a cluster. `out/` has been found to be what the workspace says.
pub fn model(root: &Utf8Path, cluster: &str) -> Result<Model, Fault> {
    let loaded = load::load(root);
    let resolved = resolve(&loaded, &mut Vec::new());
    let resolved = resolved.ok_or_else(|| Fault::new("not-rendered", "the workspace has errors", RENDER))?;
    let found = resolved.clusters.get(cluster);
    let found = found.ok_or_else(|| Fault::new("no-cluster", format!("there is no `{cluster}`"), RENDER))?;
    let mut model = Model::default();
    for account in resolved.projects.iter().flat_map(|project| &project.accounts) {
        if account.cluster == cluster {
            model.accounts.push(holder(&loaded, account, &found.catalogue)?);
        }
    }
    for runner in resolved.runners.values().filter(|runner| runner.declared.cluster.value == cluster) {
        let declared = runner.declared;
        let manager = Account::new(declared.namespace.name.value.as_str(), declared.release.as_str());
        let place = place(&loaded, declared.span);
        if resolve::has_policies(runner) {
            model.runners.push(with_policies(runner, manager.clone(), place.clone()));
        }
        model.accounts.push(Holder { account: manager, place, phrases: Vec::new() });
    }
    model.accounts.sort_by(|a, b| a.account.cmp(&b.account));
    Ok(model)
}

const RENDER: &str = "run `cargo xtask render` and mend what it says";

fn with_policies(runner: &resolve::Runner<'_>, manager: Account, place: Place) -> Runner {
    let triples = runner.triples.iter();
    Runner {
        name: runner.declared.name.clone(),
        place,
        manager,
        triples: triples
            .map(|triple| (triple.project, Account::new(triple.namespace, triple.account)))
            .collect(),
        enforced: runner.declared.validation_actions.value.contains(&Action::Deny),
    }
}

fn holder(loaded: &Loaded, account: &resolve::Account<'_>, catalogue: &Catalogue) -> Result<Holder, Fault> {
    let declared: &declared::Account = account.declared;
    let own = account.namespace.name.value.as_str();
    let mut phrases = Vec::new();
    for (can, texts) in [(true, &declared.can), (false, &declared.cannot)] {
        for text in texts {
            phrases.push(phrase(loaded, text, can, own, catalogue)?);
        }
    }
    Ok(Holder {
        account: Account::new(own, declared.name.value.as_str()),
        place: place(loaded, declared.name.span),
        phrases,
    })
}

fn phrase(
    loaded: &Loaded,
    text: &Located<String>,
    can: bool,
    own: &str,
    catalogue: &Catalogue,
) -> Result<Phrase, Fault> {
    let permission = Permission::parse(&text.value, catalogue)
        .map_err(|problem| Fault::new("not-rendered", problem.message, problem.help))?;
    let namespace = permission.namespace(own, catalogue);
    Ok(Phrase {
        text: permission.to_string(),
        can,
        place: place(loaded, text.span),
        spec: spec(&permission, namespace),
        list: listing(&permission, namespace, catalogue),
    })
}

/// As `kubectl auth can-i` would ask it.
fn spec(permission: &Permission, namespace: &str) -> Value {
    let verb = permission.verb.as_str();
    let mut attributes = Map::new();
    let mut say = |name: &str, value: &str| {
        if !value.is_empty() {
            attributes.insert(name.to_owned(), value.into());
        }
    };
    say("namespace", namespace);
    say("verb", verb);
    match &permission.target {
        Target::Url(path) => return json!({ "nonResourceAttributes": { "verb": verb, "path": path } }),
        Target::AnyResource => {
            say("group", "*");
            say("resource", "*");
        }
        Target::Resource { group, resource, subresource, name } => {
            say("group", group);
            say("resource", resource);
            say("subresource", subresource.as_deref().unwrap_or_default());
            say("name", name.as_deref().unwrap_or_default());
        }
    }
    json!({ "resourceAttributes": attributes })
}

fn listing(permission: &Permission, namespace: &str, catalogue: &Catalogue) -> Option<Listing> {
    let Target::Resource { group, resource, subresource: None, name: None } = &permission.target else {
        return None;
    };
    let info = catalogue.find(group, resource)?;
    let is_listed = permission.verb == "list" && info.verbs.contains("list");
    let namespaced = info.scope == Scope::Namespaced && !namespace.is_empty();
    is_listed.then(|| Listing {
        group: group.clone(),
        plural: resource.clone(),
        namespace: namespaced.then(|| namespace.to_owned()),
    })
}

fn place(loaded: &Loaded, span: Span) -> Place {
    let position = loaded.sources.get(span.file).map(|source| source.position(span.start as usize));
    let (line, column) = position.map_or((1, 1), |position| (position.line, position.column));
    Place { file: loaded.sources.path(span.file).to_string(), line, column }
}
