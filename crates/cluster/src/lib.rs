//! Between `out/` and a cluster: what differs, and how the cluster comes to be what `out/` says.
//!
//! ```text
//! out/kubernetes/<cluster>/            the cluster
//!        │ desired                        │ connect, observe
//!        ▼                                ▼
//!     Desired ───────────┬─────────── Observed
//!                        │ plan        pure: changes, refusals, what stays
//!                        ▼
//!                       Plan ──► words, show      accounts and permissions that come and go; the diff
//!                        │ plan::stages           what is taken away, then what is given
//!                        ▼
//!                     execute          the only one that writes
//! ```
//!
//! | part | does |
//! |---|---|
//! | [`connect`] | kubectl's rules for the connection; requests, repeated where a server asks for patience |
//! | [`desired`] | reads `out/`, which must be whole and what render would write |
//! | [`observe`] | lists what is ours; no request for an object that is as it should be |
//! | [`fields`] | which fields are ours, by the server's own record, and which differ |
//! | [`inventory`] | which objects are ours to delete (KEP-3659) |
//! | [`plan`] | decides, and puts in order |
//! | [`words`], [`show`] | says it, to people and to programs |
//! | [`saved`] | a plan in a file, which holds for what was looked at and nothing else |
//! | [`execute`] | carries it out, stage by stage |
//!
//! Beside that stand [`verify`], which asks the server as the accounts themselves, and [`audit`], which looks at any
//! cluster. Both begin with [`connect`], know who is bound to what ([`standing`]), and change nothing.
//!
//! **Architecture invariant:** only `connect` opens a socket, and only `execute` changes a cluster. Nothing that `render`
//! needs depends on this crate.
//!
//! **Architecture invariant:** what lacks our labels is never changed, and what is not in our inventory never deleted,
//! unless people name it.

pub mod audit;
pub mod connect;
pub mod desired;
pub mod execute;
pub mod fault;
pub mod fields;
pub mod finding;
pub mod inventory;
pub mod kinds;
pub mod object;
pub mod observe;
mod ownership;
pub mod plan;
mod rules;
pub mod saved;
pub mod show;
pub mod standing;
pub mod verify;
pub mod words;

pub use fault::Fault;
