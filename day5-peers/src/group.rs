//! A group: a name, a cache, the getter that fills it, and the peers that share its keys.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::cache::Cache;
use crate::lru::Capacity;
use crate::{ByteView, Error, Getter, PeerGetter, PeerPicker};

/// A cache of one kind of values, which loads what it does not have.
///
/// A group is a handle: its clones are the same group.
#[derive(Clone)]
pub struct Group {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    getter: Box<dyn Getter>,
    /// The values of the keys that this process is responsible for.
    main_cache: Cache<ByteView>,
    peers: Option<Box<dyn PeerPicker>>,
}

impl Group {
    /// Begins a group called `name` whose values come from `getter`.
    pub fn builder(name: impl Into<String>, getter: impl Getter) -> GroupBuilder {
        GroupBuilder {
            name: name.into(),
            getter: Box::new(getter),
            capacity: Capacity::Bytes(DEFAULT_BYTES),
            peers: None,
        }
    }

    /// The name of the group.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The value of `key`, or `None` if there is no such key.
    ///
    /// The peer that owns the key is asked; where there is none, or it cannot answer, the value is
    /// loaded here. A value that outweighs its shard of the cache is returned all the same, and not
    /// kept. Callers who miss the same key at the same time each load it.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`], and [`Error::Load`] when the getter fails.
    pub async fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<ByteView>, Error> {
        let key = checked(key.as_ref())?;
        // The owner comes before the cache: what this process kept from the time when it owned the
        // key may be out of date.
        match self.pick_peer(key) {
            Some(peer) => self.get_from_peer(&*peer, key).await,
            None => self.get_locally(key).await,
        }
    }

    /// As [`Group::get`] for a request that came from a peer: it is answered here, whoever owns the
    /// key. If it were passed on, two nodes that disagree about the owner would ask each other for
    /// ever.
    ///
    /// # Errors
    ///
    /// As [`Group::get`].
    pub async fn get_for_peer(&self, key: impl AsRef<[u8]>) -> Result<Option<ByteView>, Error> {
        self.get_locally(checked(key.as_ref())?).await
    }

    fn pick_peer(&self, key: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        self.inner.peers.as_ref()?.pick_peer(key)
    }

    async fn get_from_peer(
        &self,
        peer: &dyn PeerGetter,
        key: &[u8],
    ) -> Result<Option<ByteView>, Error> {
        match peer.get(self.name(), key).await {
            Ok(answer) => Ok(answer),
            // Loaded in the owner's stead and not kept: the owner will be back, and nobody would
            // tell this copy when the value changes.
            Err(error) => {
                tracing::debug!(error = &*error, "the peer gives no answer");
                self.load(&Bytes::copy_from_slice(key)).await
            }
        }
    }

    async fn get_locally(&self, key: &[u8]) -> Result<Option<ByteView>, Error> {
        if let Some(view) = self.inner.main_cache.get(key) {
            return Ok(Some(view));
        }
        let key = Bytes::copy_from_slice(key);
        let loaded = self.load(&key).await?;
        if let Some(view) = &loaded {
            self.populate(key, view.clone());
        }
        Ok(loaded)
    }

    async fn load(&self, key: &Bytes) -> Result<Option<ByteView>, Error> {
        let answer = self.inner.getter.get(key).await;
        answer.map_err(|source| Error::Load {
            key: key.clone(),
            source: source.into(),
        })
    }

    fn populate(&self, key: Bytes, view: ByteView) {
        // Too large for its shard: the cache has counted it, and the caller has the value anyway.
        self.inner.main_cache.add(key, view).ok();
    }

    /// The cache of the group, to look at.
    pub fn main_cache(&self) -> &Cache<ByteView> {
        &self.inner.main_cache
    }
}

fn checked(key: &[u8]) -> Result<&[u8], Error> {
    if key.is_empty() {
        return Err(Error::EmptyKey);
    }
    Ok(key)
}

/// What a group gets unless its builder says otherwise: 64 MiB.
const DEFAULT_BYTES: usize = 64 << 20;

/// Settings of a [`Group`] to be.
pub struct GroupBuilder {
    name: String,
    getter: Box<dyn Getter>,
    capacity: Capacity,
    peers: Option<Box<dyn PeerPicker>>,
}

impl GroupBuilder {
    /// How much the group may keep: 64 MiB unless set. A capacity of 0 bytes turns caching off.
    #[must_use]
    pub fn capacity(mut self, capacity: impl Into<Capacity>) -> Self {
        self.capacity = capacity.into();
        self
    }

    /// Shares the keys with other nodes: an [`HttpPool`](crate::HttpPool), say.
    #[must_use]
    pub fn peers(mut self, peers: impl PeerPicker) -> Self {
        self.peers = Some(Box::new(peers));
        self
    }

    /// Makes the group.
    pub fn build(self) -> Group {
        let inner = Inner {
            name: self.name,
            getter: self.getter,
            main_cache: Cache::new(self.capacity),
            peers: self.peers,
        };
        Group {
            inner: Arc::new(inner),
        }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
