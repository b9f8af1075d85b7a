//! How the best route for a path is found: depth first, and at each node the best way first.
//!
//! A node is reached by one way only, with one part of the path left, so none is visited twice. The
//! recursion is as deep as the longest pattern, whatever the path.

use super::params::Values;
use super::tree::{Node, NodeId, RouteId, Tree};
use super::word;

/// The route for `path`. The values of its parameters are added to `values`, in order, and nothing if
/// there is no route.
#[inline]
pub(super) fn find<'p>(tree: &Tree, path: &'p str, values: &mut Values<'p>) -> Option<RouteId> {
    let rest = path.strip_prefix('/')?;
    let mut search = Search {
        nodes: tree.nodes(),
        values,
    };
    search.walk(tree.root(), rest)
}

struct Search<'t, 'p> {
    nodes: &'t [Node],
    /// Of the parameters on the way from the root to the current node.
    values: &'t mut Values<'p>,
}

/// A place in the path, right after a slash.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// All that is left of the path.
    rest: &'p str,
    /// What is left up to the next slash.
    segment: &'p str,
    /// The [`word`](word::word) of the segment.
    word: u64,
    /// What follows that slash, if there is one.
    next: Option<&'p str>,
}

impl<'p> Search<'_, 'p> {
    /// The best route below `node` for `rest`.
    fn walk(&mut self, node: &Node, rest: &'p str) -> Option<RouteId> {
        let place = Place::new(rest);
        self.by_text(node, place)
            .or_else(|| self.by_parameter(node, place))
            .or_else(|| self.by_catch_all(node, place))
    }

    fn by_text(&mut self, node: &Node, place: Place<'p>) -> Option<RouteId> {
        let child = node.children.find(place.segment, place.word)?;
        self.enter(child, place.next)
    }

    fn by_parameter(&mut self, node: &Node, place: Place<'p>) -> Option<RouteId> {
        let parameter = node.parameter.as_ref()?;
        if place.segment.is_empty() {
            return None;
        }
        self.values.push(place.segment);
        let found = self.enter(parameter.node, place.next);
        if found.is_none() {
            self.values.pop(); // the way was a wrong one
        }
        found
    }

    fn by_catch_all(&mut self, node: &Node, place: Place<'p>) -> Option<RouteId> {
        let catch_all = node.catch_all.as_ref()?;
        self.values.push(place.rest);
        Some(catch_all.route)
    }

    /// On into a child, or to its own route if the path ends here.
    fn enter(&mut self, child: NodeId, next: Option<&'p str>) -> Option<RouteId> {
        let child = &self.nodes[child];
        match next {
            Some(rest) => self.walk(child, rest),
            None => child.route,
        }
    }
}

impl<'p> Place<'p> {
    fn new(rest: &'p str) -> Self {
        let (segment, next) = match word::slash(rest.as_bytes()) {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        // The bytes after the segment do no harm, and a word is read faster if there are eight of them.
        let word = word::truncate(word::word(rest.as_bytes()), segment.len());
        Self {
            rest,
            segment,
            word,
            next,
        }
    }
}
