//! A group: a name, a cache, the getter that fills it, and the peers that share its keys.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cache::Cache;
use crate::expiry::Expiry;
use crate::lru::Capacity;
use crate::{ByteView, Entry, Error, Getter, PeerGetter, PeerPicker, singleflight};

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
    /// The answers for the keys that this process is responsible for.
    main_cache: Cache<Entry>,
    peers: Option<Box<dyn PeerPicker>>,
    expiry: Expiry,
    /// Loads of this process's own keys. They are apart from those that wait for a peer: a node that
    /// does not know itself under one of its names asks itself, and must not wait for that question.
    loads: Flights,
    fetches: Flights,
}

impl Group {
    /// Begins a group called `name` whose values come from `getter`.
    pub fn builder(name: impl Into<String>, getter: impl Getter) -> GroupBuilder {
        GroupBuilder {
            name: name.into(),
            getter: Box::new(getter),
            capacity: Capacity::Bytes(DEFAULT_BYTES),
            peers: None,
            expiry: Expiry {
                after: None,
                jitter: 0.1,
                missing: None,
            },
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
    /// kept. Callers who miss the same key at the same time share one load and its outcome.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`], [`Error::Load`] when the getter fails, and [`Error::Panicked`] when it
    /// panics.
    ///
    /// # Cancel safety
    ///
    /// A load that others wait for goes on; one that nobody waits for any more is dropped.
    pub async fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<ByteView>, Error> {
        let key = checked(key.as_ref())?;
        // The owner comes before the cache: what this process kept from the time when it owned the
        // key may be out of date.
        match self.pick_peer(key) {
            Some(peer) => self.get_from_peer(peer, key).await,
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
        peer: Arc<dyn PeerGetter>,
        key: &[u8],
    ) -> Result<Option<ByteView>, Error> {
        let group = self.clone();
        let fetch = async move |key: Bytes| match peer.get(group.name(), &key).await {
            Ok(answer) => Ok(answer),
            // Loaded in the owner's stead and not kept: the owner will be back, and nobody would
            // tell this copy when the value changes.
            Err(error) => {
                tracing::debug!(error = &*error, "the peer gives no answer");
                group.load(&key).await
            }
        };
        fly(&self.inner.fetches, key, fetch).await
    }

    async fn get_locally(&self, key: &[u8]) -> Result<Option<ByteView>, Error> {
        if let Some(answer) = self.look_up(key) {
            return Ok(answer);
        }
        let group = self.clone();
        let load = async move |key: Bytes| {
            // Another flight may have landed between the look into the cache and the start of this.
            if let Some(answer) = group.look_up(&key) {
                return Ok(answer);
            }
            let answer = group.load(&key).await?;
            group.populate(key, &answer);
            Ok(answer)
        };
        fly(&self.inner.loads, key, load).await
    }

    fn look_up(&self, key: &[u8]) -> Option<Option<ByteView>> {
        self.inner.main_cache.get(key)?.fresh()
    }

    async fn load(&self, key: &Bytes) -> Result<Option<ByteView>, Error> {
        let answer = self.inner.getter.get(key).await;
        answer.map_err(|source| Error::Load {
            key: key.clone(),
            source: source.into(),
        })
    }

    fn populate(&self, key: Bytes, answer: &Option<ByteView>) {
        let Some(entry) = self.inner.expiry.entry(answer) else {
            // An expired value of a key that is gone would only take room.
            self.inner.main_cache.remove(&key);
            return;
        };
        // Too large for its shard: the cache has counted it, and the caller has the answer anyway.
        self.inner.main_cache.add(key, entry).ok();
    }

    /// The cache of the group, to look at.
    pub fn main_cache(&self) -> &Cache<Entry> {
        &self.inner.main_cache
    }
}

type Flights = singleflight::Group<Result<Option<ByteView>, Error>>;

async fn fly<F, Fut>(flights: &Flights, key: &[u8], load: F) -> Result<Option<ByteView>, Error>
where
    F: FnOnce(Bytes) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Option<ByteView>, Error>> + Send + 'static,
{
    let key = Bytes::copy_from_slice(key);
    let outcome = flights.run(&key, {
        let key = key.clone();
        || load(key)
    });
    outcome.await.unwrap_or_else(|panicked| {
        let message = panicked.message;
        Err(Error::Panicked { key, message })
    })
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
    expiry: Expiry,
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

    /// Loads a value anew when it is older than `life`. Unless set, a value is good for ever.
    ///
    /// Against an avalanche: up to a tenth of the life is taken off by chance, so that values which
    /// came together do not all have to be loaded again in the same moment.
    #[must_use]
    pub fn expire_after(mut self, life: Duration) -> Self {
        self.expiry.after = Some(life);
        self
    }

    /// The part of the life that chance may take off, from 0 to 1; 0.1 unless set.
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        // A NaN goes through `clamp` unchanged; `max` takes the other number.
        self.expiry.jitter = part.clamp(0.0, 1.0).max(0.0);
        self
    }

    /// Remembers for `life` that a key does not exist. Unless set, every question for such a key is
    /// passed to the getter.
    ///
    /// Against penetration: whoever asks for keys that do not exist reaches the database once a life.
    /// Keep it short, since a key that comes into being is not seen before.
    #[must_use]
    pub fn remember_missing(mut self, life: Duration) -> Self {
        self.expiry.missing = Some(life);
        self
    }

    /// Makes the group.
    pub fn build(self) -> Group {
        let inner = Inner {
            name: self.name,
            getter: self.getter,
            main_cache: Cache::new(self.capacity),
            peers: self.peers,
            expiry: self.expiry,
            loads: Flights::new(),
            fetches: Flights::new(),
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
