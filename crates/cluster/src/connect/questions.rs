//! Questions that change nothing: tokens that end by themselves, reviews, and creations that are only tried.

use http::Method;
use serde_json::{Value, json};

use super::answer::Trouble;
use super::call::{Call, JSON, METADATA};
use super::server::Server;
use crate::kinds::encoded;
use crate::object::ObjectId;

/// How long a token holds that is made for a question. The server takes no less.
const TOKEN_SECONDS: u32 = 600;

/// What the server says to a question about a permission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, in the server's words; it may say nothing.
    pub reason: String,
    /// What went wrong while the server decided.
    pub error: String,
}

impl Server {
    /// A token of an account, for ten minutes.
    pub async fn token_of(&self, account: &ObjectId) -> Result<String, Trouble> {
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": { "expirationSeconds": TOKEN_SECONDS },
        });
        let answer = self.post(format!("{}/token", account.path()), &request).await?;
        let token = answer.pointer("/status/token").and_then(Value::as_str);
        token.map(str::to_owned).ok_or_else(|| Trouble::Silence("the answer holds no token".to_owned()))
    }

    /// Whether whoever asks may do something: `spec` of a SelfSubjectAccessReview.
    pub async fn may_i(&self, spec: &Value) -> Result<Review, Trouble> {
        let answer = self.review("selfsubjectaccessreviews", "SelfSubjectAccessReview", spec).await?;
        let text = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let allowed = answer.get("allowed").and_then(Value::as_bool).unwrap_or_default();
        Ok(Review { allowed, reason: text("reason"), error: text("evaluationError") })
    }

    /// All that whoever asks may do in a namespace: the `status` of a SelfSubjectRulesReview.
    pub async fn my_rules(&self, namespace: &str) -> Result<Value, Trouble> {
        let spec = json!({ "namespace": namespace });
        self.review("selfsubjectrulesreviews", "SelfSubjectRulesReview", &spec).await
    }

    async fn review(&self, plural: &str, kind: &str, spec: &Value) -> Result<Value, Trouble> {
        let review = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec });
        let mut answer = self.post(format!("/apis/authorization.k8s.io/v1/{plural}"), &review).await?;
        let status = answer.get_mut("status").map(Value::take).filter(Value::is_object);
        status.ok_or_else(|| Trouble::Silence(format!("the {kind} came back without an answer")))
    }

    /// Whether a pod would be made, tried by the server and not kept.
    pub async fn try_pod(&self, namespace: &str, pod: &Value) -> Result<(), Trouble> {
        let path = format!("/api/v1/namespaces/{}/pods?dryRun=All", encoded(namespace));
        self.post(path, pod).await.map(|_| ())
    }

    /// What a path holds.
    pub async fn read(&self, path: String) -> Result<Value, Trouble> {
        Call::get(path).send(&self.asker).await.map(|(value, _)| value).map_err(|(trouble, _)| trouble)
    }

    /// Really lists what is below a path, for the answer's sake: one object at most, and of it only the metadata.
    pub async fn really_list(&self, path: &str) -> Result<(), Trouble> {
        let call = Call { accept: METADATA, ..Call::get(format!("{path}?limit=1")) };
        call.send(&self.asker).await.map(|_| ()).map_err(|(trouble, _)| trouble)
    }

    async fn post(&self, path: String, object: &Value) -> Result<Value, Trouble> {
        let body = object.to_string().into_bytes();
        let call = Call { method: Method::POST, path, accept: JSON, content: JSON, body };
        call.send(&self.asker).await.map(|(value, _)| value).map_err(|(trouble, _)| trouble)
    }
}
