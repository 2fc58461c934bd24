//! GitLab Runner's side of tegata, as values.
//!
//! | module | what it knows |
//! |---|---|
//! | [`overwrite`] | the regexp that admits exactly the declared names |
//! | [`pattern`] | the regexps that people write, of which one can say what they admit |
//! | [`openness`] | what a configuration that is found in a cluster lets jobs choose |
//! | [`gitlab_path`] | GitLab's rules for a project's full path |
//! | [`keys`] | the keys of `[runners.kubernetes]`, and which of them loosen the boundary |
//! | [`flags`] | the feature flags that are pinned, and why |
//! | [`config`] | the text of the chart's `runners.config` |
//! | [`values`] | the Helm values of the chart `gitlab-runner` |
//! | [`manager`] | what the runner manager's account needs in a job namespace |
//! | [`policy`] | the admission policies: which project may run as which account |
//! | [`mod@include`] | the variables and hidden jobs of a project's CI include |
//!
//! **Architecture Invariant:** nothing here opens a file, parses YAML or speaks to a network, and
//! nothing here knows another crate of this workspace. Everything is a function from values to values.
//!
//! Facts of the runner are taken from the source of GitLab Runner 19.4 (development tree, September
//! 2026), those of the chart from `gitlab-runner` 0.86.0.

pub mod config;
pub mod flags;
pub mod gitlab_path;
pub mod include;
pub mod keys;
pub mod manager;
pub mod openness;
pub mod overwrite;
pub mod pattern;
pub mod policy;
pub mod problem;
pub mod values;

mod lost;
mod suggest;

pub use problem::KeyProblem;
