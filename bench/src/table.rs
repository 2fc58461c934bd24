//! The table: what was measured, the bound, and whether it is kept.

use std::fmt;
use std::time::Duration;

use crate::growth::Growth;
use crate::helm::Helm;
use crate::scale::Scale;
use crate::statistics::Times;

/// The size that the bounds on memory are meant for.
const BOUND_PROJECTS: usize = 10_000;
const MEMORY_BOUND: f64 = 200.0;
const EXAMPLE_BOUND: f64 = 20.0;
const COLD_BOUND: f64 = 1.25;
const AGAIN_BOUND: f64 = 0.5;
const GROWTH_BOUND: f64 = 11.0;
const MEGABYTE: f64 = 1_000_000.0;

#[derive(Debug)]
struct Row {
    what: String,
    measured: String,
    /// The figure that the bound is about, in words.
    figure: String,
    bound: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Kept,
    Missed,
    /// What it is compared with varied too much to decide.
    Unsteady,
    NotMeasured,
    Unbounded,
}

/// What was measured, as a Markdown table.
#[derive(Debug)]
pub struct Table {
    rounds: usize,
    file_system: Option<String>,
    rows: Vec<Row>,
}

impl Table {
    /// An empty table of so many rounds on a file system of that kind.
    pub fn new(rounds: usize, file_system: Option<String>) -> Table {
        Table { rounds, file_system, rows: Vec::new() }
    }

    /// The rows that miss their bound, in words.
    pub fn missed(&self) -> Vec<String> {
        let missed = self.rows.iter().filter(|row| row.verdict == Verdict::Missed);
        missed
            .map(|row| format!("{}: {} ({}), the bound is {}", row.what, row.figure, row.measured, row.bound))
            .collect()
    }

    fn bounded(&mut self, what: String, measured: String, figure: (f64, &str), bound: f64) {
        let (value, unit) = figure;
        // What is no number, of runs that took no time, is a bound missed.
        let verdict = if value <= bound { Verdict::Kept } else { Verdict::Missed };
        self.rows.push(Row {
            what,
            measured,
            figure: format!("{value:.2} {unit}"),
            bound: format!("at most {bound} {unit}"),
            verdict,
        });
    }

    fn plain(&mut self, what: String, measured: String, figure: String) {
        self.rows.push(Row { what, measured, figure, bound: String::new(), verdict: Verdict::Unbounded });
    }

    fn not_measured(&mut self, what: String, why: &str) {
        self.rows.push(Row {
            what,
            measured: format!("not measured: {why}"),
            figure: String::new(),
            bound: String::new(),
            verdict: Verdict::NotMeasured,
        });
    }

    /// Takes back the verdict of the last row where the runs that it is compared with say nothing.
    fn doubt(&mut self, base: &Times) {
        if let Some(row) = self.rows.last_mut().filter(|_| base.is_unsteady()) {
            row.verdict = Verdict::Unsteady;
        }
    }

    /// The rows of which nobody can tell whether they keep their bound, in words.
    pub fn unsteady(&self) -> Vec<String> {
        let unsteady = self.rows.iter().filter(|row| row.verdict == Verdict::Unsteady);
        unsteady.map(|row| format!("{}: {} ({})", row.what, row.figure, row.measured)).collect()
    }

    /// The shipped example.
    pub fn example(&mut self, times: &Times) {
        let measured = format!("best {}, median {}", time(times.best()), time(times.median()));
        let milliseconds = times.median().as_secs_f64() * 1000.0;
        let what = "the shipped example, nothing changed".to_owned();
        self.bounded(what, measured, (milliseconds, "ms"), EXAMPLE_BOUND);
    }

    /// A workspace beside `cp -r`.
    pub fn scale(&mut self, scale: &Scale) {
        let name = projects(scale.projects);
        let (files, bytes) = scale.size;
        let size = format!("{} files, {:.0} MB", grouped(files), lossy(bytes) / MEGABYTE);
        let copy = format!("{name}: `cp -r` of input and `out/` ({size})");
        self.plain(copy, both(&scale.copy), "1 x `cp -r`".to_owned());
        for (state, times, bound) in [
            ("no `out/`", &scale.cold, COLD_BOUND),
            ("nothing changed", &scale.unchanged, AGAIN_BOUND),
            ("one file changed", &scale.one, AGAIN_BOUND),
        ] {
            let ratio = (times.ratio(&scale.copy), "x `cp -r`");
            self.bounded(format!("{name}: {state}"), both(times), ratio, bound);
            self.doubt(&scale.copy);
        }
        let check = format!("{:.2} x `cp -r`", scale.check.ratio(&scale.copy));
        self.plain(format!("{name}: `render --check`, all verified again"), both(&scale.check), check);
        for (state, peak) in [("no `out/`", scale.cold_peak), ("nothing changed", scale.unchanged_peak)] {
            self.memory(format!("{name}: peak memory, {state}"), scale.projects, peak);
        }
    }

