//! The runner's feature flags.
//!
//! A job switches a flag by a variable of the same name, unless `[runners.feature_flags]` of the
//! configuration holds it: that one wins (`Settings` in `common/build_settings.go`). So a flag that
//! matters for the boundary is pinned there.
//!
//! Source of the names: `helpers/featureflags/flags.go`. A runner ignores flags that it doesn't know.

use std::collections::BTreeMap;

/// Matches the whole value of an overwrite variable, not a part of it (later runners than 19.4).
pub const ANCHOR_OVERWRITE_ALLOWED: &str = "FF_KUBERNETES_ANCHOR_OVERWRITE_ALLOWED";
/// Suspends and resumes environments; resuming ignores the namespace pattern.
pub const SUSPENDABLE_ENVIRONMENTS: &str = "FF_SUSPENDABLE_ENVIRONMENTS";
/// Applies the patches of `pod_spec`.
pub const ADVANCED_POD_SPEC: &str = "FF_USE_ADVANCED_POD_SPEC_CONFIGURATION";
/// Runs the image's entrypoint; the runner then reads the pod's log.
pub const HONOR_ENTRYPOINT: &str = "FF_KUBERNETES_HONOR_ENTRYPOINT";
/// Waits until the pod can be reached, by reading its log.
pub const WAIT_FOR_POD: &str = "FF_WAIT_FOR_POD_TO_BE_REACHABLE";
/// Prints the pod's events in the job's log.
pub const PRINT_POD_EVENTS: &str = "FF_PRINT_POD_EVENTS";

/// The flags that no job may switch, with the value that each must have.
///
/// `patches_pods` says whether the configuration has `pod_spec` patches: a job could otherwise switch
/// hardening patches off, or patches on where nobody expects them.
#[must_use]
pub fn pinned(patches_pods: bool) -> BTreeMap<&'static str, bool> {
    BTreeMap::from([
        (ANCHOR_OVERWRITE_ALLOWED, true),
        (SUSPENDABLE_ENVIRONMENTS, false),
        (ADVANCED_POD_SPEC, patches_pods),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_decide_on_their_flag() {
        assert_eq!(pinned(true).get(ADVANCED_POD_SPEC), Some(&true));
        assert_eq!(pinned(false).get(ADVANCED_POD_SPEC), Some(&false));
        assert_eq!(pinned(false).get(SUSPENDABLE_ENVIRONMENTS), Some(&false));
        assert_eq!(pinned(false).get(ANCHOR_OVERWRITE_ALLOWED), Some(&true));
    }
}
