//! The table of a runner: who may be what, in the `data` of a ConfigMap.
//!
//! `projects.<last two digits of the id>` holds ` <id>:<namespace>/<account> ` for each declared triple, and
//! `accounts.<length modulo 32>` holds ` <namespace>/<account> ` for each account of jobs. Neither a name nor a
//! label's value has a space, `:` or `/`, so what is looked for with a space on either side is found as a whole, never
//! by its beginning.
//!
//! Few keys with long texts, since the API server copies a table's keys for every pod: with two keys for each of
//! 8,000 projects, a pod cost 20 ms. And not one text, since a search is charged by length (`contains` in cel-go's
//! `interpreter/runtimecost.go`), and the server ends what costs too much.

use std::collections::{BTreeMap, BTreeSet};

/// The most bytes that the API server takes in a ConfigMap (`MaxSecretSize` in `pkg/apis/core/types.go`).
pub const MAX_TABLE_BYTES: usize = 1024 * 1024;

/// That a project may run jobs as an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Triple<'a> {
    /// GitLab's id of the project; none where the runner is one project's and its id was not declared.
    pub project: Option<u64>,
    /// The account's namespace.
    pub namespace: &'a str,
    /// The account.
    pub account: &'a str,
}

/// In how many texts the accounts are spread.
pub(super) const ACCOUNT_TEXTS: usize = 32;

/// What stands for the project where no id was declared.
pub(super) const ANY: &str = "any";

/// The data of the table, sorted by its keys.
#[must_use]
pub fn table(triples: &[Triple<'_>]) -> Vec<(String, String)> {
    let mut data: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for triple in triples {
        let project = triple.project.map_or_else(|| ANY.to_owned(), |id| id.to_string());
        let end = project.get(project.len().saturating_sub(2)..).unwrap_or_default();
        let pair = format!("{}/{}", triple.namespace, triple.account);
        data.entry(format!("projects.{end}")).or_default().insert(format!("{project}:{pair}"));
        let text = pair.len() % ACCOUNT_TEXTS;
        data.entry(format!("accounts.{text}")).or_default().insert(pair);
    }
    let spaced =
        |entries: BTreeSet<String>| format!(" {} ", entries.into_iter().collect::<Vec<_>>().join(" "));
    data.into_iter().map(|(key, entries)| (key, spaced(entries))).collect()
}

/// The bytes of the [`table`] of these triples, none of them twice, as the API server counts them and its keys besides.
/// It is not made for that: the names of thousands of accounts are much to copy.
#[must_use]
pub fn table_bytes(triples: &[Triple<'_>]) -> usize {
    // Of each text, what its key begins with, what tells it from others, and how long that is.
    let mut texts = BTreeSet::new();
    let mut entries = 0;
    for triple in triples {
        let (length, end) = triple.project.map_or((ANY.len(), None), |id| (digits(id), Some(id % 100)));
        texts.insert(("projects.", end, length.min(2)));
        entries += length + ":".len() + pair_bytes(triple.namespace, triple.account) + " ".len();
    }
    let pairs: BTreeSet<_> = triples.iter().map(|triple| (triple.namespace, triple.account)).collect();
    for (namespace, account) in pairs {
        let length = pair_bytes(namespace, account);
        let text = (length % ACCOUNT_TEXTS) as u64;
        texts.insert(("accounts.", Some(text), digits(text)));
        entries += length + " ".len();
    }
    // A space stands on either side of each entry: a text has one more than it has entries.
    entries + texts.iter().map(|(key, _, digits)| key.len() + digits + " ".len()).sum::<usize>()
}

fn pair_bytes(namespace: &str, account: &str) -> usize {
    namespace.len() + "/".len() + account.len()
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |more| more as usize + 1)
}
