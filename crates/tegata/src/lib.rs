//! tegata's generator: from the files of a workspace to manifests, Helm values and GitLab CI includes.
//!
//! Six phases, each a function from values to values; only the first and the last touch the disk:
//!
//! | phase | from | to |
//! |---|---|---|
//! | [`load`] | the workspace's folder | what each file says, with places |
//! | [`resolve`] | all files | references looked up, names made, collisions found |
//! | [`check`] | what was resolved | findings |
//! | [`render`] | what was resolved, and the templates | text |
//! | [`verify`] | text | the same as what was resolved, or a finding |
//! | [`mod@write`] | text | `out/` |
//!
//! [`generate`](mod@generate) puts them in a row.
//!
//! **Architecture invariant:** what a file grants comes from what was resolved. No template adds to it: the text is read
//! back and compared.

pub mod check;
pub mod declared;
pub mod diagnostic;
mod disk;
pub mod generate;
pub mod load;
pub mod render;
pub mod resolve;
pub mod scaffold;
pub mod shape;
pub mod source;
pub mod verify;
pub mod write;
pub mod yaml;

pub use generate::{Mode, Options, Report, generate, generate_with};
