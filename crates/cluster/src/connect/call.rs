//! One request, repeated until it is answered or that makes no more sense.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request};
use kube::Client;
use kube::client::Body;
use serde_json::Value;

use super::answer::{Attempt, Trouble};
use super::retry::pause;

/// How long one attempt may take.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(60);

/// Who asks: the user of the kubeconfig, or whoever has a token.
#[derive(Clone)]
pub(super) struct Asker {
    pub(super) client: Client,
    pub(super) token: Option<Arc<str>>,
}

/// A request, as often as it takes.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) accept: &'static str,
    pub(super) content: &'static str,
    pub(super) body: Vec<u8>,
}

pub(super) const JSON: &str = "application/json";
pub(super) const APPLY: &str = "application/apply-patch+yaml";
pub(super) const PATCH: &str = "application/json-patch+json";
pub(super) const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

impl Call {
    pub(super) fn get(path: String) -> Call {
        Call { method: Method::GET, path, accept: JSON, content: JSON, body: Vec::new() }
    }

    /// Makes a call until it is answered. With the result comes whether an attempt may have been carried out whose
    /// answer is not known.
    pub(super) async fn send(&self, asker: &Asker) -> Result<(Value, bool), (Trouble, bool)> {
        let mut attempts = 1;
        let mut uncertain = false;
        loop {
            let attempt = match self.attempt(asker).await {
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

    async fn attempt(&self, asker: &Asker) -> Result<Value, Attempt> {
        let exchange = async {
            let mut request = Request::builder()
                .method(self.method.clone())
                .uri(&self.path)
                .header(ACCEPT, self.accept)
                .header(CONTENT_TYPE, self.content);
            if let Some(token) = &asker.token {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request
                .body(Body::from(self.body.clone()))
                .map_err(|error| Attempt { again: false, ..Attempt::silence(error.to_string()) })?;
            let answer = asker.client.send(request).await.map_err(|error| Attempt::silence(words(&error)))?;
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
