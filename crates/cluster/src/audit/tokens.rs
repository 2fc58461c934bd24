//! Secrets with a token of an account that never ends. What they hold is not looked at.

use serde_json::Value;

use crate::finding::{Finding, Severity};
use crate::standing::Account;

/// A Secret with a token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenSecret {
    /// Whose token it is.
    pub account: Account,
    /// The Secret's name; it lies in the account's namespace.
    pub name: String,
    /// Since when it is there.
    pub created: String,
}

impl TokenSecret {
    pub(super) fn finding(&self) -> Finding {
        let (account, name) = (&self.account, &self.name);
        Finding::new(
            Severity::Error,
            "long-lived-token",
            format!(
                "Secret {}/{name} holds a token of {account} that never ends, since {}",
                account.namespace, self.created
            ),
            "let whoever uses it get short-lived ones (`kubectl create token`), then delete the Secret",
        )
        .about(format!("Secret/{}/{name}", account.namespace))
    }
}

pub(super) fn tokens(secrets: &[Value]) -> Vec<TokenSecret> {
    let text = |secret: &Value, field: &str| {
        secret.pointer(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut tokens: Vec<TokenSecret> = secrets
        .iter()
        .map(|secret| TokenSecret {
            account: Account::new(
                text(secret, "/metadata/namespace"),
                text(secret, "/metadata/annotations/kubernetes.io~1service-account.name"),
            ),
            name: text(secret, "/metadata/name"),
            created: text(secret, "/metadata/creationTimestamp"),
        })
        .collect();
    tokens.sort();
    tokens
}
