//! Kubernetes RBAC as values: names, resources, rules, and the questions people ask about them.
//!
//! **Architecture invariant:** this crate is pure. It opens no file, parses no YAML, knows no
//! project and no cluster, and depends on nothing but the standard library. What goes in are
//! values, what comes out are values and problems that say where, what, and what to write instead.
//!
//! | module | answers |
//! |---|---|
//! | [`names`] | may this be the name of an object, a label, an annotation? |
//! | [`role_names`] | does this ClusterRole belong to Kubernetes itself? |
//! | [`catalogue`] | which resources does this version of Kubernetes have? |
//! | [`verbs`] | which verbs are there, and what is each for? |
//! | [`rule`] | what a rule of a role is |
//! | [`check`] | is this rule well-formed, and does it name things that exist? |
//! | [`split`] | which part of a role needs the whole cluster, and which a namespace? |
//! | [`known_resources`] | which resources of a rule exist, in which of its groups? |
//! | [`overlap`] | what do two roles have in common? |
//! | [`permission`] | what does the phrase `list deployments.apps in kube-system` ask? |
//! | [`suggest`] | which word was meant? |
//! | [`look_alike`] | which letters only look like plain ones? |

mod beyond_discovery;
pub mod catalogue;
pub mod check;
pub mod known_resources;
pub mod look_alike;
pub mod names;
mod off_by_default;
pub mod overlap;
pub mod permission;
mod resource_suggestion;
mod retired;
pub mod role_names;
pub mod rule;
pub mod split;
pub mod suggest;
pub mod verbs;
mod version;

pub use catalogue::{AddProblem, Catalogue, CustomResource, ResourceInfo, Scope, Words};
pub use check::{Field, RuleProblem, Severity, check_rule};
pub use known_resources::KnownResources;
pub use names::NameError;
pub use permission::{Permission, PhraseProblem, Place, Target};
pub use resource_suggestion::ResourceSuggestion;
pub use rule::PolicyRule;
pub use split::{SplitProblem, cluster_scoped_part, namespaced_part};
pub use version::UnknownVersion;
