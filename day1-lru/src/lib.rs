//! geecache: a distributed cache like [groupcache], built in seven days.
//!
//! [groupcache]: https://github.com/golang/groupcache

pub mod lru;
