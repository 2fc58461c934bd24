//! The real parts, built and started for the tests.
//!
//! What the generator writes is judged by the programs that will read it: a real kube-apiserver with its RBAC
//! authorizer and admission policies, kubectl, Go's regexps, Go's and Python's YAML readers, a parser of GitLab CI. Most
//! of them don't come from a package registry as a binary, so [`build`] makes them from their Go modules, once, into a
//! cache; [`CiParser`] comes from npm.
//!
//! *Invariant:* plain `cargo test` needs none of this. Whatever calls [`build`] stands behind the feature `real`.
//!
//! *Invariant:* nothing started here outlives its owner, except by [`up`], which is for people.

pub mod catalogue;
mod ci;
mod client;
mod command;
mod detached;
mod executor;
mod fnv;
mod gitlab;
mod helm;
mod keys;
mod node;
mod parts;
mod process;
mod readers;
mod server;

pub use ci::{Checkout, CiParser};
pub use client::Client;
pub use detached::{down, up};
pub use executor::{Access, Executor, Knobs, Outcome};
pub use gitlab::{GitLab, Job, Told};
pub use helm::Chart;
pub use node::{Image, Node};
pub use parts::{Options, Part, Parts, build, repository};
pub use readers::{RegexpQuestion, go_regexp, go_yaml_json, py_yaml_check, py_yaml_json};
pub use server::ApiServer;
