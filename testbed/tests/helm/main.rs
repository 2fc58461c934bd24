//! The rendered values, in the real chart of the runner under the real Helm.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod configuration;
mod keys;
mod lines;
mod merging;
mod nulls;
mod release;
#[path = "../support/mod.rs"]
mod support;
mod texts;
