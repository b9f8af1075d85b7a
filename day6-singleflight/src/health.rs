//! Whether a peer is worth asking.
//!
//! A peer is down from the first connection that fails or deadline that it misses. Requests then skip
//! it, so that its failure costs one deadline and not one a request, while a task in the background
//! tries it at growing intervals until it answers anything at all.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;

/// The health of one peer.
pub(crate) struct Health {
    down: AtomicBool,
    /// Falls and failed probes since the last good answer. A probe that succeeds does not reset it: a
    /// peer that answers probes and misses deadlines is tried less and less often.
    failures: AtomicU32,
    probe: Probe,
}

/// Asks the peer for anything; true if it answered within the deadline.
pub(crate) type Probe = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Health {
    pub(crate) fn new(probe: Probe) -> Arc<Self> {
        Arc::new(Self {
            down: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            probe,
        })
    }

    pub(crate) fn is_down(&self) -> bool {
        self.down.load(Ordering::Relaxed)
    }

    /// The peer gave an answer, whatever it said.
    pub(crate) fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// The peer could not be reached or missed its deadline. Returns whether it was up until now.
    pub(crate) fn failed(self: &Arc<Self>) -> bool {
        let was_up = !self.down.swap(true, Ordering::Relaxed);
        if was_up {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(probe_until_up(Arc::downgrade(self)));
        }
        was_up
    }

    /// Doubles with every failure. Up to half of it is chance, lest all nodes of a cluster fall upon
    /// a peer that comes back in the same instant.
    fn pause(&self) -> Duration {
        let failures = self.failures.load(Ordering::Relaxed);
        let doublings = failures.saturating_sub(1).min(10);
        let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
        pause.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

/// Holds the health weakly: when the peer leaves the pool, its probing ends.
async fn probe_until_up(health: Weak<Health>) {
    loop {
        let Some(pause) = health.upgrade().map(|health| health.pause()) else {
            return;
        };
        tokio::time::sleep(pause).await;
        let Some(probe) = health.upgrade().map(|health| (health.probe)()) else {
            return;
        };
        let answered = probe.await;
        let Some(health) = health.upgrade() else {
            return;
        };
        if answered {
            health.down.store(false, Ordering::Relaxed);
            return;
        }
        health.failures.fetch_add(1, Ordering::Relaxed);
    }
}
