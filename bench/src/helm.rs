//! `helm template` of the same objects, but for the admission policies with their tables, and the quarantine.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use walkdir::WalkDir;

use crate::chart;
use crate::statistics::Times;

/// What came of it.
#[derive(Debug)]
pub enum Helm {
    /// It was measured: its version, the number of objects, the times.
    Measured(String, usize, Times),
    /// It was not, and why.
    NotMeasured(String),
}

/// Measures `helm template` of that many projects; `manifests` has what tegata rendered of them.
pub fn measure(folder: &Utf8Path, projects: usize, manifests: &Utf8Path, rounds: usize) -> Result<Helm> {
    let program = match std::env::var_os("TEGATA_HELM") {
        Some(program) => PathBuf::from(program),
        None => PathBuf::from("helm"),
    };
    let version = match Command::new(&program).args(["version", "--short"]).output() {
        Err(error) if error.kind() == ErrorKind::NotFound && program.as_os_str() == "helm" => {
            return Ok(Helm::NotMeasured("no helm on PATH, and $TEGATA_HELM is not set".to_owned()));
        }
        result => result.with_context(|| format!("can't start {}", program.display()))?,
    };
    ensure!(version.status.success(), "`{} version` failed", program.display());
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let version = version.split('+').next().unwrap_or_default().to_owned();

    chart::write(folder, projects)?;
    let rendered = folder.join("rendered.yaml");
    let mut times = Times::default();
    for _ in 0..rounds {
        let file = fs_err::File::create(&rendered)?.into_parts().0;
        let begin = Instant::now();
        let output = Command::new(&program)
            .args(["template", "bench"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(Stdio::piped())
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .context("can't start helm")?;
        times.add(begin.elapsed());
        ensure!(
            output.status.success(),
            "helm template failed ({}):\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let objects = objects(&rendered)?;
    let mut own = 0;
    for entry in WalkDir::new(manifests) {
        let entry = entry?;
        if entry.file_type().is_file()
            && !entry.path().components().any(|part| part.as_os_str() == "quarantine")
        {
            own += self::objects(Utf8Path::from_path(entry.path()).context("a path that is not UTF-8")?)?;
        }
    }
    ensure!(objects == own, "the chart makes {objects} objects and tegata {own}: nothing to compare");
    Ok(Helm::Measured(version, objects, times))
}

/// What the chart leaves out.
const OF_POLICIES: [&str; 2] = ["kind: ValidatingAdmissionPolicy", "kind: ConfigMap"];

/// How many Kubernetes objects a file has, those of admission policies aside.
fn objects(file: &Utf8Path) -> Result<usize> {
    let file: File = fs_err::File::open(file)?.into_parts().0;
    let mut objects = 0;
    for line in BufReader::new(file).lines() {
        let line = line?;
        if line.starts_with("kind: ") && !OF_POLICIES.iter().any(|kind| line.starts_with(kind)) {
            objects += 1;
        }
    }
    Ok(objects)
}
