//! What a client may take.

use std::time::Duration;

/// Bounds on what each client, and all of them together, may take of a server. The size of bodies is
/// bounded by [`Engine::body_limit`](crate::Engine::body_limit).
///
/// ```
/// use std::time::Duration;
/// use web_day7_panic_recover::{Engine, Limits};
///
/// let mut engine = Engine::classic();
/// engine.limits(Limits {
///     max_connections: 200,
///     shutdown_grace: Duration::from_secs(5),
///     ..Limits::default()
/// });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections there may be: 10,000. Others wait in the listener's backlog. Each takes one
    /// descriptor, so this belongs below the process's own limit.
    pub max_connections: usize,
    /// How long a connection may wait for its next request, or a request's head may take: 30 s.
    pub header_timeout: Duration,
    /// How large a request line and its headers may be together, in bytes: 16 KiB, and at least 8 KiB. A
    /// larger head is answered with 431.
    pub max_header_bytes: usize,
    /// How long a body may take to arrive, besides what `min_body_rate` grants: 20 s. A slower one is
    /// answered with 408.
    pub body_timeout: Duration,
    /// A client that sends this many bytes is granted another second for its body: 1,024, and at least
    /// one. A total time alone would forbid large uploads, and a time for each read would let a client send a byte a
    /// minute.
    pub min_body_rate: u32,
    /// How long a client may take nothing of its answer: 30 s.
    pub write_timeout: Duration,
    /// How long requests may go on after a shutdown began: 10 s.
    pub shutdown_grace: Duration,
}

impl Limits {
    /// Who wants no limit writes `Duration::MAX`, and no clock can count so far.
    pub(crate) fn countable(mut self) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        for time in [
            &mut self.header_timeout,
            &mut self.body_timeout,
            &mut self.write_timeout,
            &mut self.shutdown_grace,
        ] {
            *time = YEAR.min(*time);
        }
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            header_timeout: Duration::from_secs(30),
            max_header_bytes: 16 << 10,
            body_timeout: Duration::from_secs(20),
            min_body_rate: 1 << 10,
            write_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
