//! Random routes and paths, against a list of all routes that are tried one by one.

use crate::gee::router::Router;
use proptest::prelude::*;

use crate::effort;

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(&'static str),
    Parameter(&'static str),
    CatchAll(&'static str),
}

use Part::{CatchAll, Parameter, Text};

type Route = Vec<Part>;

/// What a route is found to be: how good each of its segments is (0 is best), and its parameters.
type Ranked = (Vec<u8>, Vec<(&'static str, String)>);

fn pattern(route: &[Part]) -> String {
    let parts = route.iter().map(|part| match part {
        Text(text) => format!("/{}", text.replace(':', r"\:").replace('*', r"\*")),
        Parameter(name) => format!("/:{name}"),
        CatchAll(name) => format!("/*{name}"),
    });
    parts.collect()
}

fn rank(route: &[Part], path: &str) -> Option<Ranked> {
    let segments: Vec<_> = path.strip_prefix('/')?.split('/').collect();
    let (mut ranks, mut params) = (Vec::new(), Vec::new());
    for (i, part) in route.iter().enumerate() {
        let segment = *segments.get(i)?;
        match part {
            Text(text) if stands_for(segment, text) => ranks.push(0),
            Parameter(name) if !segment.is_empty() => {
                ranks.push(1);
                params.push((*name, segment.into()));
            }
            CatchAll(name) => {
                ranks.push(2);
                params.push((*name, segments[i..].join("/")));
                return Some((ranks, params));
            }
            _ => return None,
        }
    }
    (route.len() == segments.len()).then_some((ranks, params))
}

/// The paths below have these escapes only.
fn stands_for(segment: &str, text: &str) -> bool {
    let escapes = [("%61", "a"), ("%C3%A9", "é"), ("%25", "%")];
    let mut rest = segment;
    let mut decoded = String::new();
    while let Some(char) = rest.chars().next() {
        let escape = escapes.iter().find(|(escape, _)| rest.starts_with(escape));
        match escape {
            Some((escape, plain)) => {
                decoded += plain;
                rest = &rest[escape.len()..];
            }
            None if char == '%' => return false,
            None => {
                decoded.push(char);
                rest = &rest[char.len_utf8()..];
            }
        }
    }
    decoded == text
}

/// Whether two routes cannot both be there: they are the same up to a place where nothing, or only a
/// name, tells them apart.
fn are_in_conflict(one: &[Part], other: &[Part]) -> bool {
    let differ = one.iter().zip(other).find(|(one, other)| one != other);
    match differ {
        Some((Parameter(_), Parameter(_)) | (CatchAll(_), CatchAll(_))) => true,
        Some(_) => false,
        None => one.len() == other.len(),
    }
}

const TEXTS: &[&str] = &[
    "a",
    "b",
    "é",
    "%",
    ":x",
    "*",
    "a%61",
    "longer-than-a-word",
    "longer-than-a-wall",
];

const SEGMENTS: &[&str] = &[
    "a",
    "a",
    "b",
    "b",
    "",
    "é",
    "%61",
    "%C3%A9",
    "%25",
    "%",
    ":x",
    "*",
    "z",
    "a%61",
    "a%2561",
    "longer-than-a-word",
    "longer-th%61n-a-wall",
    "%C3",
    "%2",
];

fn a_route() -> impl Strategy<Value = Route> {
    let middle = prop_oneof![
        3 => prop::sample::select(TEXTS).prop_map(Text),
        2 => prop::sample::select(&["p", "q"][..]).prop_map(Parameter),
    ];
    let end = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Text(""))),
        1 => prop::sample::select(&["r", "s"][..]).prop_map(|name| Some(CatchAll(name))),
    ];
    (prop::collection::vec(middle, 0..4), end)
        .prop_map(|(middle, end)| middle.into_iter().chain(end).collect::<Route>())
        .prop_filter("no segment, or a name twice", |route| {
            let is_new =
                |(i, part): (usize, &Part)| matches!(part, Text(_)) || !route[..i].contains(part);
            !route.is_empty() && route.iter().enumerate().all(is_new)
        })
}

fn a_path() -> impl Strategy<Value = String> {
    let segments = prop::sample::select(SEGMENTS).prop_map(str::to_owned);
    prop::collection::vec(segments, 0..6).prop_map(|segments| format!("/{}", segments.join("/")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256 * effort()))]

    #[test]
    fn the_router_agrees_with_a_list_of_all_routes(
        routes in prop::collection::vec(a_route(), 0..12),
        paths in prop::collection::vec(a_path(), 1..24),
    ) {
        let mut router = Router::new();
        let mut list: Vec<Route> = Vec::new();
        for route in routes {
            let fits = !list.iter().any(|there| are_in_conflict(there, &route));
            prop_assert_eq!(router.insert(&pattern(&route), list.len()).is_ok(), fits);
            if fits {
                list.push(route);
            }
        }
        for path in paths {
            let ranked = list.iter().enumerate().filter_map(|(i, route)| Some((rank(route, &path)?, i)));
            let expected = ranked.min().map(|((_, params), i)| (i, params));
            let found = router.at(&path).map(|found| {
                let params = found.params.iter().map(|(name, value)| (name, value.to_owned()));
                (*found.value, params.collect::<Vec<_>>())
            });
            prop_assert_eq!(found, expected, "{} in {:?}", path, list);
        }
    }

    #[test]
    fn a_path_is_cut_where_its_slashes_are(path in "(/([.0é]|[\\PC&&[^/]]){1,20}){1,8}") {
        let segments: Vec<_> = path.split('/').skip(1).collect();
        let pattern: String = (0..segments.len()).map(|i| format!("/:p{i}")).collect();
        let mut router = Router::new();
        router.insert(&pattern, ()).unwrap();
        let found = router.at(&path).unwrap();
        let values: Vec<_> = found.params.iter().map(|(_, value)| value).collect();
        prop_assert_eq!(values, segments);
    }

    #[test]
    fn no_pattern_and_no_path_makes_it_panic(
        patterns in prop::collection::vec("(/[:*]?[a\\\\:*%é/]{0,3}){0,4}|\\PC*", 0..8),
        paths in prop::collection::vec("(/[:*]?[a\\\\:*%é6/]{0,9}){0,4}|\\PC*", 0..8),
    ) {
        let mut router = Router::new();
        for pattern in &patterns {
            let before = format!("{router:?}");
            if router.insert(pattern, ()).is_err() {
                prop_assert_eq!(format!("{router:?}"), before);
            }
        }
        for path in patterns.iter().chain(&paths) {
            if let Some(found) = router.at(path) {
                prop_assert!(found.params.iter().all(|(_, value)| path.contains(value)));
            }
        }
    }
}
