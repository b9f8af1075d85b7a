//! Who owns a key, and how to ask them. A group knows other nodes only through these two traits.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::{Answer, BoxError};

/// Finds the node that owns a key.
pub trait PeerPicker: Send + Sync + 'static {
    /// The peer that owns `key`, or `None` if this process does, or if there are no peers.
    ///
    /// Every node must come to the same result, but nothing breaks while they do not: a node that is
    /// asked for a key answers, whoever owns it.
    fn pick_peer(&self, key: &[u8]) -> Option<Arc<dyn PeerGetter>>;

    /// All peers, this process not among them. They are told when a key is removed; a picker that
    /// names none leaves their copies to expire.
    fn all_peers(&self) -> Vec<Arc<dyn PeerGetter>> {
        Vec::new()
    }
}

/// Another node, to be asked for values.
pub trait PeerGetter: Send + Sync + 'static {
    /// The peer's answer for `key` in `group`. `Ok(None)` is the owner's word that the key does not
    /// exist; an error means that the peer could not be asked, or could not tell.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any await.
    fn get<'a>(&'a self, group: &'a str, key: &'a [u8]) -> BoxFuture<'a, Answer>;

    /// Makes the peer forget what it has of `key` in `group`. An error means that it may still have
    /// the old value.
    fn remove<'a>(&'a self, group: &'a str, key: &'a [u8]) -> BoxFuture<'a, Result<(), BoxError>> {
        let key = key.escape_ascii();
        Box::pin(async move { Err(format!("no way to remove \"{key}\" from {group:?}").into()) })
    }
}
