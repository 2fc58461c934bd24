//! When to ask again.

use std::time::Duration;

/// How often a request is made before its trouble is told.
const ATTEMPTS: u32 = 7;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that wants to be left alone for longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait after so many attempts, or that it is enough. The server's wish counts where it is the longer one.
pub fn pause(attempts: u32, wish: Option<Duration>) -> Option<Duration> {
    if attempts >= ATTEMPTS || wish.is_some_and(|wish| wish > PATIENCE) {
        return None;
    }
    let own = FIRST_PAUSE.saturating_mul(1 << (attempts.min(16).saturating_sub(1))).min(LONGEST_PAUSE);
    Some(wish.map_or(own, |wish| wish.max(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let pauses: Vec<Option<Duration>> = (1..=ATTEMPTS).map(|attempts| pause(attempts, None)).collect();
        assert_eq!(pauses.first(), Some(&Some(FIRST_PAUSE)));
        assert!(pauses.iter().flatten().is_sorted());
        assert_eq!(pauses.last(), Some(&None));
    }

    #[test]
    fn what_the_server_wishes_counts() {
        let seconds = Duration::from_secs;
        assert_eq!(pause(1, Some(seconds(3))), Some(seconds(3)));
        assert_eq!(pause(1, Some(seconds(0))), Some(FIRST_PAUSE));
        assert_eq!(pause(1, Some(seconds(3600))), None);
    }
}
