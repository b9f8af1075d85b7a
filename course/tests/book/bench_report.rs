//! The report of the benchmarks.

use course::bench_report::{Report, ReportError};

use crate::fixture::Fixture;

fn measured(fixture: &Fixture, group: &str, function: &str, median: f64) {
    let dir = format!("bench/target/criterion/{group}/{function}/new");
    let benchmark = format!(
        "{{\"group_id\":\"{group}\",\"function_id\":\"{function}\",\"value_str\":null,\"x\":1}}"
    );
    fixture.write(&format!("{dir}/benchmark.json"), &benchmark);
    let estimates =
        format!("{{\"median\":{{\"point_estimate\":{median},\"standard_error\":1.0}}}}");
    fixture.write(&format!("{dir}/estimates.json"), &estimates);
}

#[test]
fn ours_comes_first_and_is_divided_by_each_rival() {
    let fixture = Fixture::new();
    measured(&fixture, "lru", "moka", 400.0);
    measured(&fixture, "lru", "lru", 125.0);
    measured(&fixture, "lru", "ours", 100.0);
    let report = Report::measured(&fixture.course()).unwrap();
    let entries: Vec<_> = report.groups[0]
        .entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.ratio))
        .collect();
    assert_eq!(
        entries,
        [("ours", None), ("lru", Some(0.8)), ("moka", Some(0.25))]
    );
}

#[test]
fn what_was_written_is_shown() {
    let fixture = Fixture::new();
    measured(&fixture, "ring", "ours", 1500.0);
    measured(&fixture, "ring", "theirs", 1000.0);
    course::bench_report::run(&fixture.course()).unwrap();
    let table = fixture.expanded("{{#figures ring}}");
    assert!(
        table.contains("1.500 µs") && table.contains(">1.50<"),
        "{table}"
    );
    assert!(
        table.contains(">667,000<") && table.contains(">1,000,000<"),
        "{table}"
    );
    assert!(fixture.problem("{{#figures rings}}").fix.contains("ring"));
}

#[test]
fn a_table_that_was_not_measured_again_stays_with_its_day() {
    let fixture = Fixture::new();
    measured(&fixture, "ring", "ours", 1500.0);
    let course = fixture.course();
    course::bench_report::run(&course).unwrap();
    let mut older = Report::read(&course).unwrap();
    older.date = "2001-02-03".to_owned();
    older.groups[0].name = "an older one".to_owned();
    let text = serde_json::to_string(&older).unwrap();
    std::fs::write(Report::path(&course), text).unwrap();
    course::bench_report::run(&course).unwrap();
    let names: Vec<String> = Report::read(&course)
        .unwrap()
        .groups
        .into_iter()
        .map(|group| group.name)
        .collect();
    assert_eq!(names, ["an older one", "ring"]);
    let table = fixture.expanded("{{#figures an older one}}");
    assert!(table.contains("2001-02-03"), "{table}");
    let table = fixture.expanded("{{#figures ring}}");
    assert!(!table.contains("2001-02-03"), "{table}");
}

#[test]
fn without_results_it_says_what_to_run() {
    let error = Report::measured(&Fixture::new().course()).unwrap_err();
    assert!(matches!(error, ReportError::NoResults { .. }));
    assert!(error.to_string().contains("cargo bench"));
}
