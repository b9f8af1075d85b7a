//! Reads criterion's output directory.

use std::path::Path;

use serde::Deserialize;
use walkdir::WalkDir;

use super::{ReportError, read_json};

/// One benchmark's median.
pub(super) struct Measured {
    pub(super) group: String,
    pub(super) name: String,
    pub(super) median_ns: f64,
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// All results below a directory, in the order of their paths; none where it does not exist.
pub(super) fn results(dir: &Path) -> Result<Vec<Measured>, ReportError> {
    let files = WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok);
    let estimates = files.filter(|entry| entry.path().ends_with("new/estimates.json"));
    estimates.map(|entry| result(entry.path())).collect()
}

fn result(estimates: &Path) -> Result<Measured, ReportError> {
    let Benchmark {
        group_id,
        function_id,
        value_str,
    } = read_json(&estimates.with_file_name("benchmark.json"))?;
    let Estimates { median } = read_json(estimates)?;
    let name: Vec<String> = [function_id, value_str].into_iter().flatten().collect();
    Ok(Measured {
        group: group_id,
        name: name.join("/"),
        median_ns: median.point_estimate,
    })
}
