//! The forms of texts that the runner or Kubernetes reads as something else.
//!
//! Sources: `ParseQuantity` in `k8s.io/apimachinery/pkg/api/resource`, and `ParseDuration` of Go's `time`.
//! Both also take signs, which make no sense for a limit or a wait.

/// An amount of a resource: `500m`, `1.5`, `4Gi`, `1e3`.
pub(super) fn is_quantity(text: &str) -> bool {
    let Some(suffix) = after_number(text) else { return false };
    match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" => true,
        "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => true,
        _ => suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        }),
    }
}

/// A length of time: `90s`, `1h30m`, `1.5h`.
pub(super) fn is_duration(text: &str) -> bool {
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let Some(unit) = after_number(rest) else { return false };
        // `ms` before `m`: the longer unit is meant where both fit.
        let after =
            ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].iter().find_map(|known| unit.strip_prefix(known));
        let Some(after) = after else { return false };
        rest = after;
    }
    !text.is_empty()
}

/// What follows a number without sign, or `None` if there is no number.
fn after_number(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let whole = text.len() - rest.len();
    let Some(fraction) = rest.strip_prefix('.') else { return (whole > 0).then_some(rest) };
    let end = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (whole + fraction.len() - end.len() > 0).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for good in ["0", "1", "500m", "1.5", ".5", "1.", "4Gi", "100M", "1e3", "1E", "12E-2", "1n"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", "m", ".", "500 m", "4gi", "4GB", "1K", "-1", "1e", "1ee3", "1,5", "4Gi\n"] {
            assert!(!is_quantity(bad), "{bad}");
        }
    }

    #[test]
    fn durations() {
        for good in ["0", "5m", "90s", "1h30m", "1.5h", "300ms", "10µs"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "5", "5 m", "5min", "m", "1d", "-5m", "5m "] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
