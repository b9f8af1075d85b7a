//! Finds a port.
//!
//! Without a wish the next free one will do: a second book may be open. A port that was asked for
//! by number is a promise to something else, so a taken one is an error.

use std::io::{self, ErrorKind};
use std::net::IpAddr;

use tokio::net::TcpListener;

/// Where the book is served when nothing else is asked for.
pub const DEFAULT: u16 = 7777;
/// How many ports are tried.
const TRIES: u16 = 50;

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// The port that was asked for is taken.
    #[error("port {0} is taken: leave out --port, and the next free one is used")]
    Taken(u16),
    /// All ports that were tried are taken.
    #[error("the ports {first} to {last} are all taken: choose one with --port")]
    NoneFree {
        /// The first that was tried.
        first: u16,
        /// The last.
        last: u16,
    },
    /// The address is not this machine's, or may not be used.
    #[error("cannot listen on {host}:{port}: {source}")]
    Listen {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
}

/// Listens on the port that was asked for, or on the first free one from [`DEFAULT`] on.
///
/// # Errors
///
/// When the port is taken, or none is free.
pub async fn bind(host: IpAddr, wanted: Option<u16>) -> Result<TcpListener, PortError> {
    match wanted {
        Some(port) => listen(host, port).await?.ok_or(PortError::Taken(port)),
        None => bind_from(host, DEFAULT).await,
    }
}

/// Listens on the first free port from `first` on.
///
/// # Errors
///
/// When all that are tried are taken.
pub async fn bind_from(host: IpAddr, first: u16) -> Result<TcpListener, PortError> {
    let last = first.saturating_add(TRIES - 1);
    for port in first..=last {
        if let Some(listener) = listen(host, port).await? {
            return Ok(listener);
        }
    }
    Err(PortError::NoneFree { first, last })
}

/// A listener, or nothing when the port is taken.
async fn listen(host: IpAddr, port: u16) -> Result<Option<TcpListener>, PortError> {
    match TcpListener::bind((host, port)).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(None),
        Err(source) => Err(PortError::Listen { host, port, source }),
    }
}
