//! The example in what is said of a project without its path.

use crate::diagnostic::Diagnostic;
use crate::shape::files::PROJECT;
use crate::shape::text::PROJECT_PATH;
use crate::source::Source;

/// Puts the file's own name in place of the example of a path, which is that of another project.
pub fn of_its_own(source: &Source, diagnostics: &mut [Diagnostic]) {
    let Some(field) = PROJECT.field("project") else { return };
    let example = format!("{}: {}", field.name, field.example);
    let with_example = |help: &&mut String| help.contains(&example);
    for help in diagnostics.iter_mut().filter_map(|found| found.help.as_mut()).filter(with_example) {
        let own = format!("GROUP/{}", source.path.file_stem().unwrap_or_default());
        let own = if (PROJECT_PATH.check)(&own).is_ok() { &own } else { "GROUP/NAME" };
        *help = help.replacen(&example, &format!("{}: {own}", field.name), 1);
    }
}
