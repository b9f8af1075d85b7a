//! The machine that a measurement belongs to.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What a reader needs to judge an absolute figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// How many threads it runs at once.
    pub cores: usize,
    /// The operating system.
    pub os: String,
    /// The compiler.
    pub rustc: String,
}

impl Machine {
    /// The machine that this runs on. What cannot be found out is called unknown.
    pub fn this() -> Self {
        Self {
            cpu: cpu().unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            os: os().unwrap_or_else(|| std::env::consts::OS.to_owned()),
            rustc: output("rustc", &["--version"]).unwrap_or_else(unknown),
        }
    }
}

/// Today in UTC, as `2026-08-01`.
pub(super) fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days since 1970 as a date, after Howard Hinnant's `civil_from_days`: the year begins in March,
/// so that the leap day is its last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

fn cpu() -> Option<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").ok();
    let model = info
        .as_deref()
        .and_then(|info| value(info, "model name", ':'));
    model.or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"]))
}

fn os() -> Option<String> {
    let release = std::fs::read_to_string("/etc/os-release").ok()?;
    value(&release, "PRETTY_NAME", '=').map(|name| name.trim_matches('"').to_owned())
}

fn value(text: &str, key: &str, separator: char) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(separator)?.1.trim().to_owned())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn unknown() -> String {
    "unknown".to_owned()
}
