//! A body that has to arrive in time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::{BodyError, BoxError, Limits};

/// A body from the network, with its deadline.
#[derive(Debug)]
pub(crate) struct Arriving {
    incoming: Incoming,
    limits: Limits,
    received: u64,
    /// How long it was waited for before. What the handler does between two reads is no fault of the
    /// client.
    waited: Duration,
    /// Since when it is waited for now.
    since: Option<Instant>,
    /// Most bodies arrive with their head, and never need it.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    pub(crate) fn new(incoming: Incoming, limits: Limits) -> Self {
        Self {
            incoming,
            limits,
            received: 0,
            waited: Duration::ZERO,
            since: None,
            timer: None,
        }
    }

    fn deadline(&mut self) -> Instant {
        let since = *self.since.get_or_insert_with(Instant::now);
        let rate = f64::from(self.limits.min_body_rate.max(1));
        let granted = Duration::from_secs_f64(self.received as f64 / rate);
        let allowed = self.limits.body_timeout + granted;
        since + allowed.saturating_sub(self.waited)
    }

    /// Ready when the time is over.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline();
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }

    fn has_come(&mut self, bytes: usize) {
        self.received += bytes as u64;
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) else {
            ready!(self.poll_late(cx));
            return Poll::Ready(Some(Err(BodyError::TimedOut.into())));
        };
        let data = frame.as_ref().and_then(|f| f.as_ref().ok()?.data_ref());
        self.has_come(data.map_or(0, Bytes::len));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
