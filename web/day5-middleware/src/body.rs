//! What a request or a response carries.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::BoxStream;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use sync_wrapper::SyncStream;

use crate::BoxError;

/// The bytes of a request or a response. One type serves both, so that a test can hand a request
/// to an [`Engine`](crate::Engine) without a socket.
pub struct Body(Inner);

enum Inner {
    /// All of it is here, and its length is known: nothing can fail any more.
    Whole(Full<Bytes>),
    /// It arrives from the network, as fast as it is read.
    Incoming(Incoming),
    /// It is made while it is sent. The wrapper makes a body `Sync`, so that a handler may lend out
    /// its `Context` across an await.
    Stream(SyncStream<BoxStream<'static, Result<Bytes, BoxError>>>),
    /// A reader has it. To read it is an error, because an empty body would be a lie.
    Taken,
}

impl Body {
    /// A body of no bytes.
    pub fn empty() -> Self {
        Bytes::new().into()
    }

    /// What stands in for a body while it is read, and stays if it cannot be given back.
    pub(crate) fn taken() -> Self {
        Self(Inner::Taken)
    }

    pub(crate) fn stream(
        chunks: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    ) -> Self {
        Self(Inner::Stream(SyncStream::new(Box::pin(chunks))))
    }

    /// Reads all of it, into at most `limit` bytes of memory.
    ///
    /// # Errors
    ///
    /// When there is more, when the sender breaks off, or when a stream fails.
    ///
    /// # Cancel safety
    ///
    /// What was read is lost with the future.
    pub async fn bytes(self, limit: usize) -> Result<Bytes, BodyError> {
        if self.size_hint().lower() > limit as u64 {
            return Err(BodyError::TooLarge { limit });
        }
        match Limited::new(self, limit).collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge { limit }),
            Err(error) => Err(BodyError::Broken(error)),
        }
    }
}

/// Why a body could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// There is more of it than may be kept.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// How many bytes it may have.
        limit: usize,
    },
    /// It ended too early, or broke a rule of HTTP.
    #[error("the body cannot be read: {0}")]
    Broken(#[source] BoxError),
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Whole(Full::new(bytes)))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<Incoming> for Body {
    fn from(incoming: Incoming) -> Self {
        Self(Inner::Incoming(incoming))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Body").field(&self.size_hint()).finish()
    }
}

/// What hyper asks of a body that it sends.
impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Inner::Whole(whole) => Pin::new(whole)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Inner::Incoming(incoming) => Pin::new(incoming).poll_frame(cx).map_err(Into::into),
            Inner::Stream(stream) => {
                let chunk = Pin::new(stream).poll_next(cx);
                chunk.map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
            }
            Inner::Taken => {
                let error = "an earlier read took it and did not give it back";
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Whole(whole) => whole.is_end_stream(),
            Inner::Incoming(incoming) => incoming.is_end_stream(),
            Inner::Stream(_) | Inner::Taken => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(whole) => whole.size_hint(),
            Inner::Incoming(incoming) => incoming.size_hint(),
            Inner::Stream(_) | Inner::Taken => SizeHint::default(),
        }
    }
}
