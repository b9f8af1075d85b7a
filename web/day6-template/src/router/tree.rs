//! The routes as a tree: the segments from the root to a node are the beginning of a pattern.
//!
//! Nodes are named by index, so the tree needs neither `Rc` nor `unsafe`, and following a link is one
//! look into a `Vec`. The tree does not know the values of routes; it is compiled once for all of them.

use super::children::Children;
use super::pattern::Segment;

/// The index of a node in its tree.
pub(super) type NodeId = usize;

/// The index of a route in its router.
pub(super) type RouteId = usize;

const ROOT: NodeId = 0;

#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// The first is [`ROOT`], and stands for the slash that all patterns begin with.
    nodes: Vec<Node>,
}

/// What can follow after one beginning of a pattern.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The route that ends here.
    pub(super) route: Option<RouteId>,
    pub(super) children: Children,
    pub(super) parameter: Option<Parameter>,
    pub(super) catch_all: Option<CatchAll>,
}

#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) node: NodeId,
    name: String,
    /// One of the routes that have this parameter.
    made_by: RouteId,
}

/// No node, as nothing follows after it.
#[derive(Clone, Debug)]
pub(super) struct CatchAll {
    pub(super) route: RouteId,
    name: String,
}

/// Why a route cannot be told from another one.
pub(super) struct Conflict {
    pub(super) with: RouteId,
    /// The new route's segment and the other's, if their names are what differs.
    pub(super) segments: Option<[String; 2]>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }

    pub(super) fn root(&self) -> &Node {
        &self.nodes[ROOT]
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// Whether a route of these segments can be inserted.
    pub(super) fn check(&self, segments: &[Segment]) -> Result<(), Conflict> {
        let mut node = self.root();
        for segment in segments {
            match node.follow(segment)? {
                Some(next) => node = self.node(next),
                None => return Ok(()),
            }
        }
        node.route.map_or(Ok(()), |with| Err(Conflict::same(with)))
    }

    /// Adds a route of these segments, which [`check`](Self::check) has let pass.
    pub(super) fn insert(&mut self, segments: &[Segment], route: RouteId) {
        let mut id = ROOT;
        for segment in segments {
            let new = self.nodes.len();
            match self.nodes[id].follow_or_add(segment, new, route) {
                Some(next) => id = next,
                None => return,
            }
            if id == new {
                self.nodes.push(Node::default());
            }
        }
        self.nodes[id].route = Some(route);
    }
}

impl Node {
    /// The node after `segment`, if it is there.
    fn follow(&self, segment: &Segment) -> Result<Option<NodeId>, Conflict> {
        match (segment, &self.parameter, &self.catch_all) {
            (Segment::Text(text), ..) => Ok(self.children.get(text)),
            (Segment::Parameter(name), Some(there), _) if *name != there.name => {
                let theirs = Segment::Parameter(there.name.clone());
                Err(Conflict::names(there.made_by, segment, &theirs))
            }
            (Segment::Parameter(_), there, _) => Ok(there.as_ref().map(|there| there.node)),
            (Segment::CatchAll(name), _, Some(there)) if *name != there.name => {
                let theirs = Segment::CatchAll(there.name.clone());
                Err(Conflict::names(there.route, segment, &theirs))
            }
            (Segment::CatchAll(_), _, Some(there)) => Err(Conflict::same(there.route)),
            (Segment::CatchAll(_), _, None) => Ok(None),
        }
    }

    /// The node after `segment`, which is to be `new` if there is none; nothing is after a catch-all.
    fn follow_or_add(&mut self, segment: &Segment, new: NodeId, route: RouteId) -> Option<NodeId> {
        match segment {
            Segment::Text(text) => Some(self.children.get_or_insert(text, new)),
            Segment::Parameter(name) => {
                let parameter = self.parameter.get_or_insert_with(|| Parameter {
                    node: new,
                    name: name.clone(),
                    made_by: route,
                });
                Some(parameter.node)
            }
            Segment::CatchAll(name) => {
                let name = name.clone();
                self.catch_all = Some(CatchAll { route, name });
                None
            }
        }
    }
}

impl Conflict {
    fn same(with: RouteId) -> Self {
        let segments = None;
        Self { with, segments }
    }

    fn names(with: RouteId, ours: &Segment, theirs: &Segment) -> Self {
        let segments = Some([ours.to_string(), theirs.to_string()]);
        Self { with, segments }
    }
}
