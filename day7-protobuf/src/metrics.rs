//! The figures of all groups as text for Prometheus.
//!
//! The format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::cache::{CacheStats, Heat};
use crate::{Group, Groups, Stats};

const PROMETHEUS_TEXT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Answers a request for the figures.
pub(crate) fn respond(groups: &Groups) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(render(groups).into()));
    response.headers_mut().insert(CONTENT_TYPE, PROMETHEUS_TEXT);
    response
}

fn render(groups: &Groups) -> String {
    let mut text = String::new();
    let groups = groups.all();
    for (name, help, value) in COUNTERS {
        head(&mut text, name, "counter", help);
        for group in &groups {
            let (group, value) = (label(group.name()), value(&group.stats()));
            line(
                &mut text,
                format_args!("geecache_{name}{{group=\"{group}\"}} {value}"),
            );
        }
    }
    for (name, kind, help, value) in CACHE_FIGURES {
        head(&mut text, name, kind, help);
        for group in &groups {
            cache_lines(&mut text, name, group, value);
        }
    }
    text
}

type Counted = fn(&Stats) -> u64;

const COUNTERS: [(&str, &str, Counted); 9] = [
    ("gets_total", "Questions, those of peers included.", |s| {
        s.gets
    }),
    (
        "cache_hits_total",
        "Questions that a cache answered.",
        |s| s.cache_hits,
    ),
    ("peer_loads_total", "Answers that came from a peer.", |s| {
        s.peer_loads
    }),
    (
        "peer_errors_total",
        "Questions that a peer could not answer.",
        |s| s.peer_errors,
    ),
    (
        "loads_total",
        "Questions that the first look did not answer.",
        |s| s.loads,
    ),
    ("loads_deduped_total", "Loads that were begun.", |s| {
        s.loads_deduped
    }),
    (
        "local_loads_total",
        "Answers that came from the getter.",
        |s| s.local_loads,
    ),
    (
        "local_load_errors_total",
        "Calls of the getter that failed.",
        |s| s.local_load_errs,
    ),
    ("server_requests_total", "Questions of peers.", |s| {
        s.server_requests
    }),
];

type Measured = fn(&CacheStats) -> u64;

const CACHE_FIGURES: [(&str, &str, &str, Measured); 5] = [
    ("cache_bytes", "gauge", "The weight of all entries.", |s| {
        s.bytes
    }),
    ("cache_items", "gauge", "The number of entries.", |s| {
        s.items
    }),
    ("cache_gets_total", "counter", "Entries looked for.", |s| {
        s.gets
    }),
    (
        "cache_lookup_hits_total",
        "counter",
        "Entries found.",
        |s| s.hits,
    ),
    (
        "cache_evictions_total",
        "counter",
        "Entries that made room.",
        |s| s.evictions,
    ),
];

fn cache_lines(text: &mut String, name: &str, group: &Group, value: Measured) {
    for (cache, heat) in [("main", Heat::Main), ("hot", Heat::Hot)] {
        let value = value(&group.main_cache().stats(heat));
        let group = label(group.name());
        line(
            text,
            format_args!("geecache_{name}{{group=\"{group}\",cache=\"{cache}\"}} {value}"),
        );
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    line(text, format_args!("# HELP geecache_{name} {help}"));
    line(text, format_args!("# TYPE geecache_{name} {kind}"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    *text += &format!("{line}\n");
}

/// A label's value, in which three characters would end it or the line.
fn label(text: &str) -> String {
    let text = text.replace('\\', "\\\\");
    text.replace('"', "\\\"").replace('\n', "\\n")
}
