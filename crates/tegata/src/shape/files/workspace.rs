//! `tegata.yaml`.

use super::{Field, Record, Shape, text};

/// The form of `tegata.yaml`.
pub static WORKSPACE: Record = Record {
    what: "tegata.yaml",
    doc: "Marks the root of a workspace.",
    fields: &[
        Field::required("version", Shape::Integer(1, 1), "The version of this file's form.", "1"),
        Field::required(
            "workspace",
            Shape::Text(&text::DNS_LABEL),
            "The name of the workspace. Every rendered object carries it, so that two workspaces on one cluster never touch each other's objects.",
            "platform",
        ),
    ],
};
