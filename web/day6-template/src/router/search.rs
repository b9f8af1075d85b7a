//! How the best route for a path is found: depth first, and at each node the best way first.
//!
//! A node is reached by one way only, with one part of the path left, so none is visited twice. The
//! recursion is as deep as the longest pattern, whatever the path.

use super::params::Values;
use super::tree::{Node, NodeId, RouteId, Tree};

/// The route for `path`, and the values of its parameters in order.
pub(super) fn find<'p>(tree: &Tree, path: &'p str) -> Option<(RouteId, Values<'p>)> {
    let rest = path.strip_prefix('/')?;
    let mut search = Search {
        tree,
        values: Values::new(),
    };
    let route = search.walk(tree.root(), rest)?;
    Some((route, search.values))
}

struct Search<'t, 'p> {
    tree: &'t Tree,
    /// Of the parameters on the way from the root to the current node.
    values: Values<'p>,
}

impl<'p> Search<'_, 'p> {
    /// The best route below `node` for `rest`, which is what follows its slash.
    fn walk(&mut self, node: &Node, rest: &'p str) -> Option<RouteId> {
        let (segment, tail) = split(rest);
        self.by_text(node, segment, tail)
            .or_else(|| self.by_parameter(node, segment, tail))
            .or_else(|| self.by_catch_all(node, rest))
    }

    fn by_text(&mut self, node: &Node, segment: &str, tail: Option<&'p str>) -> Option<RouteId> {
        let child = if segment.as_bytes().contains(&b'%') {
            node.children.get_escaped(segment)
        } else {
            node.children.get(segment)
        };
        self.enter(child?, tail)
    }

    fn by_parameter(
        &mut self,
        node: &Node,
        segment: &'p str,
        tail: Option<&'p str>,
    ) -> Option<RouteId> {
        let parameter = node.parameter.as_ref().filter(|_| !segment.is_empty())?;
        let before = self.values.len();
        self.values.push(segment);
        let found = self.enter(parameter.node, tail);
        if found.is_none() {
            self.values.truncate(before);
        }
        found
    }

    fn by_catch_all(&mut self, node: &Node, rest: &'p str) -> Option<RouteId> {
        let catch_all = node.catch_all.as_ref()?;
        self.values.push(rest);
        Some(catch_all.route)
    }

    /// On into a child, with what is left of the path after its segment; `None` is the end.
    fn enter(&mut self, child: NodeId, tail: Option<&'p str>) -> Option<RouteId> {
        let child = self.tree.node(child);
        match tail {
            Some(rest) => self.walk(child, rest),
            None => child.route,
        }
    }
}

/// The segment before the first slash, and what follows that slash.
fn split(rest: &str) -> (&str, Option<&str>) {
    match rest.bytes().position(|byte| byte == b'/') {
        Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
        None => (rest, None),
    }
}
