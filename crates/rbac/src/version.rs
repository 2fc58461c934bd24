//! Versions of Kubernetes, as people write them in a cluster's file.

use std::error::Error;
use std::fmt;

/// The oldest minor version that is understood.
pub(crate) const OLDEST: u16 = 30;

/// A version that is not of the form `1.N`, or too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVersion {
    message: String,
    remedy: String,
}

impl UnknownVersion {
    /// What is wrong, as a sentence without a full stop.
    pub fn message(&self) -> String {
        self.message.clone()
    }

    /// What to write instead.
    pub fn remedy(&self) -> Option<String> {
        Some(self.remedy.clone())
    }
}

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for UnknownVersion {}

/// The `N` of `1.N`.
pub(crate) fn minor(version: &str) -> Result<u16, UnknownVersion> {
    match (strict_minor(version), lenient_minor(version)) {
        (Some(minor), _) if minor >= OLDEST => Ok(minor),
        (None, Some(minor)) if minor >= OLDEST => Err(unknown(version, format!("write `1.{minor}`"))),
        (Some(minor), _) | (None, Some(minor)) => Err(UnknownVersion {
            message: format!(
                "Kubernetes 1.{minor} is older than what is known, which begins with 1.{OLDEST}"
            ),
            remedy: format!("upgrade the cluster, and write its version: `1.{OLDEST}` or newer"),
        }),
        (None, None) => Err(unknown(version, "write `1.` and the minor version, such as `1.37`".to_owned())),
    }
}

fn unknown(version: &str, remedy: String) -> UnknownVersion {
    let message = format!("`{}` is not a version of Kubernetes", version.escape_debug());
    UnknownVersion { message, remedy }
}

fn strict_minor(version: &str) -> Option<u16> {
    let digits = version.strip_prefix("1.")?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if plain { digits.parse().ok() } else { None }
}

/// What somebody meant who wrote `v1.37`, `1.37.2` or `1.37.2-gke.1`.
fn lenient_minor(version: &str) -> Option<u16> {
    let rest = version.trim().trim_start_matches(['v', 'V']).strip_prefix("1.")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "Kubernetes 1.29 is older than what is known, which begins with 1.30";

    #[test]
    fn versions() {
        assert_eq!(minor("1.37"), Ok(37));
        assert_eq!(minor("1.30"), Ok(30));
        assert_eq!(minor("1.99"), Ok(99));
        for (version, message, remedy) in [
            ("v1.37", "`v1.37` is not a version of Kubernetes", "write `1.37`"),
            ("1.37.2", "`1.37.2` is not a version of Kubernetes", "write `1.37`"),
            ("1.37-eks", "`1.37-eks` is not a version of Kubernetes", "write `1.37`"),
            ("v1.31.2-gke.1", "`v1.31.2-gke.1` is not a version of Kubernetes", "write `1.31`"),
            ("1.29", OLD, "upgrade the cluster, and write its version: `1.30` or newer"),
            ("v1.29.4-eks-1234", OLD, "upgrade the cluster, and write its version: `1.30` or newer"),
        ] {
            let error = minor(version).unwrap_err();
            assert_eq!((error.message.as_str(), error.remedy.as_str()), (message, remedy), "{version}");
        }
        for version in ["", "1", "1.", "2.0", "1.037", "1.+37", "1.999999", "latest", "1.٣٧", "37"] {
            let error = minor(version).unwrap_err();
            assert!(error.remedy.contains("1.37") || error.remedy.contains("1.30"), "{version}");
        }
    }
}
