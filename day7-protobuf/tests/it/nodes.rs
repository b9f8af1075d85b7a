//! Nodes of a cluster inside the test's own process, and peers that do what a peer should not.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::geecache::consistent_hash::Map;
use crate::geecache::{
    Answer, ByteView, Getter, Group, Groups, HttpPool, HttpPoolOptions, PeerUrl, wire,
};
use crate::support::in_time;

/// An address that is free, and stays so: it lies below the ports that systems hand out by
/// themselves, so that it can be let go and taken again.
pub(crate) fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from(([127, 0, 0, 1], fastrand::u16(10_000..30_000)));
        if std::net::TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

pub(crate) fn url(address: SocketAddr) -> PeerUrl {
    format!("http://{address}").parse().unwrap()
}

/// For tests in which no deadline has a part: a busy machine must not bring it in.
pub(crate) fn patient() -> HttpPoolOptions {
    HttpPoolOptions {
        peer_timeout: Duration::from_secs(3600),
        ..Default::default()
    }
}

/// The value of `key` by the getter [`saying`] `name`.
pub(crate) fn said(name: &str, key: impl AsRef<[u8]>) -> ByteView {
    [name.as_bytes(), b": ", key.as_ref()].concat().into()
}

/// A getter whose values tell who loaded them.
pub(crate) fn saying(name: &'static str) -> impl Getter {
    move |key: Bytes| async move { Ok(Some(said(name, key))) }
}

/// The keys that a getter was asked for.
#[derive(Clone, Default)]
pub(crate) struct Loads(Arc<Mutex<Vec<Bytes>>>);

impl Loads {
    pub(crate) fn keys(&self) -> Vec<Bytes> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.keys().len()
    }
}

struct Logged<G> {
    getter: G,
    loads: Loads,
}

impl<G: Getter> Getter for Logged<G> {
    fn get<'a>(&'a self, key: &'a Bytes) -> BoxFuture<'a, Answer> {
        self.loads.0.lock().unwrap().push(key.clone());
        self.getter.get(key)
    }
}

/// A process of a cluster, as far as it asks: a pool, and a group "scores" that has it for its peers.
pub(crate) struct Member {
    pub(crate) pool: HttpPool,
    pub(crate) group: Group,
    pub(crate) loads: Loads,
}

impl Member {
    pub(crate) fn new(options: HttpPoolOptions, getter: impl Getter) -> Self {
        let (pool, loads) = (HttpPool::new(options), Loads::default());
        let getter = Logged {
            getter,
            loads: loads.clone(),
        };
        // A copy of another node's value is out of date at once: chance has no say in who is asked.
        let group = Group::builder("scores", getter)
            .peers(pool.clone())
            .hot_life(Duration::ZERO)
            .build();
        Self { pool, group, loads }
    }

    /// One that owns no key: they all belong to `peer`. What it loads itself, "asker" says.
    pub(crate) fn asking(peer: SocketAddr, options: HttpPoolOptions) -> Self {
        let asker = Self::new(options, saying("asker"));
        asker.pool.set_peers([url(peer)]);
        asker
    }

    /// The value of a key that has one.
    pub(crate) async fn get(&self, key: impl AsRef<[u8]>) -> ByteView {
        let answer = in_time("a value", self.group.get(key)).await;
        answer.unwrap().expect("a value")
    }
}

