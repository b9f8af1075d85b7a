//! geebolt: a key-value store in a single file, like [bbolt], whose files it reads and
//! writes. Built in seven days.
//!
//! The file is a row of pages of equal size, and each page says at its beginning what it is.
//! A file is input: it may be damaged, or made to do harm, so nothing in it is believed
//! before it is checked.
//!
//! [bbolt]: https://github.com/etcd-io/bbolt

mod elements;
mod error;
mod ids;
mod init;
mod meta;
mod page;
mod pages;

pub use elements::{Branch, Child, Entry, Leaf};
pub use error::{Error, MetaFault, PageFault};
pub use ids::{PageId, PageSize, TxId};
pub use init::{create, empty};
pub use meta::{Meta, Metas};
pub use page::{Kind, Page};
pub use pages::{Pages, Walk};
