//! `docs/attacks.md`: written from what was run, and compared with what is committed.

use std::fmt::Write;

use fs_err as fs;
use testbed::repository;

use crate::attack::Row;
use crate::jobs::Cell;
use crate::world::Mode;

const COMMAND: &str = "UPDATE_ATTACKS=1 cargo xtask e2e --test attacks";

const INTRODUCTION: &str = "# Attacks

What projects do to take each other's accounts, and what comes of it, by the `isolation` of their runner. Each cell was
run, not thought up: jobs by GitLab Runner's own Kubernetes executor with the rendered configuration, calls with tokens
of the accounts, against a real kube-apiserver with the rendered manifests.

**ESCAPES** means that a pod was made with an account that its project did not declare, or that the API server let
somebody act as, or into, somebody else. With `overwrite` that is known: its regexps belong to the runner, and not to a
project. In a namespace that projects share, rights that a role gives carelessly are for what others have there, too.

What no policy here keeps apart:
- What lies in a namespace that projects share: whoever may read Secrets there reads a neighbour's, whoever may read pods
  reads its jobs' variables (they stand in the pod), and whoever may delete pods ends its jobs. Give each project a
  namespace of its own.
- The node: whoever may make pods with the node's disk or privileges, as whatever account, finds the tokens of all pods
  there. Pod Security refuses such pods, by a label of the namespace.
- Rights over the whole cluster, such as `nodes/proxy`, approval of certificates, or webhooks that change pods.

Projects: `alpha` (`alpha:build`, `alpha:deploy`) and `beta` (`beta:build`, `beta:deploy`) with a namespace each; `gamma`
in alpha's namespace (`alpha:gamma`, which has every right in it that a careless role gives, and `alpha:modest`, which
has none); `moved` (`moved:mover`), whose path is another one by now; and one whose file was deleted.
";

/// The text of the page.
fn page(rows: &[Row], columns: &[Vec<Option<Cell>>]) -> String {
    let mut text = INTRODUCTION.to_owned();
    for (index, row) in rows.iter().enumerate() {
        if let Some(title) = &row.title {
            let modes = Mode::ALL.map(|mode| format!("`{}`", mode.name())).join(" | ");
            write!(text, "\n## {title}\n\n| attack | {modes} |\n|---|---|---|---|\n").unwrap();
        }
        if let Some(what) = &row.what {
            let cells: Vec<String> =
                columns.iter().map(|column| escaped(column[index].as_ref().unwrap())).collect();
            writeln!(text, "| {} | {} |", escaped(what), cells.join(" | ")).unwrap();
        }
    }
    let attacks = rows.iter().filter(|row| row.what.is_some()).count();
    write!(
        text,
        "\n---\n{attacks} attacks, each in {} modes, from `testbed/tests/attacks/attacks.yaml`. Written by\n`{COMMAND}`; without the variable, the same command compares.\n",
        Mode::ALL.len()
    )
    .unwrap();
    text
}

/// A `|` would end a cell of the table.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Holds the committed page against what was run, or writes it.
pub fn compare(rows: &[Row], columns: &[Vec<Option<Cell>>]) {
    let path = repository().join("docs/attacks.md");
    let page = page(rows, columns);
    if std::env::var_os("UPDATE_ATTACKS").is_some() {
        fs::write(path, page).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differences: Vec<String> = page
        .lines()
        .filter(|line| !committed.lines().any(|known| known == *line))
        .map(|line| format!("+ {line}"))
        .chain(
            committed
                .lines()
                .filter(|line| !page.lines().any(|known| known == *line))
                .map(|line| format!("- {line}")),
        )
        .collect();
    assert!(
        committed == page,
        "docs/attacks.md is not what came of the attacks (- committed, + run); if that is meant, run `{COMMAND}`\n{}",
        differences.join("\n")
    );
}
