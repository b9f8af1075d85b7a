//! What was measured, for the terminal and for the report.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::json;

pub(crate) struct Results {
    /// Of the table.
    name: &'static str,
    /// Each contestant with the time of an operation in each round, in nanoseconds.
    times: Vec<(&'static str, Vec<f64>)>,
}

impl Results {
    pub(crate) fn new(name: &'static str, contestants: impl Iterator<Item = &'static str>) -> Self {
        let times = contestants
            .map(|contestant| (contestant, Vec::new()))
            .collect();
        Self { name, times }
    }

    /// Adds what was measured with the contestant of this number.
    pub(crate) fn add(&mut self, contestant: usize, time: f64) {
        self.times[contestant].1.push(time);
    }

    fn medians(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.times
            .iter()
            .map(|(name, times)| (*name, median(times)))
    }

    /// Leaves the results where criterion leaves its own, and in the same form.
    pub(crate) fn write(&self, criterion: &Path) -> anyhow::Result<()> {
        let group = criterion.join(self.name.replace(|char: char| !char.is_alphanumeric(), "_"));
        for (name, median) in self.medians() {
            let dir = group.join(name).join("new");
            fs::create_dir_all(&dir)?;
            let benchmark = json!({ "group_id": self.name, "function_id": name });
            fs::write(dir.join("benchmark.json"), benchmark.to_string())?;
            let estimates = json!({ "median": { "point_estimate": median } });
            fs::write(dir.join("estimates.json"), estimates.to_string())?;
        }
        Ok(())
    }
}

/// Each contestant's operations per second, and how our time compares with its time.
impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        let ours = self.medians().next().map_or(f64::NAN, |(_, median)| median);
        for (name, median) in self.medians() {
            writeln!(f, "  {name:11}{:10.0}/s{:7.3}", 1e9 / median, ours / median)?;
        }
        Ok(())
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    if times.len().is_multiple_of(2) {
        (times[middle - 1] + times[middle]) / 2.0
    } else {
        times[middle]
    }
}
