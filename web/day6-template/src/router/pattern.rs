//! How a pattern is read. Nothing in here ever sees the path of a request.

use std::collections::HashSet;
use std::fmt;

use super::InsertError;

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Text, without the backslashes of the pattern. It is empty in the last place only.
    Text(String),
    /// `:name`
    Parameter(String),
    /// `*name`, in the last place only.
    CatchAll(String),
}

/// The segments of `route`: at least one, and each name once.
pub(super) fn parse(route: &str) -> Result<Vec<Segment>, InsertError> {
    let Some(rest) = route.strip_prefix('/') else {
        let route = route.into();
        return Err(InsertError::NoLeadingSlash { route });
    };
    let segments = rest.split('/').map(|segment| read(route, segment));
    let segments: Vec<_> = segments.collect::<Result<_, _>>()?;
    check_places(route, &segments)?;
    check_names(route, &segments)?;
    Ok(segments)
}

/// The names of the parameters in `segments`, in this order.
pub(super) fn names(segments: &[Segment]) -> impl Iterator<Item = &str> {
    segments.iter().filter_map(|segment| match segment {
        Segment::Text(_) => None,
        Segment::Parameter(name) | Segment::CatchAll(name) => Some(name.as_str()),
    })
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Parameter(name) => write!(f, ":{name}"),
            Self::CatchAll(name) => write!(f, "*{name}"),
        }
    }
}

fn read(route: &str, segment: &str) -> Result<Segment, InsertError> {
    if let Some(name) = segment.strip_prefix(':') {
        read_name(route, segment, name).map(Segment::Parameter)
    } else if let Some(name) = segment.strip_prefix('*') {
        read_name(route, segment, name).map(Segment::CatchAll)
    } else {
        read_text(route, segment).map(Segment::Text)
    }
}

fn read_name(route: &str, segment: &str, name: &str) -> Result<String, InsertError> {
    let (route, segment) = (route.to_owned(), segment.to_owned());
    if name.is_empty() {
        return Err(InsertError::EmptyName { route, segment });
    }
    if name.contains(is_special) {
        return Err(InsertError::NotWholeSegment { route, segment });
    }
    if !name.chars().all(is_of_a_name) {
        return Err(InsertError::InvalidName { route, segment });
    }
    Ok(name.to_owned())
}

fn read_text(route: &str, segment: &str) -> Result<String, InsertError> {
    let mut text = String::new();
    let mut chars = segment.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.push(chars.next_if(|&next| is_special(next)).unwrap_or('\\')),
            char if is_special(char) => {
                let (route, segment) = (route.to_owned(), segment.to_owned());
                return Err(InsertError::NotWholeSegment { route, segment });
            }
            char => text.push(char),
        }
    }
    Ok(text)
}

fn is_special(char: char) -> bool {
    matches!(char, ':' | '*')
}

fn is_of_a_name(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '-')
}

fn check_places(route: &str, segments: &[Segment]) -> Result<(), InsertError> {
    let route = || route.to_owned();
    for segment in &segments[..segments.len() - 1] {
        match segment {
            Segment::Text(text) if text.is_empty() => {
                return Err(InsertError::EmptySegment { route: route() });
            }
            Segment::CatchAll(_) => {
                return Err(InsertError::CatchAllNotLast {
                    route: route(),
                    segment: segment.to_string(),
                });
            }
            Segment::Text(_) | Segment::Parameter(_) => {}
        }
    }
    Ok(())
}

fn check_names(route: &str, segments: &[Segment]) -> Result<(), InsertError> {
    let mut seen = HashSet::new();
    match names(segments).find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(InsertError::NameUsedTwice {
            route: route.into(),
            name: name.into(),
        }),
    }
}
