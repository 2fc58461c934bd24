//! A plan in a file: it holds for the `out/` and the cluster that were looked at, and for nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::desired::Desired;
use crate::fault::Fault;
use crate::kinds::Kind;
use crate::object::Live;
use crate::observe::Observed;
use crate::plan::{Options, Plan, Prune};

/// The version of the file's form.
const VERSION: u32 = 1;

/// What a plan was made of, and with which options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    workspace: String,
    cluster: String,
    server: String,
    out: String,
    seen: BTreeMap<String, String>,
    changes: Vec<String>,
    /// What people allowed.
    pub options: Options,
}

impl Saved {
    /// A plan that was shown.
    pub fn of(desired: &Desired, observed: &Observed, plan: &Plan, server: &str, options: &Options) -> Saved {
        let all =
            observed.ours.values().chain(observed.strangers.values()).chain(observed.namespaces.values());
        let changes = plan.changes.iter();
        Saved {
            workspace: desired.workspace.clone(),
            cluster: desired.cluster.clone(),
            server: server.to_owned(),
            out: desired.digest.clone(),
            seen: all.chain(&observed.parent).map(|live| (live.id.argument(), state(live))).collect(),
            changes: changes
                .map(|change| format!("{} {}", change.action.word(), change.id.argument()))
                .collect(),
            options: options.clone(),
        }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let prune = self.options.prune.as_ref().map(
            |prune| json!({ "limit": prune.limit, "count": prune.count, "namespaces": prune.namespaces }),
        );
        let document = json!({
            "version": VERSION,
            "workspace": self.workspace,
            "cluster": self.cluster,
            "server": self.server,
            "out": self.out,
            "seen": self.seen,
            "changes": self.changes,
            "prune": prune,
            "takeOwnership": self.options.take,
        });
        format!("{document:#}\n")
    }

    /// Reads a file's text.
    pub fn read(text: &str) -> Result<Saved, Fault> {
        parse(text).ok_or_else(|| {
            Fault::new(
                "no-plan",
                "this file is no plan that `diff --save` of this version wrote",
                "make a new one with `cargo xtask diff --save FILE`",
            )
        })
    }

    /// Whether what was looked at now is what the plan was made of. `self` is the plan of the file.
    pub fn still_holds(&self, now: &Saved) -> Result<(), Fault> {
        let what = if self.workspace != now.workspace || self.cluster != now.cluster {
            format!("it is for the cluster {} of the workspace {}", self.cluster, self.workspace)
        } else if self.server != now.server {
            format!("it is for the server {}, and this is {}", self.server, now.server)
        } else if self.out != now.out {
            "out/ has changed since".to_owned()
        } else if self.seen != now.seen {
            format!("the cluster has changed since: {}", self.changed(now))
        } else if self.changes != now.changes {
            "another version of tegata made it".to_owned()
        } else {
            return Ok(());
        };
        Err(Fault::new(
            "stale-plan",
            format!("the plan does not hold any more: {what}"),
            "make a new one with `cargo xtask diff --save FILE`, and look at it",
        ))
    }

    fn changed(&self, now: &Saved) -> String {
        let names: BTreeSet<&String> = self.seen.keys().chain(now.seen.keys()).collect();
        let changed: Vec<&str> = names
            .into_iter()
            .filter(|name| self.seen.get(*name) != now.seen.get(*name))
            .map(String::as_str)
            .collect();
        let (first, rest) = changed.split_at(changed.len().min(3));
        let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
        format!("{}{more}", first.join(", "))
    }
}

/// What makes an object the one that was seen. A quota's version is counted up by the server whenever usage changes, so
/// there it is what it says.
fn state(live: &Live) -> String {
    let version = match live.id.kind {
        Kind::ResourceQuota => {
            let said = live.value.get("spec").map(Value::to_string).unwrap_or_default();
            let labels = live.value.pointer("/metadata/labels").map(Value::to_string).unwrap_or_default();
            Sha256::digest(format!("{said}{labels}"))
                .iter()
                .take(8)
                .map(|byte| format!("{byte:02x}"))
                .collect()
        }
        _ => live.version().to_owned(),
    };
    format!("{} {version}", live.uid())
}

fn parse(text: &str) -> Option<Saved> {
    let document: Value = serde_json::from_str(text).ok()?;
    let text = |name: &str| document.get(name)?.as_str().map(str::to_owned);
    if document.get("version")?.as_u64()? != u64::from(VERSION) {
        return None;
    }
    let prune = match document.get("prune")? {
        Value::Null => None,
        prune => Some(Prune {
            limit: u8::try_from(prune.get("limit")?.as_u64()?).ok()?,
            count: match prune.get("count")? {
                Value::Null => None,
                count => Some(usize::try_from(count.as_u64()?).ok()?),
            },
            namespaces: texts(prune.get("namespaces")?)?,
        }),
    };
    let seen = document.get("seen")?.as_object()?;
    Some(Saved {
        workspace: text("workspace")?,
        cluster: text("cluster")?,
        server: text("server")?,
        out: text("out")?,
        seen: seen
            .iter()
            .map(|(name, state)| Some((name.clone(), state.as_str()?.to_owned())))
            .collect::<Option<_>>()?,
        changes: texts(document.get("changes")?)?,
        options: Options { prune, take: texts(document.get("takeOwnership")?)? },
    })
}

fn texts(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        Saved {
            workspace: "example".to_owned(),
            cluster: "main".to_owned(),
            server: "https://127.0.0.1:6443".to_owned(),
            out: "00".to_owned(),
            seen: [("Role/web/build".to_owned(), "uid 7".to_owned())].into(),
            changes: vec!["update Role/web/build".to_owned()],
            options: Options {
                prune: Some(Prune { limit: 30, count: Some(2), namespaces: vec!["web".to_owned()] }),
                take: vec!["Role/web/*".to_owned()],
            },
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let without = Saved { options: Options::default(), ..saved() };
        for saved in [saved(), without] {
            assert_eq!(Saved::read(&saved.text()), Ok(saved));
        }
        assert!(Saved::read("{}").is_err());
        assert!(Saved::read(&saved().text().replace("\"version\": 1", "\"version\": 2")).is_err());
    }

    #[test]
    fn the_file_has_what_the_documentation_says() {
        let without = Saved { seen: BTreeMap::new(), ..saved() };
        let document = serde_json::from_str(&without.text()).unwrap();
        assert_eq!(crate::show::json::tests::undescribed(&document), [""; 0]);
    }

    #[track_caller]
    fn check(now: Saved, expected: &str) {
        let fault = saved().still_holds(&now).unwrap_err();
        assert_eq!(fault.message, format!("the plan does not hold any more: {expected}"));
    }

    #[test]
    fn it_holds_for_what_was_looked_at() {
        assert_eq!(saved().still_holds(&saved()), Ok(()));
        check(Saved { out: "01".to_owned(), ..saved() }, "out/ has changed since");
        check(
            Saved { server: "https://other".to_owned(), ..saved() },
            "it is for the server https://127.0.0.1:6443, and this is https://other",
        );
        check(
            Saved { seen: [("Role/web/build".to_owned(), "uid 8".to_owned())].into(), ..saved() },
            "the cluster has changed since: Role/web/build",
        );
        check(
            Saved { cluster: "staging".to_owned(), workspace: "other".to_owned(), ..saved() },
            "it is for the cluster main of the workspace example",
        );
    }
}
