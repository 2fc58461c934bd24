//! Lists of any resource, page by page.

use serde_json::Value;

use super::answer::Trouble;
use super::call::{Call, JSON, METADATA};
use super::server::Server;
use crate::kinds::encoded;

/// How many objects a page of a list has.
const PAGE: usize = 500;
/// A list whose snapshot the server has forgotten is begun again so often.
const LISTINGS: usize = 3;

/// What is to be listed, and how.
pub(super) struct Listing<'a> {
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    /// As what the server is to send it.
    pub(super) accept: &'static str,
    /// Which of it is worth keeping.
    pub(super) keep: &'a (dyn Fn(&Value) -> bool + Sync),
}

impl Server {
    /// Those objects below a path that are worth keeping, as the server has them.
    pub async fn list_those(
        &self,
        path: &str,
        query: &str,
        keep: &(dyn Fn(&Value) -> bool + Sync),
    ) -> Result<Vec<Value>, Trouble> {
        self.items(&Listing { path, query, accept: JSON, keep }).await
    }

    /// All objects below a path as far as their metadata: what they hold never leaves the server.
    pub async fn list_metadata_at(&self, path: &str, query: &str) -> Result<Vec<Value>, Trouble> {
        self.items(&Listing { path, query, accept: METADATA, keep: &|_| true }).await
    }

    pub(super) async fn items(&self, listing: &Listing<'_>) -> Result<Vec<Value>, Trouble> {
        let mut listings = 1;
        loop {
            match self.items_of_one_snapshot(listing).await {
                Err(Trouble::Refused { code: 410, .. }) if listings < LISTINGS => listings += 1,
                result => return result,
            }
        }
    }

    async fn items_of_one_snapshot(&self, listing: &Listing<'_>) -> Result<Vec<Value>, Trouble> {
        let Listing { path, query, accept, keep } = *listing;
        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!("{path}?limit={PAGE}&{query}&continue={}", encoded(&token));
            let call = Call { accept, ..Call::get(path) };
            let (mut page, _) = call.send(&self.asker).await.map_err(|(trouble, _)| trouble)?;
            match page.get_mut("items").map(Value::take) {
                Some(Value::Array(items)) => found.extend(items.into_iter().filter(|item| keep(item))),
                // As Go writes an empty list of metadata.
                Some(Value::Null) => {}
                _ => return Err(Trouble::Silence("what came is no list".to_owned())),
            }
            let next = page.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default();
            if next.is_empty() {
                return Ok(found);
            }
            if next == token {
                return Err(Trouble::Silence("the list has no end: a page leads to itself".to_owned()));
            }
            token = next.to_owned();
        }
    }
}
