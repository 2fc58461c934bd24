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

/// A small run, a large one and a small one again, several times.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    /// The small runs.
    pub small: Times,
    /// The large runs.
    pub large: Times,
    /// How many times as long as its two small runs each large one took, sorted.
    ratios: Vec<f64>,
}

impl Turns {
    /// Takes a turn in: what the machine gave the large run is in the middle of what it gave the two small ones.
    pub fn add(&mut self, [before, large, after]: [Duration; 3]) {
        self.small.add(before);
        self.large.add(large);
        self.small.add(after);
        self.ratios.push(large.as_secs_f64() / ((before + after) / 2).as_secs_f64());
        self.ratios.sort_by(f64::total_cmp);
    }

    /// The ratio in the middle.
    pub fn ratio(&self) -> f64 {
        self.ratios.get(self.ratios.len() / 2).copied().unwrap_or(f64::NAN)
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

    #[test]
    fn a_slow_minute_slows_both_sizes() {
        let mut turns = Turns::default();
        assert!(turns.ratio().is_nan());
        for turn in [[1, 10, 1], [2, 30, 4], [4, 40, 4]] {
            turns.add(turn.map(Duration::from_secs));
        }
        assert_eq!(turns.ratio(), 10.0);
        assert_eq!(turns.large.median().as_secs(), 30);
    }
}
