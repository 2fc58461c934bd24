//! The images that a node has, made from programs of this machine and of the testbed: no registry is asked.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::archive::{self, Entry};
use super::needs;
use crate::command::{output_with_input, progress, stdout_of};
use crate::parts::{Options, Part, Parts};

/// An image that pods on a [`Node`](super::Node) can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// Holds a pod's namespaces.
    Pause,
    /// For jobs: busybox and kubectl.
    Job,
    /// For services of jobs: a web server on port 8080, whose page is the line [`Image::ANSWER`].
    Web,
    /// For the helper container of GitLab Runner's jobs: its helper, bash, git, busybox.
    Helper,
}

impl Image {
    const ALL: [Image; 4] = [Image::Pause, Image::Job, Image::Web, Image::Helper];

    /// What [`Image::Web`] answers.
    pub const ANSWER: &str = "served by the service";

    /// The name by which a pod asks for it. Not `latest`, which is always pulled.
    #[must_use]
    pub fn reference(self) -> &'static str {
        match self {
            Image::Pause => "testbed.example/pause:1",
            Image::Job => "testbed.example/job:1",
            Image::Web => "testbed.example/web:1",
            Image::Helper => "testbed.example/helper:1",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Image::Pause => "/pause",
            Image::Job => "/bin/sh",
            Image::Web => "/serve",
            Image::Helper => BUILD,
        }
    }

    fn entries(self, parts: &Parts) -> Result<Vec<(String, Entry)>> {
        let mut root = Root::default();
        match self {
            Image::Pause => root.program("pause", parts.path(Part::Pause)?)?,
            Image::Job => {
                root.base(&[])?;
                root.program("usr/local/bin/kubectl", parts.path(Part::Kubectl)?)?;
            }
            Image::Web => {
                root.base(&[])?;
                root.add("www/index.html", Entry::Text("served by the service\n"));
                root.add("serve", Entry::Script("#!/bin/sh\nexec httpd -f -p 8080 -h /www\n"));
            }
            Image::Helper => {
                // The runner writes `bash -c '... <<< script'`, which busybox does not know, and calls `git config`
                // even when nothing is cloned. Only what is built into git is here, so that nothing can be cloned.
                let programs = ["bash", "git"];
                root.base(&programs)?;
                for program in programs {
                    let path =
                        needs::find(program).with_context(|| format!("there is no {program} on PATH"))?;
                    root.program(&format!("bin/{program}"), &path)?;
                }
                root.program("usr/bin/gitlab-runner-helper", parts.path(Part::RunnerHelper)?)?;
                root.add(
                    BUILD,
                    Entry::Script(
                        "#!/bin/bash\n# The script of a stage comes on standard input.\nexec /bin/bash\n",
                    ),
                );
            }
        }
        Ok(root.entries)
    }
}

/// What the runner's helper image calls its entry.
const BUILD: &str = "/usr/bin/gitlab-runner-build";

/// The images as archives in the cache, with their names. Those that it lacks are made.
pub(super) fn provide(options: &Options, parts: &Parts) -> Result<Vec<(String, Utf8PathBuf)>> {
    let cache = options.cache.join("images");
    fs::create_dir_all(&cache)?;
    let mut paths = Vec::new();
    for image in Image::ALL {
        let name = format!("{image:?}").to_lowercase();
        let layer = archive::layer(&image.entries(parts)?)?;
        let key =
            archive::digest(&[image.reference().as_bytes(), image.command().as_bytes(), &layer].concat());
        let path = cache.join(format!("{name}-{}.tar", key.get(..16).unwrap_or_default()));
        if !path.exists() {
            progress(&format!("making the image {}", image.reference()));
            // Renamed when whole, whoever else makes the same.
            let file = tempfile::NamedTempFile::new_in(&cache).context("cannot make an image")?;
            archive::write(&file, image.reference(), image.command(), &layer)?;
            file.persist(&path).with_context(|| format!("cannot write {path}"))?;
        }
        paths.push((name, path));
    }
    Ok(paths)
}

/// The files of an image in the making.
#[derive(Default)]
struct Root {
    entries: Vec<(String, Entry)>,
    paths: BTreeSet<String>,
}

impl Root {
    /// Busybox under all its names but those that another program takes, and what programs expect to find.
    fn base(&mut self, others: &[&str]) -> Result<()> {
        for folder in ["proc", "sys", "dev", "root", "home", "var", "builds", "cache"] {
            self.add(folder, Entry::Folder(0o755));
        }
        self.add("tmp", Entry::Folder(0o1777));
        self.add("etc/passwd", Entry::Text("root:x:0:0:root:/root:/bin/sh\n"));
        self.add("etc/group", Entry::Text("root:x:0:\n"));
        let busybox = needs::find("busybox").context("there is no busybox on PATH")?;
        let mut list = Command::new(&busybox);
        list.arg("--list");
        let output = output_with_input(&mut list, "")?;
        self.program("bin/busybox", &busybox)?;
        for name in stdout_of(&list, output)?.lines() {
            if name != "busybox" && !others.contains(&name) {
                self.add(&format!("bin/{name}"), Entry::Link("busybox".into()));
            }
        }
        // The scripts of a job begin with `#!/usr/bin/env bash`.
        self.add("usr/bin/env", Entry::Link("../../bin/busybox".into()));
        Ok(())
    }

    /// A program with the libraries that it is linked to, where it looks for them.
    fn program(&mut self, path: &str, source: &Utf8Path) -> Result<()> {
        self.add(path, Entry::Program(source.to_owned()));
        // It fails for a program that needs none.
        let output = Command::new("ldd").arg(source).output().context("cannot run ldd")?;
        if !output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for library in text.split_whitespace().filter(|word| word.starts_with('/')) {
            self.add(library, Entry::Program(Utf8PathBuf::from(library)));
        }
        Ok(())
    }

    /// Adds what is not there yet, and the folders above it.
    fn add(&mut self, path: &str, entry: Entry) {
        let path = path.trim_start_matches('/');
        if self.paths.contains(path) {
            return;
        }
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.add(folder, Entry::Folder(0o755));
        }
        self.paths.insert(path.to_owned());
        self.entries.push((path.to_owned(), entry));
    }
}
