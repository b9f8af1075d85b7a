//! Whether a client has the file already ([RFC 9110, section 13]).
//!
//! [RFC 9110, section 13]: https://www.rfc-editor.org/rfc/rfc9110#section-13

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::HeaderMap;
use hyper::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
};

/// What tells one state of a file from another.
#[derive(Clone, Debug)]
pub struct Validators {
    etag: String,
    /// To the second, as HTTP writes it. Some file systems do not know it.
    modified: Option<SystemTime>,
}

/// What the conditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They hold, or there are none.
    Send,
    /// The client has this state: 304.
    NotModified,
    /// The client wants another state: 412.
    PreconditionFailed,
}

impl Validators {
    /// The tag is made of the length and the time, to the nanosecond: reading the file to compute one
    /// would take as long as sending it.
    pub fn new(len: u64, modified: Option<SystemTime>) -> Self {
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let nanos = since.map_or(0, |since| since.as_nanos());
        let seconds = since.map(|since| UNIX_EPOCH + Duration::from_secs(since.as_secs()));
        Self {
            etag: format!("\"{len:x}-{nanos:x}\""),
            modified: seconds,
        }
    }

    /// The tag, in its quotes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The time of the last change, as HTTP writes it.
    pub fn last_modified(&self) -> Option<String> {
        self.modified.map(httpdate::fmt_http_date)
    }

    /// Judges the conditions in the order of section 13.2.2. A tag says more than a time, so where
    /// there is a tag the time is not looked at.
    pub fn judge(&self, headers: &HeaderMap) -> Verdict {
        let unchanged_since = |date| self.modified.is_none_or(|modified| modified <= date);
        let wanted = match tags(headers, IF_MATCH) {
            Some(tags) => tags.iter().any(|tag| tag == "*" || *tag == self.etag),
            None => date(headers, IF_UNMODIFIED_SINCE).is_none_or(unchanged_since),
        };
        if !wanted {
            return Verdict::PreconditionFailed;
        }
        let known = match tags(headers, IF_NONE_MATCH) {
            Some(tags) => tags.iter().any(|tag| tag == "*" || weak(tag) == self.etag),
            None => {
                let since = date(headers, IF_MODIFIED_SINCE).filter(|_| self.modified.is_some());
                since.is_some_and(unchanged_since)
            }
        };
        if known {
            Verdict::NotModified
        } else {
            Verdict::Send
        }
    }

    /// Whether a range may be sent: the client has the rest of this very state, or does not care.
    ///
    /// A date never will do: a file can change twice within its second.
    pub fn may_send_part(&self, headers: &HeaderMap) -> bool {
        let condition = headers.get(IF_RANGE);
        condition.is_none_or(|condition| condition == self.etag.as_str())
    }
}

/// All tags of a header, each with its quotes; none if there is no such header.
fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Vec<String>> {
    if !headers.contains_key(&name) {
        return None;
    }
    let values = headers.get_all(name).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    // Our tags have no commas, so one of others that is cut in two matches nothing either way.
    let tags = values.flat_map(|value| value.split(',')).map(str::trim);
    Some(tags.map(str::to_owned).collect())
}

/// A tag without the mark that says "the same in meaning".
fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// A date that cannot be read is as good as none.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}
