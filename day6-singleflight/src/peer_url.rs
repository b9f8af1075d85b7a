//! The address of a node, as written by whoever configured the cluster.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hyper::Uri;

/// The base URL of a node, such as `http://10.0.0.7:8001`.
///
/// Its text stays as it was written, because the ring hashes the text and all nodes must hash the
/// same. Equality and [`PeerUrl::is_same_node`] differ for that reason.
///
/// ```
/// use day6_singleflight::PeerUrl;
///
/// let a: PeerUrl = "http://Node-1".parse()?;
/// let b: PeerUrl = "http://node-1:80/".parse()?;
/// assert!(a != b && a.is_same_node(&b));
/// # Ok::<(), day6_singleflight::InvalidPeerUrl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerUrl(Arc<str>);

/// A text that is not the base URL of a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is not the URL of a peer; write it as http://host:port")]
pub struct InvalidPeerUrl {
    /// The text.
    pub url: String,
}

impl PeerUrl {
    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are one node as far as spelling can tell: letter case in the host's name, the
    /// default port and a slash at the end make no difference. Two names of one host do.
    pub fn is_same_node(&self, other: &PeerUrl) -> bool {
        self.normalised() == other.normalised()
    }

    /// The URL of a path on this node.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.trim_end_matches('/'))
    }

    fn normalised(&self) -> (String, u16, &str) {
        let uri: Uri = self.0.parse().unwrap_or_default();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let path = self.0.trim_end_matches('/');
        let path = path.splitn(4, '/').nth(3).unwrap_or_default();
        (host, uri.port_u16().unwrap_or(80), path)
    }
}

impl FromStr for PeerUrl {
    type Err = InvalidPeerUrl;

    fn from_str(url: &str) -> Result<Self, InvalidPeerUrl> {
        let invalid = || InvalidPeerUrl { url: url.into() };
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(invalid)?;
        let port = uri.port_u16().map(|port| format!(":{port}"));
        let authority = format!("{host}{}", port.unwrap_or_default());
        // A password, a port that is no number and what follows a `#` would be dropped silently.
        let is_whole = uri.authority().is_some_and(|a| a.as_str() == authority);
        if uri.scheme_str() != Some("http") || !is_whole || url.contains(['?', '#']) {
            return Err(invalid());
        }
        Ok(Self(url.into()))
    }
}

impl fmt::Display for PeerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
