//! Several runs as one figure.

use std::time::Duration;

/// The times of several runs.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Takes a run in.
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
        self.0.sort();
    }

    /// The run in the middle.
    pub fn median(&self) -> Duration {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    /// The fastest run.
    pub fn best(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    /// Whether the median, which is what others are compared with, is more than half as long again as the fastest run:
    /// the machine did something else for most of the time, and a ratio to this would say more about that.
    pub fn is_unsteady(&self) -> bool {
        self.median() > self.best() * 3 / 2
    }

    /// How many times the median of `other` this median is.
    pub fn ratio(&self, other: &Times) -> f64 {
        self.median().as_secs_f64() / other.median().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_best() {
        let mut times = Times::default();
        for seconds in [9, 1, 4] {
            times.add(Duration::from_secs(seconds));
        }
        assert_eq!((times.median().as_secs(), times.best().as_secs()), (4, 1));
        assert!(times.is_unsteady());
        for seconds in [1, 1, 1] {
            times.add(Duration::from_secs(seconds));
        }
        assert!(!times.is_unsteady());
    }
}
