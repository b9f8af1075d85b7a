//! Where the values come from when the cache does not have them.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::{BoxError, ByteView};

/// What a source knows of a key: its value, `None` if the key does not exist, or that the source
/// could not tell.
pub type Answer = Result<Option<ByteView>, BoxError>;

/// The source of the values of a [`Group`](crate::Group): a database, a file, a computation.
///
/// A closure from a key to a future is a getter, and so is any type that implements this trait.
/// The future is boxed, because a group holds its getter as `dyn Getter`, which an `async fn` in a
/// trait does not allow; beside a load, the allocation is nothing.
///
/// # Cancel safety
///
/// A caller that loses interest drops the future, so `get` must not leave anything half done at any
/// of its awaits.
pub trait Getter: Send + Sync + 'static {
    /// Loads the value of `key`.
    fn get<'a>(&'a self, key: &'a Bytes) -> BoxFuture<'a, Answer>;
}

impl<F, Fut> Getter for F
where
    F: Fn(Bytes) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    fn get<'a>(&'a self, key: &'a Bytes) -> BoxFuture<'a, Answer> {
        Box::pin(self(key.clone()))
    }
}
