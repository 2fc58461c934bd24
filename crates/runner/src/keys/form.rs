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

/// An amount in billionths, rounded up as Kubernetes does, to compare it with another; what is beyond all machines is
/// the largest number. `None` for what is no amount.
pub(super) fn nanos(text: &str) -> Option<u128> {
    if !is_quantity(text) {
        return None;
    }
    let suffix = after_number(text)?;
    let number = text.strip_suffix(suffix)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{}", fraction.trim_end_matches('0'));
    let digits = digits.trim_start_matches('0');
    let number: u128 = if digits.is_empty() { return Some(0) } else { digits.parse().unwrap_or(u128::MAX) };
    let (power_of_ten, power_of_two) = match suffix {
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "" => (0, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        exponent => (exponent.get(1..)?.parse::<i64>().ok()?, 0),
    };
    let shift =
        power_of_ten + 9 - i64::try_from(fraction.trim_end_matches('0').len()).unwrap_or(i64::MAX / 2);
    let scaled = number.saturating_mul(1_u128 << power_of_two);
    let ten = u32::try_from(shift.unsigned_abs()).ok().and_then(|power| 10_u128.checked_pow(power));
    Some(match (shift >= 0, ten) {
        (true, Some(ten)) => scaled.saturating_mul(ten),
        (true, None) => u128::MAX,
        (false, Some(ten)) => scaled.div_ceil(ten),
        (false, None) => 1,
    })
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
    fn quantities_compare() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("0.000", Some(0)),
            ("1n", Some(1)),
            ("0.1n", Some(1)),
            ("1", Some(1_000_000_000)),
            ("500m", Some(500_000_000)),
            (".5", Some(500_000_000)),
            ("0.50", Some(500_000_000)),
            ("1.", Some(1_000_000_000)),
            ("1e3", Some(1_000_000_000_000)),
            ("1E-3", Some(1_000_000)),
            ("1e-999", Some(1)),
            ("1e999", Some(u128::MAX)),
            ("1Ki", Some(1_024_000_000_000)),
            ("0.5Ki", Some(512_000_000_000)),
            ("1E", Some(1_000_000_000_000_000_000_000_000_000)),
            ("", None),
            ("4gb", None),
        ] {
            assert_eq!(super::nanos(text), nanos, "{text}");
        }
        let order =
            ["1m", "0.1", "1", "1k", "1Ki", "1M", "1Mi", "1000Mi", "1Gi", "1.5Gi", "2G", "2Gi", "1Ei"];
        assert!(order.is_sorted_by(|a, b| super::nanos(a) < super::nanos(b)));
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
