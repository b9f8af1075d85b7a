//! A group: a name, a cache, the getter that fills it, and the peers that share its keys.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;

use crate::cache::Cache;
use crate::expiry::Expiry;
use crate::lru::{Capacity, TooLarge};
use crate::stats::{Counters, Stats};
use crate::{BoxError, ByteView, Entry, Error, Getter, PeerGetter, PeerPicker, singleflight};

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
    /// The answers for the keys that this process is responsible for, and beside them, in its hot
    /// part, copies of what other nodes are often asked for.
    main_cache: Cache<Entry>,
    peers: Option<Box<dyn PeerPicker>>,
    expiry: Expiry,
    /// Loads of this process's own keys. They are apart from those that wait for a peer: a node that
    /// does not know itself under one of its names asks itself, and must not wait for that question.
    loads: Flights,
    fetches: Flights,
    counters: Counters,
    /// Grows with every removal, so that a load which began before one can tell.
    removals: AtomicU64,
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
                hot: DEFAULT_HOT_LIFE,
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
        self.inner.counters.gets.add_one();
        let key = checked(key.as_ref())?;
        // The owner comes before the main cache: what this process kept from the time when it owned
        // the key may be out of date.
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
        self.inner.counters.gets.add_one();
        self.inner.counters.server_requests.add_one();
        self.get_locally(checked(key.as_ref())?).await
    }

    /// Makes all nodes forget `key`, so that its value is loaded anew. Call it after the source has
    /// changed.
    ///
    /// A load that is under way meanwhile is not kept by this process. On other nodes, a copy in the
    /// hot cache may come into being just then, and lives for [`GroupBuilder::hot_life`] at most.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`], and [`Error::NotRemoved`] when a peer could not be told. Those that
    /// could be told have forgotten the key; call again for the rest.
    pub async fn remove(&self, key: impl AsRef<[u8]>) -> Result<(), Error> {
        let key = checked(key.as_ref())?;
        // The owner first: until it has forgotten the key, the others get the old value from it.
        let owner = match self.pick_peer(key) {
            Some(owner) => owner.remove(self.name(), key).await,
            None => Ok(()),
        };
        self.remove_for_peer(key);
        let others = self.tell_all_peers(key).await;
        owner.and(others).map_err(|source| Error::NotRemoved {
            key: Bytes::copy_from_slice(key),
            source: source.into(),
        })
    }

    async fn tell_all_peers(&self, key: &[u8]) -> Result<(), BoxError> {
        let peers = self.inner.peers.as_ref().map(|picker| picker.all_peers());
        let peers = peers.unwrap_or_default();
        let told = join_all(peers.iter().map(|peer| peer.remove(self.name(), key)));
        told.await.into_iter().collect()
    }

    /// As [`Group::remove`] for a request that came from a peer: only this process forgets.
    pub fn remove_for_peer(&self, key: impl AsRef<[u8]>) {
        let key = key.as_ref();
        // In this order: a load that ends now either sees the number and does not keep its value, or
        // has kept it before the cache is cleared of it.
        self.inner.removals.fetch_add(1, Ordering::SeqCst);
        self.inner.loads.forget(key);
        self.inner.fetches.forget(key);
        self.inner.main_cache.remove(key);
    }

    fn pick_peer(&self, key: &[u8]) -> Option<Arc<dyn PeerGetter>> {
        self.inner.peers.as_ref()?.pick_peer(key)
    }

    async fn get_from_peer(
        &self,
        peer: Arc<dyn PeerGetter>,
        key: &[u8],
    ) -> Result<Option<ByteView>, Error> {
        if let Some(answer) = self.look_up_hot(key) {
            return Ok(answer);
        }
        self.inner.counters.loads.add_one();
        let group = self.clone();
        let fetch = async move |key: Bytes| {
            if let Some(answer) = group.look_up_hot(&key) {
                return Ok(answer);
            }
            group.inner.counters.loads_deduped.add_one();
            group.fetch(&*peer, key).await
        };
        fly(&self.inner.fetches, key, fetch).await
    }

    async fn fetch(&self, peer: &dyn PeerGetter, key: Bytes) -> Result<Option<ByteView>, Error> {
        let removals = self.removals();
        match peer.get(self.name(), &key).await {
            Ok(answer) => {
                self.inner.counters.peer_loads.add_one();
                // A sample is enough: what is asked for often is soon among it.
                if fastrand::u32(..HOT_SAMPLE) == 0 {
                    self.populate_hot(key, &answer, removals);
                }
                Ok(answer)
            }
            Err(error) => {
                tracing::debug!(error = &*error, "the peer gives no answer");
                self.inner.counters.peer_errors.add_one();
                let answer = self.load(&key).await?;
                // Loaded in the owner's stead, so not for the main cache: the owner will be back, and
                // nobody would tell this copy when the value changes.
                self.populate_hot(key, &answer, removals);
                Ok(answer)
            }
        }
    }

    async fn get_locally(&self, key: &[u8]) -> Result<Option<ByteView>, Error> {
        if let Some(answer) = self.look_up(key) {
            return Ok(answer);
        }
        self.inner.counters.loads.add_one();
        let group = self.clone();
        let load = async move |key: Bytes| {
            // Another flight may have landed between the look into the cache and the start of this.
            if let Some(answer) = group.look_up(&key) {
                return Ok(answer);
            }
            group.inner.counters.loads_deduped.add_one();
            let removals = group.removals();
            let answer = group.load(&key).await?;
            group.populate(key, &answer, removals);
            Ok(answer)
        };
        fly(&self.inner.loads, key, load).await
    }

    fn look_up(&self, key: &[u8]) -> Option<Option<ByteView>> {
        let answer = self.inner.main_cache.get(key)?.fresh()?;
        self.inner.counters.cache_hits.add_one();
        Some(answer)
    }

    fn look_up_hot(&self, key: &[u8]) -> Option<Option<ByteView>> {
        let answer = self.inner.main_cache.get_hot(key)?.fresh()?;
        self.inner.counters.cache_hits.add_one();
        Some(answer)
    }

    async fn load(&self, key: &Bytes) -> Result<Option<ByteView>, Error> {
        let answer = self.inner.getter.get(key).await;
        match &answer {
            Ok(_) => self.inner.counters.local_loads.add_one(),
            Err(_) => self.inner.counters.local_load_errs.add_one(),
        }
        answer.map_err(|source| Error::Load {
            key: key.clone(),
            source: source.into(),
        })
    }

    fn populate(&self, key: Bytes, answer: &Option<ByteView>, removals: u64) {
        let Some(entry) = self.inner.expiry.entry(answer) else {
            // An expired value of a key that is gone would only take room.
            self.inner.main_cache.remove(&key);
            return;
        };
        self.keep(key, removals, |key| self.inner.main_cache.add(key, entry));
    }

    fn populate_hot(&self, key: Bytes, answer: &Option<ByteView>, removals: u64) {
        if let Some(view) = answer {
            let entry = self.inner.expiry.hot_entry(view);
            self.keep(key, removals, |key| {
                self.inner.main_cache.add_hot(key, entry)
            });
        }
    }

    /// What was loaded before a removal may be the old value. That another key may have been removed
    /// is not worth telling apart.
    fn keep<F>(&self, key: Bytes, removals: u64, add: F)
    where
        F: FnOnce(Bytes) -> Result<(), TooLarge>,
    {
        if self.removals() != removals {
            return;
        }
        // Too large for its shard: the cache has counted it, and the caller has the answer anyway.
        add(key.clone()).ok();
        // A whole removal may fit between the look and the entry, so look again.
        if self.removals() != removals {
            self.inner.main_cache.remove(&key);
        }
    }

    fn removals(&self) -> u64 {
        self.inner.removals.load(Ordering::SeqCst)
    }

    /// What the group has done so far.
    pub fn stats(&self) -> Stats {
        self.inner.counters.snapshot()
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
const DEFAULT_HOT_LIFE: Duration = Duration::from_secs(10);
/// Of so many answers of peers, one is kept.
const HOT_SAMPLE: u32 = 10;

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

    /// How long a copy of another node's value may be served: 10 s unless set. For so long a reader
    /// may see an old value after the owner has a new one.
    #[must_use]
    pub fn hot_life(mut self, life: Duration) -> Self {
        self.expiry.hot = life;
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
            counters: Counters::default(),
            removals: AtomicU64::new(0),
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
