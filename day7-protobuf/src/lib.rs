//! geecache: a distributed cache like [groupcache], built in seven days.
//!
//! ```
//! use bytes::Bytes;
//! use day7_protobuf::{ByteView, Group};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let squares = Group::builder("squares", |key: Bytes| async move {
//!     let n: u64 = std::str::from_utf8(&key)?.parse()?; // a slow query, say
//!     Ok(Some(ByteView::from((n * n).to_string())))
//! })
//! .capacity(1 << 20)
//! .build();
//!
//! let view = squares.get("12").await?;
//! assert_eq!(view.as_deref(), Some(&b"144"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [groupcache]: https://github.com/golang/groupcache

pub mod api;
mod byte_view;
pub mod cache;
pub mod consistent_hash;
mod error;
mod expiry;
mod getter;
mod group;
mod groups;
mod handler;
mod health;
mod http_pool;
pub mod lru;
mod members;
mod metrics;
pub mod path;
mod peer;
mod peer_url;
mod peers;
mod server;
mod shard;
pub mod singleflight;
mod stats;
pub mod wire;

pub use byte_view::ByteView;
pub use error::{BoxError, Error};
pub use expiry::Entry;
pub use getter::{Answer, Getter};
pub use group::{Group, GroupBuilder};
pub use groups::{DuplicateGroup, Groups};
pub use http_pool::{HttpPool, HttpPoolOptions};
pub use path::BasePath;
pub use peer_url::{InvalidPeerUrl, PeerUrl};
pub use peers::{PeerGetter, PeerPicker};
pub use stats::Stats;
