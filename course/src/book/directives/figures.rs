//! `{{#figures <group>}}`, or `{{#figures}}` for all groups.

use crate::bench_report::{Group, Report};
use crate::book::desk::Desk;
use crate::book::fault::Fault;
use crate::book::html::escape;

const HOW: &str = "run the benchmarks in bench/, then `cargo x bench-report`";

pub(super) fn expand(desk: &Desk, name: &str) -> Result<String, Fault> {
    if name.is_empty() && !Report::path(&desk.course).is_file() {
        return Ok(format!("Nothing has been measured yet: {HOW}.\n"));
    }
    let report = Report::read(&desk.course);
    let report = report.map_err(|error| Fault::new(error.to_string(), HOW))?;
    if name.is_empty() {
        return Ok(all(&report));
    }
    let group = report.groups.iter().find(|group| group.name == name);
    Ok(table(&report, group.ok_or_else(|| missing(&report, name))?))
}

fn all(report: &Report) -> String {
    let sections = report.groups.iter();
    let sections = sections.map(|group| format!("## {}\n\n{}", group.name, table(report, group)));
    sections.collect::<Vec<_>>().join("\n")
}

fn missing(report: &Report, name: &str) -> Fault {
    let names: Vec<&str> = report
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    let fix = if names.is_empty() {
        HOW.to_owned()
    } else {
        format!("the groups are {}", names.join(", "))
    };
    Fault::new(format!("book/bench.json has no group `{name}`"), fix)
}

fn table(report: &Report, group: &Group) -> String {
    let mut html = String::from(
        "<figure class=\"figures\">\n<table>\n<thead><tr>\
         <th>contestant</th><th>median</th><th>per second</th><th>ours / theirs</th></tr></thead>\n<tbody>\n",
    );
    for entry in &group.entries {
        let ratio = entry
            .ratio
            .map_or("—".to_owned(), |ratio| format!("{ratio:.2}"));
        let class = if entry.is_ours() {
            " class=\"ours\""
        } else {
            ""
        };
        html.push_str(&format!(
            "<tr{class}><td>{}</td><td>{}</td><td>{}</td><td>{ratio}</td></tr>\n",
            escape(&entry.name),
            time(entry.median_ns),
            per_second(entry.median_ns)
        ));
    }
    html.push_str(&format!(
        "</tbody>\n</table>\n<figcaption>\
         <code>{}</code> on {}, {} cores, {}, {}, {}</figcaption>\n</figure>\n",
        escape(&report.command),
        escape(&report.machine.cpu),
        report.machine.cores,
        escape(&report.machine.os),
        escape(&report.machine.rustc),
        escape(group.date.as_ref().unwrap_or(&report.date)),
    ));
    html
}

/// Nanoseconds in the unit that leaves one to three digits before the point.
fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    format!("{value:.3} {unit}")
}

/// How many follow one another in a second, to three digits, as `48,300`: more would be noise.
fn per_second(ns: f64) -> String {
    let number = 1e9 / ns;
    let unit = 10_f64.powf((number.log10().floor() - 2.0).max(0.0));
    let digits = format!("{:.0}", (number / unit).round() * unit);
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}
