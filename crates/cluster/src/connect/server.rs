//! What is asked of the API server.
//!
//! Every write here can be repeated: an apply says which version it is made for, a deletion which object it means.

use http::Method;
use kube::Client;
use serde_json::{Value, json};

use super::answer::Trouble;
use super::call::{APPLY, Asker, Call, JSON, METADATA, PATCH};
use super::lists::Listing;
use crate::kinds::{Kind, encoded};
use crate::object::{Live, ObjectId};
use crate::ownership::FIELD_MANAGER;

/// A server to ask.
#[derive(Clone)]
pub struct Server {
    pub(super) asker: Asker,
    /// Takes nothing of the kubeconfig's user along.
    nobody: Client,
    url: String,
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

impl Server {
    pub(super) fn new(client: Client, nobody: Client, url: String) -> Server {
        Server { asker: Asker { client, token: None }, nobody, url }
    }

    /// The same server, asked by whoever has this token: nothing of the kubeconfig's user goes with it.
    pub fn with_token(&self, token: &str) -> Server {
        let asker = Asker { client: self.nobody.clone(), token: Some(token.into()) };
        Server { asker, ..self.clone() }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An object, if it exists.
    pub async fn get(&self, id: &ObjectId) -> Result<Option<Live>, Trouble> {
        match Call::get(id.path()).send(&self.asker).await {
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
        let query = format!("labelSelector={}", encoded(selector));
        let items =
            self.items(&Listing { path: &kind.path(None), query: &query, accept, keep: &|_| true }).await?;
        items.into_iter().map(|item| Live::of(kind, item).map_err(Trouble::Silence)).collect()
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
        let (value, uncertain) = call.send(&self.asker).await?;
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
        let (value, _) = call.send(&self.asker).await.map_err(|(trouble, _)| trouble)?;
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
        match call.send(&self.asker).await {
            Ok(_) | Err((Trouble::Refused { code: 404, .. }, _)) => Ok(()),
            Err((trouble, _)) => Err(trouble),
        }
    }
}
