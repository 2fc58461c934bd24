//! An image as `ctr images import` takes it: a tar with one layer, its configuration and a manifest (docker-archive).

use std::fmt::Write as _;
use std::io::Write;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::json;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

/// What stands at a path of an image.
pub(super) enum Entry {
    /// A folder with these permissions.
    Folder(u32),
    /// A symbolic link.
    Link(String),
    /// A program with this text.
    Script(&'static str),
    /// A text.
    Text(&'static str),
    /// A program of this machine.
    Program(Utf8PathBuf),
}

/// The layer: the same bytes for the same entries, whoever makes it and when.
pub(super) fn layer(entries: &[(String, Entry)]) -> Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for (path, entry) in entries {
        let result = match entry {
            Entry::Folder(mode) => add(&mut archive, path, EntryType::Directory, *mode, &[]),
            Entry::Link(target) => {
                let mut header = header(EntryType::Symlink, 0o777, 0);
                archive.append_link(&mut header, path, target).map_err(Into::into)
            }
            Entry::Script(text) => add(&mut archive, path, EntryType::Regular, 0o755, text.as_bytes()),
            Entry::Text(text) => add(&mut archive, path, EntryType::Regular, 0o644, text.as_bytes()),
            Entry::Program(source) => add(&mut archive, path, EntryType::Regular, 0o755, &fs::read(source)?),
        };
        result.with_context(|| format!("cannot put {path} into an image"))?;
    }
    archive.into_inner().context("cannot finish the layer of an image")
}

/// Writes the image of one layer.
pub(super) fn write(file: impl Write, reference: &str, command: &str, layer: &[u8]) -> Result<()> {
    let config = json!({
        "architecture": architecture(),
        "os": "linux",
        "config": { "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "Cmd": [command], "WorkingDir": "/" },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", digest(layer))] },
    });
    let manifest = json!([{ "Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"] }]);
    let mut archive = Builder::new(file);
    add(&mut archive, "manifest.json", EntryType::Regular, 0o644, manifest.to_string().as_bytes())?;
    add(&mut archive, "config.json", EntryType::Regular, 0o644, config.to_string().as_bytes())?;
    add(&mut archive, "layer.tar", EntryType::Regular, 0o644, layer)?;
    archive.into_inner().and_then(|mut file| file.flush()).context("cannot write an image")
}

/// SHA-256 in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn add<W: Write>(
    archive: &mut Builder<W>,
    path: impl AsRef<Utf8Path>,
    kind: EntryType,
    mode: u32,
    bytes: &[u8],
) -> Result<()> {
    let mut header = header(kind, mode, bytes.len());
    Ok(archive.append_data(&mut header, path.as_ref(), bytes)?)
}

fn header(kind: EntryType, mode: u32, size: usize) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size as u64);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// This machine's, as images call it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entries_make_the_same_bytes() -> Result<()> {
        let entries = || {
            [
                ("bin".to_owned(), Entry::Folder(0o755)),
                ("bin/sh".to_owned(), Entry::Link("busybox".into())),
                ("etc/passwd".to_owned(), Entry::Text("root")),
            ]
        };
        let first = layer(&entries())?;
        assert_eq!(first, layer(&entries())?);
        let mut names = Vec::new();
        for entry in tar::Archive::new(first.as_slice()).entries()? {
            names.push(entry?.path()?.display().to_string());
        }
        assert_eq!(names, ["bin", "bin/sh", "etc/passwd"]);
        Ok(())
    }

    #[test]
    fn a_digest_is_sha_256() {
        assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
