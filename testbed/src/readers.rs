//! How other programs read our output: Go's regexps, and the YAML readers of kubectl and of Python.

use std::io::ErrorKind;
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use serde_json::{Value, json};

use crate::command::{output_with_input, stdout_of};
use crate::parts::{Part, Parts};

/// So many paths surely fit into one command line.
const PATHS_AT_ONCE: usize = 500;

/// A pattern, and the values to match with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexpQuestion {
    /// In Go's syntax.
    pub pattern: String,
    /// What is matched with it.
    pub values: Vec<String>,
}

/// What Go's `regexp.MatchString` says of each value of each question. The inner error is Go's, of a pattern that it
/// refuses.
pub fn go_regexp(parts: &Parts, questions: &[RegexpQuestion]) -> Result<Vec<Result<Vec<bool>, String>>> {
    let mut input = String::new();
    for question in questions {
        input.push_str(&json!({ "pattern": question.pattern, "values": question.values }).to_string());
        input.push('\n');
    }
    let mut command = Command::new(parts.path(Part::Readers)?);
    command.arg("regexp");
    let output = output_with_input(&mut command, &input)?;
    let text = stdout_of(&command, output)?;
    let answers: Vec<_> = text.lines().map(regexp_answer).collect::<Result<_>>()?;
    if answers.len() != questions.len() {
        bail!("readers was asked {} questions and gave {} answers", questions.len(), answers.len());
    }
    Ok(answers)
}

fn regexp_answer(line: &str) -> Result<Result<Vec<bool>, String>> {
    let answer: Value = serde_json::from_str(line).with_context(|| format!("readers printed {line}"))?;
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        return Ok(Err(error.to_owned()));
    }
    let matched: Option<Vec<bool>> =
        answer.as_array().and_then(|list| list.iter().map(Value::as_bool).collect());
    Ok(Ok(matched.with_context(|| format!("readers printed {line}"))?))
}

/// The documents of each file as kubectl reads them: empty ones are passed over.
pub fn go_yaml_json<P: AsRef<Utf8Path>>(parts: &Parts, paths: &[P]) -> Result<Vec<Vec<Value>>> {
    let program = parts.path(Part::Readers)?;
    documents(paths, |chunk| {
        let mut command = Command::new(program);
        command.arg("yaml").args(chunk);
        let output = output_with_input(&mut command, "")?;
        stdout_of(&command, output)
    })
}

/// Whether [`py_yaml_json`] can work here; the error names what to install.
pub fn py_yaml_check() -> Result<()> {
    let output = python(&mut Command::new("python3"), &["-c", "import yaml"])?;
    if !output.status.success() {
        bail!(
            "python3 has no PyYAML; install it with `pip install pyyaml`:\n{}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(())
}

/// Empty documents are passed over, as kubectl does. What JSON doesn't have (a date, binary) becomes the text of
/// Python's own form, so that it differs from what any other reader makes of it and a comparison fails.
const PYTHON: &str = "
import json, sys, yaml
for path in sys.argv[1:]:
    with open(path, encoding='utf-8', newline='') as file:
        found = [document for document in yaml.safe_load_all(file) if document is not None]
    print(json.dumps(found, default=repr, allow_nan=False))
";

/// The documents of each file as PyYAML reads them: YAML 1.1, with its `yes` and `12:30`. Empty ones are passed over.
pub fn py_yaml_json<P: AsRef<Utf8Path>>(paths: &[P]) -> Result<Vec<Vec<Value>>> {
    py_yaml_check()?;
    documents(paths, |chunk| {
        let mut command = Command::new("python3");
        let mut arguments = vec!["-c", PYTHON];
        arguments.extend(chunk);
        let output = python(&mut command, &arguments)?;
        stdout_of(&command, output)
    })
}

fn python(command: &mut Command, arguments: &[&str]) -> Result<Output> {
    match command.args(arguments).output() {
        Ok(output) => Ok(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("python3 is not on PATH: install Python 3, then PyYAML with `pip install pyyaml`")
        }
        Err(error) => Err(error).context("cannot run python3"),
    }
}

/// Reads the files in several runs of a program that prints an array of documents for each path.
fn documents<P: AsRef<Utf8Path>>(
    paths: &[P],
    run: impl Fn(&[&str]) -> Result<String>,
) -> Result<Vec<Vec<Value>>> {
    let mut files = Vec::with_capacity(paths.len());
    for chunk in paths.chunks(PATHS_AT_ONCE) {
        let chunk: Vec<&str> = chunk.iter().map(|path| path.as_ref().as_str()).collect();
        let text = run(&chunk)?;
        let before = files.len();
        for line in text.lines() {
            let found: Vec<Value> = serde_json::from_str(line).context("a reader printed no JSON array")?;
            files.push(found);
        }
        if files.len() - before != chunk.len() {
            bail!("a reader was given {} files and printed {}", chunk.len(), files.len() - before);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_about_regexps_are_told_apart() -> Result<()> {
        assert_eq!(regexp_answer("[true,false]")?, Ok(vec![true, false]));
        assert_eq!(regexp_answer(r#"{"error":"bad"}"#)?, Err("bad".to_owned()));
        assert!(regexp_answer("[1]").is_err());
        assert!(regexp_answer("nonsense").is_err());
        Ok(())
    }

    #[test]
    fn a_file_without_an_answer_is_an_error() {
        assert!(documents(&["a", "b"], |_| Ok("[]\n".into())).is_err());
        assert_eq!(documents(&["a", "b"], |_| Ok("[]\n[1]\n".into())).unwrap(), [vec![], vec![json!(1)]]);
    }

    #[test]
    fn many_files_are_read_in_several_runs() -> Result<()> {
        let paths = vec!["x"; PATHS_AT_ONCE + 1];
        assert_eq!(documents(&paths, |chunk| Ok("[]\n".repeat(chunk.len())))?.len(), paths.len());
        Ok(())
    }
}
