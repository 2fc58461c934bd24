//! Requests to the API server, each repeated where that is safe.
//!
//! Every write here can be repeated: an apply says which version it is made for, a deletion which object it means.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

use super::answer::{Attempt, Trouble};
use super::retry::pause;
use crate::kinds::{Kind, encoded};
use crate::object::{Live, ObjectId};
use crate::ownership::FIELD_MANAGER;

/// How long one attempt may take.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(60);
/// How many objects a page of a list has.
const PAGE: usize = 500;
/// A list whose snapshot the server has forgotten is begun again so often.
const LISTINGS: usize = 3;

/// A server to ask.
#[derive(Clone)]
pub struct Server {
    client: Client,
    url: String,
    requests: Arc<AtomicUsize>,
}

/// What an apply counts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// That there is no such object: one that appeared meanwhile is not touched.
    Absent,
    /// That it is still this one, in this version.
    Version {
        /// Its uid.
        uid: String,
        /// Its resourceVersion.
        version: String,
    },
    /// That it is still this one. For kinds whose versions the server itself counts up.
    Uid(String),
}

/// No object ever has this version, and no apply may change one that has another.
const VERSION_OF_NOTHING: &str = "1";

struct Call {
    method: Method,
    path: String,
    accept: &'static str,
    content: &'static str,
    body: Vec<u8>,
}

const JSON: &str = "application/json";
const APPLY: &str = "application/apply-patch+yaml";
const PATCH: &str = "application/json-patch+json";
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

impl Call {
    fn get(path: String) -> Call {
        Call { method: Method::GET, path, accept: JSON, content: JSON, body: Vec::new() }
    }
}

impl Server {
    pub(super) fn new(client: Client, url: String) -> Server {
        Server { client, url, requests: Arc::default() }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many requests were made, repeated ones included.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// An object, if it exists.
    pub async fn get(&self, id: &ObjectId) -> Result<Option<Live>, Trouble> {
        match self.call(&Call::get(id.path())).await {
            Ok((value, _)) => Live::of(id.kind, value).map(Some).map_err(Trouble::Silence),
            Err((Trouble::Refused { code: 404, .. }, _)) => Ok(None),
            Err((trouble, _)) => Err(trouble),
        }
    }

    /// All objects of a kind that a label selector selects.
    pub async fn list(&self, kind: Kind, selector: &str) -> Result<Vec<Live>, Trouble> {
        self.pages(kind, selector, JSON).await
    }

    /// All objects of a kind, as far as their metadata.
    pub async fn list_metadata(&self, kind: Kind) -> Result<Vec<Live>, Trouble> {
        self.pages(kind, "", METADATA).await
    }

    async fn pages(&self, kind: Kind, selector: &str, accept: &'static str) -> Result<Vec<Live>, Trouble> {
        let mut listings = 1;
        loop {
            match self.pages_of_one_snapshot(kind, selector, accept).await {
                Err(Trouble::Refused { code: 410, .. }) if listings < LISTINGS => listings += 1,
                result => return result,
            }
        }
    }

    async fn pages_of_one_snapshot(
        &self,
        kind: Kind,
        selector: &str,
        accept: &'static str,
    ) -> Result<Vec<Live>, Trouble> {
        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!(
                "{}?limit={PAGE}&labelSelector={}&continue={}",
                kind.path(None),
                encoded(selector),
                encoded(&token)
            );
            let call = Call { accept, ..Call::get(path) };
            let (mut page, _) = self.call(&call).await.map_err(|(trouble, _)| trouble)?;
            let items = match page.get_mut("items").map(Value::take) {
                Some(Value::Array(items)) => items,
                // As Go writes an empty list of metadata.
                Some(Value::Null) => Vec::new(),
                _ => return Err(Trouble::Silence(format!("what came is no list of {kind}"))),
            };
            for item in items {
                found.push(Live::of(kind, item).map_err(Trouble::Silence)?);
            }
            token = text(&page, "/metadata/continue").to_owned();
            if token.is_empty() {
                return Ok(found);
            }
        }
    }

