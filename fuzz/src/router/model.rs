//! What the router's documentation says, in as few words as possible and without a thought of speed.

use crate::percent;

/// The pattern of a route, and its parameters.
pub(super) type Found<'a> = (&'a str, Params<'a>);

/// Names and raw values.
type Params<'a> = Vec<(&'a str, &'a str)>;

#[derive(Debug)]
pub(super) struct Route<'a> {
    pattern: &'a str,
    parts: Vec<Part<'a>>,
}

#[derive(Debug, PartialEq)]
enum Part<'a> {
    Text(String),
    Parameter(&'a str),
    CatchAll(&'a str),
}

use Part::{CatchAll, Parameter, Text};

/// The best route for a path: the one that is better in the first segment in which any differ.
pub(super) fn best<'a>(routes: &'a [Route<'a>], path: &'a str) -> Option<Found<'a>> {
    let ranked = routes.iter().filter_map(|route| {
        let (ranks, params) = route.fit(path)?;
        Some((ranks, (route.pattern, params)))
    });
    ranked.min().map(|(_, found)| found)
}

impl<'a> Route<'a> {
    /// The route of a pattern, if that is one.
    pub(super) fn parse(pattern: &'a str) -> Option<Self> {
        let segments = pattern.strip_prefix('/')?.split('/');
        let parts: Vec<_> = segments.map(Part::parse).collect::<Option<_>>()?;
        let (_, before_last) = parts.split_last()?;
        let only_at_the_end =
            |part: &Part| *part == Text(String::new()) || matches!(part, CatchAll(_));
        let names: Vec<&str> = parts.iter().filter_map(Part::name).collect();
        let is_twice = |(i, name): (usize, &&str)| names[..i].contains(name);
        let is_wrong =
            before_last.iter().any(only_at_the_end) || names.iter().enumerate().any(is_twice);
        (!is_wrong).then_some(Self { pattern, parts })
    }

    /// Whether two routes cannot both be there: they are the same up to a place where nothing, or only a
    /// name, tells them apart.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        let mut pairs = self.parts.iter().zip(&other.parts);
        match pairs.find(|(one, other)| one != other) {
            Some((Parameter(_), Parameter(_)) | (CatchAll(_), CatchAll(_))) => true,
            Some(_) => false,
            None => self.parts.len() == other.parts.len(),
        }
    }

    /// How well each segment fits, 0 being best, and the parameters; `None` if the path does not match.
    fn fit<'p>(&'p self, path: &'p str) -> Option<(Vec<u8>, Params<'p>)> {
        let (mut ranks, mut params) = (Vec::new(), Vec::new());
        let mut rest = Some(path.strip_prefix('/')?);
        for part in &self.parts {
            let (segment, next) = split(rest?);
            match part {
                Text(text) if percent::bytes(segment).as_deref() == Ok(text.as_bytes()) => {
                    ranks.push(0)
                }
                Parameter(name) if !segment.is_empty() => {
                    ranks.push(1);
                    params.push((*name, segment));
                }
                CatchAll(name) => {
                    ranks.push(2);
                    params.push((*name, rest?));
                    return Some((ranks, params));
                }
                Text(_) | Parameter(_) => return None,
            }
            rest = next;
        }
        rest.is_none().then_some((ranks, params))
    }
}

/// The first segment, and what follows its slash.
fn split(rest: &str) -> (&str, Option<&str>) {
    match rest.split_once('/') {
        Some((segment, next)) => (segment, Some(next)),
        None => (rest, None),
    }
}

impl<'a> Part<'a> {
    fn parse(segment: &'a str) -> Option<Self> {
        if let Some(name) = segment.strip_prefix(':') {
            return is_name(name).then_some(Parameter(name));
        }
        if let Some(name) = segment.strip_prefix('*') {
            return is_name(name).then_some(CatchAll(name));
        }
        let is_escaped = |(at, _)| segment[..at].ends_with('\\');
        let mut specials = segment.match_indices([':', '*']);
        let text = || Text(segment.replace(r"\:", ":").replace(r"\*", "*"));
        specials.all(is_escaped).then(text)
    }

    fn name(&self) -> Option<&'a str> {
        match self {
            Text(_) => None,
            Parameter(name) | CatchAll(name) => Some(name),
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_of_a_name = |char: char| char.is_alphanumeric() || "_-".contains(char);
    !text.is_empty() && text.chars().all(is_of_a_name)
}
