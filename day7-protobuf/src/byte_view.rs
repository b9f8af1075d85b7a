//! A value of the cache: bytes that many readers share and nobody can change.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use crate::lru::Weigh;

/// An immutable view of bytes. Cloning it counts one more reader and copies nothing.
///
/// The caller of a cache cannot change what the cache holds, because there is no way to ask for
/// `&mut` bytes:
///
/// ```compile_fail
/// fn scribble(view: &mut day7_protobuf::ByteView) {
///     view[0] = b'x';
/// }
/// ```
///
/// Reading is another matter:
///
/// ```
/// fn first(view: &mut day7_protobuf::ByteView) -> u8 {
///     view[0]
/// }
/// ```
///
/// A view made from a slice of a larger [`Bytes`] keeps the whole buffer alive, while it weighs only
/// its own length: copy such a slice before you hand it to a cache.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct ByteView(Bytes);

impl ByteView {
    /// The bytes, still shared.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl Deref for ByteView {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for ByteView {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Weigh for ByteView {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl From<Bytes> for ByteView {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for ByteView {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<String> for ByteView {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&'static str> for ByteView {
    fn from(text: &'static str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for ByteView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
