//! geebolt: a key-value store in a single file, like [bbolt], whose files it reads and
//! writes. Built in seven days.
//!
//! The file is a row of pages of equal size, and each page says at its beginning what it is.
//! A file is input: it may be damaged, or made to do harm, so nothing in it is believed
//! before it is checked.
//!
//! [bbolt]: https://github.com/etcd-io/bbolt

mod backup;
mod batch;
mod bucket;
mod bucket_mut;
mod check;
mod compact;
mod cursor;
mod cursor_mut;
mod data;
mod db;
mod delete;
mod disk;
mod draft;
mod elements;
mod error;
mod extent;
mod form;
mod freelist;
mod ids;
mod init;
mod lock;
mod map;
mod meta;
mod move_bucket;
mod node;
mod nodes;
mod options;
mod page;
mod pages;
mod range;
mod reach;
mod rebalance;
mod rw;
mod seek;
mod spill;
mod split;
mod stats;
mod surgery;
mod tx;
mod visit;
mod writer;
mod written;

pub use bucket::Bucket;
pub use bucket_mut::BucketMut;
pub use compact::compact;
pub use cursor::Cursor;
pub use cursor_mut::CursorMut;
pub use db::DB;
pub use disk::Disk;
pub use elements::{Branch, Child, Entry, Leaf};
pub use error::{Error, MetaFault, PageFault};
pub use ids::{PageId, PageSize, TxId};
pub use init::{create, empty};
pub use lock::Access;
pub use meta::{Meta, Metas};
pub use options::Options;
pub use page::{Kind, Page};
pub use pages::{Pages, Walk};
pub use range::Range;
pub use rw::RwTx;
pub use stats::{Stats, Usage};
pub use surgery::revert_meta;
pub use tx::Tx;