    fn memory(&mut self, what: String, projects: usize, peak: Option<u64>) {
        match peak.map(|bytes| lossy(bytes) / MEGABYTE) {
            None => self.not_measured(what, "no /proc on this system"),
            Some(megabytes) if projects <= BOUND_PROJECTS => {
                self.bounded(what, "VmHWM".to_owned(), (megabytes, "MB"), MEMORY_BOUND);
            }
            Some(megabytes) => self.plain(what, "VmHWM".to_owned(), format!("{megabytes:.2} MB")),
        }
    }

    /// `helm template` beside a cold render.
    pub fn helm(&mut self, scale: &Scale, helm: &Helm) {
        let name = projects(scale.projects);
        match helm {
            Helm::NotMeasured(why) => self.not_measured(format!("{name}: `helm template`"), why),
            Helm::Measured(version, objects, times) => {
                let objects = grouped(u64::try_from(*objects).unwrap_or(u64::MAX));
                let what = format!("{name}: `helm template` ({version}) of the same {objects} objects");
                let figure = format!("{:.1} x the render without `out/`", times.ratio(&scale.cold));
                self.plain(what, both(times), figure);
            }
        }
    }

    /// A larger workspace beside a smaller one.
    pub fn growth(&mut self, growth: &Growth, in_memory: bool) {
        let place = if in_memory { " in memory" } else { "" };
        let unit = format!("x {}", projects(growth.projects.0));
        let [small, large] =
            [growth.projects.0, growth.projects.1].map(|count| format!("{}{place}", projects(count)));
        for (state, turns) in [("no `out/`", &growth.cold), ("nothing changed", &growth.unchanged)] {
            self.plain(format!("{small}: {state}"), both(&turns.small), format!("1 {unit}"));
            let ratio = (turns.ratio(), unit.as_str());
            self.bounded(format!("{large}: {state}"), both(&turns.large), ratio, GROWTH_BOUND);
            self.doubt(&turns.small);
        }
        let copy = format!("{:.2} {unit}", growth.copy.ratio());
        self.plain(format!("{large}: `cp -r`"), both(&growth.copy.large), copy);
        for (state, peak) in [("no `out/`", growth.cold_peak), ("nothing changed", growth.unchanged_peak)] {
            self.memory(format!("{large}: peak memory, {state}"), growth.projects.1, peak);
        }
    }

    /// The larger workspace was not asked for.
    pub fn no_growth(&mut self, large: usize) {
        self.not_measured(projects(large), "`--full` runs it");
    }
}

fn projects(count: usize) -> String {
    format!("{} projects", grouped(u64::try_from(count).unwrap_or(u64::MAX)))
}

/// A number with a comma for every thousand.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

/// A number of bytes for people: 53 bits of it are plenty.
#[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
fn lossy(number: u64) -> f64 {
    number as f64
}

fn time(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1000.0)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}

fn both(times: &Times) -> String {
    format!("median {}, best {}", time(times.median()), time(times.best()))
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        writeln!(
            formatter,
            "`cargo xtask render`, release build, start of the process included, {cores} cores{}.",
            self.file_system.as_ref().map(|name| format!(", on {name}")).unwrap_or_default()
        )?;
        writeln!(
            formatter,
            "Medians of {} interleaved rounds (of 20 for the example), caches warm; two accounts a project, \
             three roles an account, a runner with `isolation: admission` for every 500 projects.\n",
            self.rounds
        )?;
        writeln!(formatter, "| what | measured | ratio or size | bound | |")?;
        writeln!(formatter, "|---|---|---|---|---|")?;
        for row in &self.rows {
            let verdict = match row.verdict {
                Verdict::Kept => "kept",
                Verdict::Missed => "**MISSED**",
                Verdict::Unsteady => "**UNSTEADY**",
                Verdict::NotMeasured => "not measured",
                Verdict::Unbounded => "",
            };
            let Row { what, measured, figure, bound, .. } = row;
            writeln!(formatter, "| {what} | {measured} | {figure} | {bound} | {verdict} |")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_bound_is_told_with_its_figure() {
        let mut table = Table::new(3, None);
        table.bounded("x".to_owned(), "y".to_owned(), (1.5, "x"), 1.25);
        table.bounded("z".to_owned(), "y".to_owned(), (1.0, "x"), 1.25);
        assert_eq!(table.missed(), ["x: 1.50 x (y), the bound is at most 1.25 x"]);
        table.bounded("n".to_owned(), "y".to_owned(), (f64::NAN, "x"), 1.25);
        assert_eq!(table.missed().len(), 2);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([grouped(7), grouped(10_000), grouped(1_000_002)], ["7", "10,000", "1,000,002"]);
    }
}
