//! Names that nothing has, and what was meant.

use tegata_rbac::look_alike;
use tegata_rbac::suggest::closest;

use crate::diagnostic::Diagnostic;
use crate::load::file_names::{self, Unfit};
use crate::load::{Folder, Loaded};
use crate::shape::text::{listed, shown};
use crate::source::Located;

/// Reports a name that nothing has, unless the file of that name is only broken.
pub fn unknown(
    loaded: &Loaded,
    folder: Folder,
    kind: &str,
    name: &Located<String>,
    known: Vec<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if loaded.broken.contains(&(folder, name.value.clone())) || loaded.incomplete.contains(&folder) {
        return;
    }
    let broken =
        loaded.broken.iter().filter(|(in_folder, _)| *in_folder == folder).map(|(_, name)| name.as_str());
    let all = || known.iter().copied().chain(broken.clone());
    // Whoever asks for a name with look-alikes of plain letters means these.
    let plain = look_alike::plainly(&name.value);
    let written = plain.as_deref().unwrap_or(&name.value);
    let bare = written.strip_prefix(folder.name()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(written);
    let bare = bare.strip_suffix(".yaml").or_else(|| bare.strip_suffix(".yml")).unwrap_or(bare);
    let file = format!("{}/{}.yaml", folder.name(), shown(bare));
    let unfit = file_names::unfit(folder, bare);
    let help = match closest(written, all()) {
        _ if plain.is_some() && all().any(|known| known == written) => {
            format!("write `{written}`, typed anew: this one only looks like it")
        }
        _ if bare != written && all().any(|known| known == bare) => {
            format!("write `{}`, the name without folder and ending", shown(bare))
        }
        near if let Some(unfit) = &unfit => impossible(kind, bare, unfit, near, &all().collect::<Vec<_>>()),
        // No two files may differ by case alone.
        Some(near) if near.eq_ignore_ascii_case(bare) => {
            format!("write `{near}`: upper and lower case differ")
        }
        Some(near) => format!("did you mean `{near}`? Otherwise write {file}"),
        None => {
            let write = format!("write {file} (`cargo xtask new {kind} {}` begins it)", shown(bare));
            match known.as_slice() {
                [] => write,
                [only] => format!("there is only `{only}`; otherwise {write}"),
                several => format!("there are {}; otherwise {write}", listed(several)),
            }
        }
    };
    let id = format!("unknown-{kind}");
    diagnostics.push(
        Diagnostic::error(id, name.span, format!("there is no {kind} `{}`", shown(&name.value))).help(help),
    );
}

/// What to write in place of a name that nothing can have: such a file would be refused in its turn.
fn impossible(kind: &str, name: &str, unfit: &Unfit, near: Option<&str>, known: &[&str]) -> String {
    let start = |end: char| name.split(end).next().map(str::trim_end).filter(|start| known.contains(start));
    if let Some(start) = start('#') {
        let comment = name.strip_prefix(start).unwrap_or_default().trim_start();
        return format!("write a blank before the `#` that begins a comment: {start} {}", shown(comment));
    }
    let trimmed = name.trim_matches(STRAYS);
    if trimmed != name && known.contains(&trimmed) {
        let strays: Vec<String> = STRAYS
            .into_iter()
            .filter(|stray| name.contains(*stray))
            .map(|stray| format!("`{stray}`"))
            .collect();
        return format!("remove the {}: write {trimmed}", strays.join(" and the "));
    }
    let rule = unfit.rule;
    match (near.or_else(|| start(' ')), known) {
        (Some(near), _) => match &unfit.problem {
            Some(problem) => {
                format!("did you mean `{near}`? A {kind} can't be called `{}`: it {problem}", shown(name))
            }
            None => format!("did you mean `{near}`?"),
        },
        (None, []) => format!("write the name of a new {kind}: {rule}"),
        (None, [only]) => format!("there is only `{only}`; a new {kind} needs {rule}"),
        (None, several) => format!("there are {}; a new {kind} needs {rule}", listed(several)),
    }
}

/// What stays behind at a name's end, or its beginning, when a list or a pair of quotes is edited.
const STRAYS: [char; 4] = ['"', '\'', ',', ';'];
