//! Whether a client has the file already.

use std::time::{Duration, UNIX_EPOCH};

use hyper::HeaderMap;

use crate::gee::conditional::{Validators, Verdict};

/// Changed 1,000.5 s after 1970: Thu, 01 Jan 1970 00:16:40 GMT.
fn file() -> Validators {
    Validators::new(255, Some(UNIX_EPOCH + Duration::from_millis(1_000_500)))
}

const BEFORE: &str = "Thu, 01 Jan 1970 00:16:39 GMT";
const THEN: &str = "Thu, 01 Jan 1970 00:16:40 GMT";
const AFTER: &str = "Thu, 01 Jan 1970 00:16:41 GMT";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    pairs.collect()
}

#[test]
fn a_file_is_known_by_its_length_and_its_time() {
    assert_eq!(file().etag(), "\"ff-e8f2727500\"");
    assert_eq!(file().last_modified().unwrap(), THEN);
    let other_time = Validators::new(255, Some(UNIX_EPOCH + Duration::from_nanos(1)));
    let other_length = Validators::new(254, Some(UNIX_EPOCH + Duration::from_millis(1_000_500)));
    assert_ne!(other_time.etag(), file().etag());
    assert_ne!(other_length.etag(), file().etag());
    assert_eq!(Validators::new(1, None).last_modified(), None);
}

#[test]
fn the_conditions_are_judged_in_their_order() {
    let file = file();
    let (tag, weak) = (file.etag(), format!("W/{}", file.etag()));
    let list = format!("\"x\", {weak} , \"y\"");
    let (yes, no, failed) = (
        Verdict::Send,
        Verdict::NotModified,
        Verdict::PreconditionFailed,
    );
    let table: [(&[(&'static str, &str)], Verdict); 20] = [
        (&[], yes),
        (&[("if-none-match", tag)], no),
        (&[("if-none-match", &weak)], no),
        (&[("if-none-match", &list)], no),
        (&[("if-none-match", "*")], no),
        (&[("if-none-match", "\"other\"")], yes),
        (&[("if-none-match", "")], yes),
        (&[("if-modified-since", BEFORE)], yes),
        (&[("if-modified-since", THEN)], no),
        (&[("if-modified-since", AFTER)], no),
        (&[("if-modified-since", "yesterday")], yes),
        (
            &[("if-none-match", "\"other\""), ("if-modified-since", AFTER)],
            yes,
        ),
        (&[("if-match", tag)], yes),
        (&[("if-match", &weak)], failed),
        (&[("if-match", "\"other\"")], failed),
        (&[("if-match", "*")], yes),
        (&[("if-unmodified-since", BEFORE)], failed),
        (&[("if-unmodified-since", THEN)], yes),
        (&[("if-match", tag), ("if-unmodified-since", BEFORE)], yes),
        (&[("if-match", "\"other\""), ("if-none-match", tag)], failed),
    ];
    for (pairs, verdict) in table {
        assert_eq!(file.judge(&headers(pairs)), verdict, "{pairs:?}");
    }
}

#[test]
fn a_part_is_sent_to_those_who_have_the_rest_of_this_very_state() {
    let file = file();
    let weak = format!("W/{}", file.etag());
    let table = [
        (file.etag(), true),
        (THEN, false),
        (&weak, false),
        (AFTER, false),
        (BEFORE, false),
        ("\"other\"", false),
    ];
    for (condition, part) in table {
        let headers = headers(&[("if-range", condition)]);
        assert_eq!(file.may_send_part(&headers), part, "{condition}");
    }
    assert!(file.may_send_part(&HeaderMap::new()));
}

#[test]
fn a_file_without_a_time_is_sent_whatever_time_is_asked_for() {
    let file = Validators::new(1, None);
    for name in ["if-modified-since", "if-unmodified-since"] {
        assert_eq!(
            file.judge(&headers(&[(name, THEN)])),
            Verdict::Send,
            "{name}"
        );
    }
}
