//! Which route matches a path, and with which parameters.
//!
//! A route is written as a pattern. Patterns and paths are both cut into segments at their slashes;
//! from then on segments are compared, never strings:
//!
//! | pattern segment | matches |
//! |---|---|
//! | `text` | the segment that stands for just this text |
//! | `:name` | one segment, any but the empty one |
//! | `*name`, at the end only | all that is left, as it is written; also nothing at all |
//!
//! Where several routes match, the first segment in which they differ decides: text beats a parameter,
//! and a parameter beats a catch-all. The order in which the routes were inserted decides nothing.
//!
//! ```
//! use web_day3_router::router::Router;
//!
//! let mut router = Router::new();
//! router.insert("/hello/:name", "anybody")?;
//! router.insert("/hello/tom", "Tom")?;
//! router.insert("/assets/*filepath", "a file")?;
//!
//! let found = router.at("/hello/jerry").unwrap();
//! assert_eq!(*found.value, "anybody");
//! assert_eq!(found.params.get("name"), Some("jerry"));
//!
//! assert_eq!(*router.at("/hello/tom").unwrap().value, "Tom");
//! assert_eq!(router.at("/assets/css/gee.css").unwrap().params.get("filepath"), Some("css/gee.css"));
//! assert!(router.at("/hello").is_none());
//! # Ok::<(), web_day3_router::router::InsertError>(())
//! ```
//!
//! # Slashes
//!
//! A path is matched as it came, and never tidied up. `/a` and `/a/` are two paths: the second ends
//! with an empty segment. So `/assets/` matches `/assets/*filepath`, with an empty rest, and `/assets`
//! does not. An empty segment elsewhere, as in `//a`, matches nothing but as part of a catch-all's rest.
//! That rest is not a safe file name: it may begin with a slash, and hold `..`.
//!
//! # Escapes
//!
//! A pattern is written as people read it, `/café`, and a path as it is sent, `/caf%C3%A9`. They are
//! compared after the path was split, segment by segment, so `%2F` never parts two segments.
//! Parameters are given out raw, for [`percent::decode`](crate::percent::decode).
//!
//! To have a colon or a star in the text of a pattern, write `\:` or `\*`. Any other backslash is just
//! that. In a path neither of the three means anything.
//!
//! # Cost
//!
//! The patterns are kept as a tree that branches by segment. [`Router::at`] visits each node of it at
//! most once, with one place in the path, and reads one segment there: all tries together cost no more
//! than the tree is large, and most paths lead straight down, by a node for each segment. At a node it
//! goes through all texts that may follow, at eight bytes each. It allocates nothing, unless more than
//! four parameters are on the way.

mod children;
mod error;
mod params;
mod pattern;
mod search;
mod tree;
mod word;

pub use error::InsertError;
pub use params::Params;

use tree::{Conflict, Tree};

/// A set of routes, each with a value, which is found again by a path that the route matches.
///
/// See the [module](self) for what matches what.
#[derive(Clone, Debug)]
pub struct Router<T> {
    tree: Tree,
    /// The tree names a route by its index in here.
    routes: Vec<Route<T>>,
}

/// The route that matches a path.
#[derive(Debug)]
pub struct Match<'r, 'p, T> {
    /// The value that the route was inserted with.
    pub value: &'r T,
    /// What the parameters of the route are in this path.
    pub params: Params<'r, 'p>,
}

#[derive(Clone, Debug)]
struct Route<T> {
    pattern: String,
    /// The names of the parameters, in the order of the segments.
    names: Vec<String>,
    value: T,
}

impl<T> Router<T> {
    /// A router without routes, which matches nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tree: Tree::new(),
            routes: Vec::new(),
        }
    }

    /// Adds a route. A set of routes is accepted in every order or in none.
    ///
    /// ```
    /// use web_day3_router::router::Router;
    ///
    /// let mut router = Router::new();
    /// router.insert("/users/:id", 1)?;
    /// let error = router.insert("/users/:name/posts", 2).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "route `/users/:name/posts` has `:name` where route `/users/:id` has `:id`",
    /// );
    /// # Ok::<(), web_day3_router::router::InsertError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InsertError`] if `pattern` is none, or cannot be told from a route that is there already. The
    /// router is then as it was.
    pub fn insert(&mut self, pattern: &str, value: T) -> Result<(), InsertError> {
        let segments = pattern::parse(pattern)?;
        self.tree
            .check(&segments)
            .map_err(|conflict| self.explain(pattern, conflict))?;
        self.tree.insert(&segments, self.routes.len());
        self.routes.push(Route {
            pattern: pattern.into(),
            names: pattern::names(&segments).map(str::to_owned).collect(),
            value,
        });
        Ok(())
    }

    /// The best route for `path`, which is the raw path of a request: escaped, and without a query.
    ///
    /// ```
    /// # use web_day3_router::router::Router;
    /// let mut router = Router::new();
    /// router.insert("/u/:name", ())?;
    /// assert_eq!(router.at("/u/a%2Fb").unwrap().params.get("name"), Some("a%2Fb"));
    /// assert!(router.at("/u/a/b").is_none());
    /// # Ok::<(), web_day3_router::router::InsertError>(())
    /// ```
    #[must_use]
    pub fn at<'r, 'p>(&'r self, path: &'p str) -> Option<Match<'r, 'p, T>> {
        let mut params = Params::default();
        let route = search::find(&self.tree, path, &mut params.values)?;
        let Route { names, value, .. } = &self.routes[route];
        params.names = names;
        Some(Match { value, params })
    }

    fn explain(&self, pattern: &str, conflict: Conflict) -> InsertError {
        let route = pattern.to_owned();
        let existing = self.routes[conflict.with].pattern.clone();
        match conflict.segments {
            None => InsertError::Duplicate { route, existing },
            Some([segment, existing_segment]) => InsertError::OtherName {
                route,
                segment,
                existing,
                existing_segment,
            },
        }
    }
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self::new()
    }
}