    /// Applies an object with our field manager. Says what the server has then.
    ///
    /// An error comes with whether it is uncertain that nothing was done.
    pub async fn apply(
        &self,
        id: &ObjectId,
        object: &Value,
        expect: &Expect,
        force: bool,
    ) -> Result<Live, (Trouble, bool)> {
        let mut object = object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            let (uid, version) = match expect {
                Expect::Absent => (None, Some(VERSION_OF_NOTHING)),
                Expect::Version { uid, version } => (Some(uid.as_str()), Some(version.as_str())),
                Expect::Uid(uid) => (Some(uid.as_str()), None),
            };
            metadata.extend(uid.map(|uid| ("uid".to_owned(), uid.into())));
            metadata.extend(version.map(|version| ("resourceVersion".to_owned(), version.into())));
        }
        let path = format!("{}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict&force={force}", id.path());
        let call = Call {
            method: Method::PATCH,
            path,
            accept: JSON,
            content: APPLY,
            body: object.to_string().into_bytes(),
        };
        let (value, uncertain) = self.call(&call).await?;
        Live::of(id.kind, value).map_err(|message| (Trouble::Silence(message), uncertain))
    }

    /// Writes who manages which fields of an object in this version. Says what the server has then.
    pub async fn set_managers(
        &self,
        id: &ObjectId,
        version: &str,
        managers: &Value,
    ) -> Result<Live, Trouble> {
        let patch = json!([
            { "op": "replace", "path": "/metadata/managedFields", "value": managers },
            { "op": "replace", "path": "/metadata/resourceVersion", "value": version },
        ]);
        let call = Call {
            method: Method::PATCH,
            path: format!("{}?fieldManager={FIELD_MANAGER}", id.path()),
            accept: JSON,
            content: PATCH,
            body: patch.to_string().into_bytes(),
        };
        let (value, _) = self.call(&call).await.map_err(|(trouble, _)| trouble)?;
        Live::of(id.kind, value).map_err(Trouble::Silence)
    }

    /// Deletes the object that has this uid and version, and no other. One that is gone already is as good.
    pub async fn delete(&self, live: &Live) -> Result<(), Trouble> {
        let options = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": { "uid": live.uid(), "resourceVersion": live.version() },
            "propagationPolicy": "Background",
        });
        let call = Call {
            method: Method::DELETE,
            path: live.id.path(),
            accept: JSON,
            content: JSON,
            body: options.to_string().into_bytes(),
        };
        match self.call(&call).await {
            Ok(_) | Err((Trouble::Refused { code: 404, .. }, _)) => Ok(()),
            Err((trouble, _)) => Err(trouble),
        }
    }

    /// Makes a call until it is answered. With the result comes whether an attempt may have been carried out whose
    /// answer is not known.
    async fn call(&self, call: &Call) -> Result<(Value, bool), (Trouble, bool)> {
        let mut attempts = 1;
        let mut uncertain = false;
        loop {
            let attempt = match self.attempt(call).await {
                Ok(value) => return Ok((value, uncertain)),
                Err(attempt) => attempt,
            };
            let wait = if attempt.again { pause(attempts, attempt.after) } else { None };
            let Some(wait) = wait else { return Err((attempt.trouble, uncertain)) };
            uncertain |= attempt.trouble.code() != Some(429);
            attempts += 1;
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Value, Attempt> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let exchange = async {
            let request = Request::builder()
                .method(call.method.clone())
                .uri(&call.path)
                .header(ACCEPT, call.accept)
                .header(CONTENT_TYPE, call.content)
                .body(Body::from(call.body.clone()))
                .map_err(|error| Attempt { again: false, ..Attempt::silence(error.to_string()) })?;
            let answer = self.client.send(request).await.map_err(|error| Attempt::silence(words(&error)))?;
            let code = answer.status().as_u16();
            let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let body = answer.into_body().collect_bytes().await;
            let body = body.map_err(|error| Attempt::silence(words(&error)))?;
            if code >= 300 {
                return Err(Attempt::refused(code, after.map(Duration::from_secs), &body));
            }
            serde_json::from_slice(&body)
                .map_err(|error| Attempt::silence(format!("the answer is no whole JSON: {error}")))
        };
        tokio::time::timeout(ATTEMPT_WITHIN, exchange).await.unwrap_or_else(|_| {
            Err(Attempt::silence(format!("nothing came within {} seconds", ATTEMPT_WITHIN.as_secs())))
        })
    }
}

/// An error with its causes: the first one alone mostly says that something went wrong.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !words.contains(&next) {
            words = format!("{words}: {next}");
        }
        cause = error.source();
    }
    words
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
