//! Folders as values, and comparison with golden files.

pub mod golden;
pub mod tree;
