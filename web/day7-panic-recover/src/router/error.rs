//! Why a route is refused.

/// Why a route was not added to a router, which is as it was before.
///
/// Each message has the route in it, and a conflict names both routes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InsertError {
    /// A pattern begins with a slash, as every path does.
    #[error("route `{route}` does not begin with a slash")]
    NoLeadingSlash {
        /// The pattern as it was given.
        route: String,
    },
    /// There is nothing between two slashes. After the last one there may be nothing.
    #[error("route `{route}` has an empty segment that is not its last")]
    EmptySegment {
        /// The pattern as it was given.
        route: String,
    },
    /// A `:` or a `*` is alone in its segment.
    #[error("route `{route}` has a parameter without a name: give `{segment}` one")]
    EmptyName {
        /// The pattern as it was given.
        route: String,
        /// The segment in question.
        segment: String,
    },
    /// There is a `:` or a `*` in the middle of a segment.
    #[error(
        "route `{route}`: in `{segment}`, a parameter must be a whole segment; \
         write \\: for a colon and \\* for a star"
    )]
    NotWholeSegment {
        /// The pattern as it was given.
        route: String,
        /// The segment in question.
        segment: String,
    },
    /// What follows the `:` or the `*` has more in it than letters, digits, `_` and `-`. It may have been
    /// meant as text (`:name.html`) or as a rule (`:id?`); a parameter is its whole segment and has none.
    #[error("route `{route}`: `{segment}` is no name; use letters, digits, `_` and `-`")]
    InvalidName {
        /// The pattern as it was given.
        route: String,
        /// The segment in question.
        segment: String,
    },
    /// More follows after a catch-all, which leaves nothing to match.
    #[error("route `{route}` goes on after `{segment}`, which catches all that is left")]
    CatchAllNotLast {
        /// The pattern as it was given.
        route: String,
        /// The catch-all.
        segment: String,
    },
    /// Two parameters have one name, so that one of them could not be asked for.
    #[error("route `{route}` has two parameters with the name `{name}`")]
    NameUsedTwice {
        /// The pattern as it was given.
        route: String,
        /// The name.
        name: String,
    },
    /// The router has a route that matches exactly the same paths.
    #[error("route `{route}` is the same as route `{existing}`")]
    Duplicate {
        /// The pattern as it was given.
        route: String,
        /// The pattern of the route that is there.
        existing: String,
    },
    /// At this place another route has a parameter, or a catch-all, of another name. One of the two
    /// is likely a slip; if not, let both use one name.
    #[error("route `{route}` has `{segment}` where route `{existing}` has `{existing_segment}`")]
    OtherName {
        /// The pattern as it was given.
        route: String,
        /// Its parameter, as `:name` or `*name`.
        segment: String,
        /// The pattern of the route that is there.
        existing: String,
        /// The parameter of that route at this place.
        existing_segment: String,
    },
}
