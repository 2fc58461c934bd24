//! YAML, in and out: a parser that keeps the place of everything, and scalars that every reader takes for
//! the same text.

mod earlier;
pub mod emit;
mod errors;
mod looks;
pub mod node;
mod ordinary;
mod parse;
pub mod part;
pub mod plain;
pub mod scalar;
pub mod tree;

pub use node::{Entry, Node, Value};
pub use parse::parse;
