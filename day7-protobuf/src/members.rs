//! The nodes of a cluster as a pool knows them at one moment: the ring, and whom each point means.

use std::collections::HashMap;
use std::sync::Arc;

use crate::PeerUrl;
use crate::consistent_hash::Map;
use crate::peer::Peer;

/// A snapshot, replaced as a whole when the peers change.
pub(crate) struct Members {
    ring: Map,
    by_url: HashMap<Arc<str>, Member>,
}

/// A node on the ring.
#[derive(Clone)]
pub(crate) enum Member {
    /// This process.
    Myself,
    /// Another one.
    Peer(Arc<Peer>),
}

impl Members {
    pub(crate) fn none(replicas: u32) -> Self {
        Self {
            ring: Map::new(replicas),
            by_url: HashMap::new(),
        }
    }

    /// The nodes `urls`. A node that was a member before keeps its connections and its health; for
    /// another one `new_peer` is asked. The one that is `self_url` is this process.
    pub(crate) fn changed(
        &self,
        urls: impl IntoIterator<Item = PeerUrl>,
        self_url: Option<&PeerUrl>,
        replicas: u32,
        new_peer: impl Fn(PeerUrl) -> Peer,
    ) -> Self {
        let mut members = Self::none(replicas);
        for url in urls {
            let name: Arc<str> = url.as_str().into();
            let member = match self.by_url.get(&name) {
                Some(member) => member.clone(),
                None if self_url.is_some_and(|me| me.is_same_node(&url)) => Member::Myself,
                None => Member::Peer(Arc::new(new_peer(url))),
            };
            members.by_url.insert(name, member);
        }
        members.ring.extend(members.by_url.keys().cloned());
        members
    }

    /// All nodes but this one.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.by_url.values().filter_map(|member| match member {
            Member::Myself => None,
            Member::Peer(peer) => Some(peer),
        })
    }

    /// The peer that owns `key`, or `None` if this process does or there are no members.
    pub(crate) fn pick(&self, key: &[u8]) -> Option<Arc<Peer>> {
        match self.by_url.get(self.ring.get(key)?)? {
            Member::Myself => None,
            Member::Peer(peer) => Some(peer.clone()),
        }
    }
}
