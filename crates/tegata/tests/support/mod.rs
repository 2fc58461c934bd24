//! What the golden cases are made of.

pub mod golden;
pub mod ids;
pub mod made;
pub mod tree;
