//! The templates: this repository's own, and those of a workspace that take their place.

use std::collections::HashMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, Output, OutputSpan, State, UndefinedBehavior};
use tegata_rbac::suggest::closest;

use super::TemplateError;
use super::context;
use super::tags;
use crate::yaml::emit;

/// The template of a file of Kubernetes objects.
pub const MANIFEST: &str = "kubernetes/manifest.yaml.j2";
/// The template of a runner's Helm values.
pub const VALUES: &str = "helm/values.yaml.j2";
/// The template of a project's include.
pub const INCLUDE: &str = "gitlab-ci/include.yml.j2";

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The templates that a workspace without its own uses, by name.
        pub const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../../templates/", $name)))),*];
    };
}

built_in! {
    "gitlab-ci/include.yml.j2",
    "helm/values.yaml.j2",
    "isolation.yaml.j2",
    "kubernetes/ClusterRole.yaml.j2",
    "kubernetes/ClusterRoleBinding.yaml.j2",
    "kubernetes/ConfigMap.yaml.j2",
    "kubernetes/Namespace.yaml.j2",
    "kubernetes/ResourceQuota.yaml.j2",
    "kubernetes/Role.yaml.j2",
    "kubernetes/RoleBinding.yaml.j2",
    "kubernetes/ServiceAccount.yaml.j2",
    "kubernetes/ValidatingAdmissionPolicy.yaml.j2",
    "kubernetes/ValidatingAdmissionPolicyBinding.yaml.j2",
    "kubernetes/manifest.yaml.j2",
    "kubernetes/metadata.yaml.j2",
    "kubernetes/rules.yaml.j2",
}

/// Steps that a template may take for one file: a hundred times what the largest file needs, so that one that never
/// comes to an end does not hold up a pipeline.
const FUEL: u64 = 10_000_000;

/// All templates of a workspace, ready to render.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    /// The names of those that differ from the built-in ones, sorted.
    own: Vec<String>,
}

impl Templates {
    /// The built-in templates, and `own` in the place of those of the same name. A template that can't be read
    /// is left out, and reported.
    pub fn new(own: HashMap<String, String>) -> (Templates, Vec<TemplateError>) {
        let mut environment = Environment::new();
        // Blocks on lines of their own leave no lines behind.
        if let Ok(syntax) =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
        {
            environment.set_syntax(syntax);
        }
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_formatter(format);
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("block", context::block_filter);
        environment.add_filter("comment", context::comment_filter);
        let is_built_in = |name: &str, text: &str| BUILT_IN.contains(&(name, text));
        let mut names: Vec<String> = own
            .iter()
            .filter(|(name, text)| !is_built_in(name, text))
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        let mut errors = Vec::new();
        for (name, text) in BUILT_IN {
            if !own.contains_key(*name)
                && let Err(error) = environment.add_template(name, text)
            {
                errors.push(TemplateError::from(&error));
            }
        }
        for (name, text) in own {
            if let Err(error) = environment.add_template_owned(name, text.clone()) {
                errors.push(TemplateError::in_text(&error, &text));
            }
        }
        (Templates { environment, own: names }, errors)
    }

    /// The names of the workspace's templates that differ from the built-in ones, sorted.
    pub fn own(&self) -> &[String] {
        &self.own
    }

    /// Whether a template is the workspace's, and differs from the built-in one.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.iter().any(|own| own == name)
    }

    /// Where a template includes another one by its name: the last place, if there are several.
    pub fn include_in(&self, name: &str, included: &str) -> Option<std::ops::Range<usize>> {
        let template = self.environment.get_template(name).ok()?;
        let names = |inside: &str| inside.split(['"', '\'']).any(|part| part == included);
        let tags = tags::of(template.source());
        let found = tags.iter().rfind(|tag| tag.kind == tags::Kind::Statement && names(tag.inside));
        found.map(|tag| tag.range.clone())
    }

    /// Whether a template writes nothing but comments, whatever it is given.
    pub fn is_blank(&self, name: &str) -> bool {
        self.environment
            .get_template(name)
            .is_ok_and(|template| tags::without_comments(template.source()).is_empty())
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.environment.templates().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    }

    /// The text of a template.
    pub fn source(&self, name: &str) -> Option<String> {
        self.environment.get_template(name).ok().map(|template| template.source().to_owned())
    }

    /// The functions that every template can call.
    pub fn functions(&self) -> Vec<String> {
        let mut names: Vec<String> = self.environment.globals().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    }

    /// Renders a template with another text in place of one of the templates, which may call `function`: for what the
    /// function sees, whatever comes of it.
    pub fn try_with(
        &self,
        root: &str,
        context: &Value,
        (name, text): (&str, String),
        function: &'static str,
        of: impl Fn(Value) -> Value + Send + Sync + 'static,
    ) {
        let mut environment = self.environment.clone();
        environment.add_function(function, of);
        if environment.add_template_owned(name.to_owned(), text).is_ok() {
            let templates = Templates { environment, own: Vec::new() };
            let _rendered = templates.render(root, context.clone());
        }
    }

    /// Renders a template.
    pub fn render(&self, name: &str, context: Value) -> Result<String, minijinja::Error> {
        self.environment.get_template(name)?.render(context)
    }

    /// Renders a template, with the place in the templates of every byte.
    pub fn render_with_spans(&self, name: &str, context: Value) -> Option<(String, Vec<OutputSpan>)> {
        self.environment.get_template(name).ok()?.render_with_spans(context).ok()
    }
}

/// The template that is meant by a name: one with the same file name in another folder, or one whose name is close.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let same = |known: &&str| file_name(known).eq_ignore_ascii_case(file_name(name));
    names.clone().find(same).or_else(|| closest(name, names))
}

/// What stands behind the last slash of a template's name.
pub fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What stands before the last slash of a template's name.
pub fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether somebody means to render a file below templates/: it takes the place of a built-in template, or its name
/// says so. A README.md does not.
pub fn is_template(name: &str) -> bool {
    name.ends_with(".j2") || BUILT_IN.iter().any(|(built_in, _)| *built_in == name)
}

/// Writes a value as a YAML scalar, or as a list or mapping on one line, whatever it holds: no name can leave
/// its place in the text.
fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_undefined() {
        return Err(minijinja::Error::from(ErrorKind::UndefinedError));
    }
    // What `block` made is YAML already.
    if value.is_safe()
        && let Some(text) = value.as_str()
    {
        return Ok(out.write_str(text)?);
    }
    match value.as_str() {
        Some(text) => Ok(emit::write_text(text, out)?),
        None => Ok(context::with_part(state, value, |part| emit::write_flow(part, out))??),
    }
}
