//! The templates of a workspace: read, and what is wrong with them.

use super::problem::{TemplateProblem, help};
use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::render::{TemplateError, Templates, templates};
use crate::source::{FileId, Sources, Span};

/// The templates that a workspace renders with: its own, and built-in ones for the rest.
pub fn read(loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) -> Templates {
    let text = |id: FileId| loaded.sources.get(id).map(|source| source.text.clone()).unwrap_or_default();
    let own = loaded.templates.iter().map(|(name, id)| (name.clone(), text(*id))).collect();
    let (templates, errors) = Templates::new(own);
    for error in errors {
        let file = loaded.templates.iter().find(|(name, _)| *name == error.template).map(|(_, id)| *id);
        if let Some(file) = file {
            diagnostics.push(template_error(&error, file, &loaded.sources));
        }
    }
    unused_templates(loaded, diagnostics);
    templates
}

/// A template that takes the place of none and that no other includes does nothing: mostly a misspelt name, or a wrong
/// folder.
fn unused_templates(loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) {
    let texts = || loaded.templates.iter().filter_map(|(_, file)| loaded.sources.get(*file));
    for (name, id) in &loaded.templates {
        // The name in quotes: that of another template may end with it.
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        let included = || texts().any(|source| quoted.iter().any(|quoted| source.text.contains(quoted)));
        if built_in().any(|known| known == name) || included() {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                "unused-template",
                Span::new(*id, 0..0),
                format!("nothing uses the template `{name}`"),
            )
            .help(use_of(name, loaded))
            .warning(),
        );
    }
}

fn built_in() -> impl Iterator<Item = &'static str> + Clone {
    templates::BUILT_IN.iter().map(|(name, _)| *name)
}

/// What to do for an unused template to be used.
fn use_of(name: &str, loaded: &Loaded) -> String {
    let file = templates::file_name(name);
    match templates::nearest(name, built_in()) {
        Some(near)
            if templates::file_name(near) == file && loaded.templates.iter().any(|(own, _)| own == near) =>
        {
            format!("templates/{near} is the one that is used: remove this one, or put it there")
        }
        Some(near) if templates::file_name(near) == file => {
            format!(
                "move it to templates/{near}: a template takes the place of the built-in one with the same path"
            )
        }
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it, or include it in a template that is used".to_owned(),
    }
}

fn template_error(error: &TemplateError, file: FileId, sources: &Sources) -> Diagnostic {
    let text = sources.get(file).map(|source| source.text.as_str()).unwrap_or_default();
    let range = error.range.clone().unwrap_or_else(|| line_range(text, error.line.unwrap_or(1)));
    Diagnostic::error(
        "template-error",
        Span::new(file, range),
        format!("the template fails: {}", error.message),
    )
    .help(error.help.as_deref().unwrap_or(help::MEND))
}

fn line_range(text: &str, line: usize) -> std::ops::Range<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            return start..start + content.trim_end().len();
        }
        start += content.len();
    }
    start..start
}

/// One and the same line of a template fails for every file alike: said once, with how often. What fails there
/// for another reason is said too.
pub fn report(loaded: &Loaded, problems: Vec<TemplateProblem>, diagnostics: &mut Vec<Diagnostic>) {
    let mut groups: Vec<(TemplateProblem, usize)> = Vec::new();
    let find = |name: &str| loaded.templates.iter().find(|(own, _)| *own == name);
    let line = |problem: &TemplateProblem| {
        let (_, file) = find(&problem.template)?;
        let source = loaded.sources.get(*file)?;
        let start = problem.range.as_ref()?.start;
        Some(source.text.get(..start)?.matches('\n').count() + 1)
    };
    for problem in problems {
        let same = |other: &TemplateProblem| {
            (&other.template, line(other), other.line, other.id, other.failure())
                == (&problem.template, line(&problem), problem.line, problem.id, problem.failure())
        };
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, count)) => *count += 1,
            None => groups.push((problem, 1)),
        }
    }
    for (problem, count) in groups {
        let message = with_scope(&problem, count);
        let diagnostic = match find(&problem.template) {
            Some((_, file)) => {
                let text = loaded.sources.get(*file).map(|source| source.text.as_str()).unwrap_or_default();
                let range = problem.range.unwrap_or_else(|| line_range(text, problem.line.unwrap_or(1)));
                let found = Diagnostic::error(problem.id, Span::new(*file, range), message);
                if is_told_by_its_line(loaded, problem.origin) {
                    found.related(problem.origin, "rendered from here")
                } else {
                    found
                }
            }
            // Whatever the built-in templates do wrong shows up where the input is that they fail for.
            None => Diagnostic::error(problem.id, problem.origin, message),
        };
        diagnostics.push(diagnostic.maybe_note(problem.note).help(problem.help));
    }
}

/// What is wrong, in which object, and in how many files: where not all were looked at, there may be more.
fn with_scope(problem: &TemplateProblem, files: usize) -> String {
    let least = if problem.may_be_more { "at least " } else { "" };
    let within = problem.within.as_ref().map(|object| format!("in {object}"));
    let also = match files {
        0 | 1 => None,
        2 => Some(format!("also in {least}1 other file")),
        _ => Some(format!("also in {least}{} other files", files - 1)),
    };
    let scope: Vec<String> = within.into_iter().chain(also).collect();
    match scope.as_slice() {
        [] => problem.message.clone(),
        scope => format!("{} ({})", problem.message, scope.join(", ")),
    }
}

/// Whether the place of an input says what was rendered: the name of a project or a role does, the first line of a
/// runner or a cluster does not.
fn is_told_by_its_line(loaded: &Loaded, origin: Span) -> bool {
    loaded
        .sources
        .get(origin.file)
        .is_some_and(|source| source.path.starts_with("projects") || source.path.starts_with("roles"))
}