/// A member that also serves, until it is dropped.
pub(crate) struct Node {
    pub(crate) member: Member,
    pub(crate) address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Node {
    /// A node whose values are what `name` says.
    pub(crate) async fn start(name: &'static str) -> Self {
        Self::with(patient(), saying(name)).await
    }

    pub(crate) async fn with(options: HttpPoolOptions, getter: impl Getter) -> Self {
        Self::at(free_address(), options, getter).await
    }

    pub(crate) async fn at(
        address: SocketAddr,
        mut options: HttpPoolOptions,
        getter: impl Getter,
    ) -> Self {
        options.self_url.get_or_insert_with(|| url(address));
        let member = Member::new(options, getter);
        let groups = Groups::new();
        groups.add(member.group.clone()).unwrap();
        let listener = TcpListener::bind(address).await.unwrap();
        let pool = member.pool.clone();
        let serving = tokio::spawn(async move {
            let for_ever = std::future::pending();
            pool.serve(listener, groups, for_ever).await
        });
        Self {
            member,
            address,
            serving,
        }
    }

    pub(crate) fn url(&self) -> PeerUrl {
        url(self.address)
    }

    pub(crate) async fn get(&self, key: impl AsRef<[u8]>) -> ByteView {
        self.member.get(key).await
    }

    /// Ends all connections at once, as a process that is killed, and frees the port.
    pub(crate) async fn kill(mut self) {
        self.serving.abort();
        in_time("the end of the node", &mut self.serving).await.ok();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Makes these nodes the members of each other's pools.
pub(crate) fn join(nodes: &[&Node]) {
    for node in nodes {
        let urls = nodes.iter().map(|node| node.url());
        node.member.pool.set_peers(urls);
    }
}

/// Keys without end that belong to `owner` among `nodes`.
pub(crate) fn keys_of(owner: &Node, nodes: &[&Node]) -> impl Iterator<Item = String> + use<> {
    let mut ring = Map::new(HttpPoolOptions::default().replicas);
    ring.extend(nodes.iter().map(|node| node.url().to_string()));
    let owner = owner.url().to_string();
    let keys = (0..).map(|i| format!("key{i}"));
    keys.filter(move |key| ring.get(key) == Some(&owner))
}

/// What a [`FakePeer`] does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Nothing, and keeps the connection.
    Silence,
    /// Answers what only sees whether the peer is there, and is silent on everything else.
    SignsOfLife,
    /// Sends these bytes and waits for the next request.
    Send(Bytes),
    /// Sends these bytes and closes the connection.
    SendAndClose(Bytes),
}

impl Reply {
    pub(crate) fn status(status: &str) -> Self {
        Self::Send(response(status, b"some text"))
    }

    pub(crate) fn value(view: impl Into<ByteView>) -> Self {
        Self::Send(response("200 OK", &wire::encode(view.into())))
    }
}

/// An HTTP response with its length.
pub(crate) fn response(status: &str, body: &[u8]) -> Bytes {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat().into()
}

/// A listener that says to every request what it was told to say.
pub(crate) struct FakePeer {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    reply: Mutex<Reply>,
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

impl FakePeer {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            reply: Mutex::new(reply),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, state.clone()));
        Self {
            address,
            state,
            accepting,
        }
    }

    pub(crate) fn replies(&self, reply: Reply) {
        *self.state.reply.lock().unwrap() = reply;
    }

    /// The heads of the requests so far, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }

    /// How many of them wanted a value, and did not only see whether the peer is there.
    pub(crate) fn gets(&self) -> usize {
        let requests = self.requests();
        requests.iter().filter(|r| r.starts_with("get ")).count()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl Drop for FakePeer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Dropped with this future, and the connections with it.
    let mut tasks = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        tasks.spawn(converse(stream, state.clone()));
    }
}

async fn converse(mut stream: TcpStream, state: Arc<State>) {
    while let Some(head) = read_head(&mut stream).await {
        let without_body = head.starts_with("head ");
        state.requests.lock().unwrap().push(head);
        let reply = state.reply.lock().unwrap().clone();
        let sent = match &reply {
            Reply::SignsOfLife if without_body => {
                let refusal = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(refusal).await
            }
            Reply::Silence | Reply::SignsOfLife => std::future::pending().await,
            Reply::Send(bytes) | Reply::SendAndClose(bytes) => match head_of(bytes) {
                Some(head) if without_body => stream.write_all(head).await,
                _ => stream.write_all(bytes).await,
            },
        };
        if sent.is_err() || matches!(reply, Reply::SendAndClose(_)) {
            return;
        }
    }
}

fn head_of(response: &[u8]) -> Option<&[u8]> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(&response[..end + 4])
}

/// The next request, or `None` at the end of the connection.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap().to_ascii_lowercase())
}
