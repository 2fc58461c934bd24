//! What the server answers, and what can go wrong with it.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// Why a request did not bring what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No whole answer came: nobody knows whether the request was carried out.
    Silence(String),
    /// The server answered that it won't.
    Refused {
        /// The HTTP status.
        code: u16,
        /// What the server says.
        message: String,
    },
}

impl Trouble {
    /// The HTTP status, if there was an answer.
    pub fn code(&self) -> Option<u16> {
        match self {
            Trouble::Silence(_) => None,
            Trouble::Refused { code, .. } => Some(*code),
        }
    }

    /// What to do about it where something was to be changed.
    pub fn help_of_change(&self) -> &'static str {
        match self.code() {
            Some(403) => {
                "ask for the permission that the message names; the apply account gets it when an administrator applies apply.yaml as it is rendered now, and a second later; then run the command again"
            }
            _ => self.help(),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.code() {
            None => {
                "check the address and the certificates in the kubeconfig, and the connection, then run the command again"
            }
            Some(401) => "the token is wrong or has expired: log in again, then run the command again",
            Some(403) => "ask for the permission that the message names, then run the command again",
            Some(404) => "run the command again: it looks at the cluster anew",
            Some(409) => "somebody changed the cluster meanwhile: run the command again",
            Some(429) | Some(500..) => "the server is not well: try again later",
            Some(_) => "mend what the message names, then run the command again",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Silence(message) => write!(f, "no answer: {message}"),
            Trouble::Refused { code, message } => write!(f, "{message} ({code})"),
        }
    }
}

/// An attempt that brought nothing, and whether another may help.
#[derive(Debug)]
pub struct Attempt {
    /// What went wrong.
    pub trouble: Trouble,
    /// Whether another attempt may help.
    pub again: bool,
    /// How long the server asks to be left alone.
    pub after: Option<Duration>,
}

impl Attempt {
    /// No answer, or not a whole one.
    pub fn silence(message: impl Into<String>) -> Attempt {
        Attempt { trouble: Trouble::Silence(message.into()), again: true, after: None }
    }

    /// The server's refusal.
    pub fn refused(code: u16, after: Option<Duration>, body: &[u8]) -> Attempt {
        let again = matches!(code, 429 | 500 | 502..=504);
        Attempt { trouble: Trouble::Refused { code, message: message(code, body) }, again, after }
    }
}

/// The words of a `Status`, or the text of whatever stands between.
fn message(code: u16, body: &[u8]) -> String {
    let status: Option<Value> = serde_json::from_slice(body).ok();
    let message = status.as_ref().and_then(|status| status.get("message")?.as_str());
    match message {
        Some(message) if !message.is_empty() => message.to_owned(),
        _ => {
            let text = String::from_utf8_lossy(body);
            let line = text.lines().next().unwrap_or_default().trim();
            if line.is_empty() {
                format!("the server answered {code}")
            } else {
                line.chars().take(200).collect()
            }
        }
    }
}
