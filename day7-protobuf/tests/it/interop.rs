//! Our binary and the real groupcache in one ring. What Go does is in tests/interop/main.go.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;

use bytes::Bytes;
use futures_util::future::join_all;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use tempfile::TempDir;

use crate::geecache::consistent_hash::Map;
use crate::geecache::{BasePath, wire};
use crate::nodes::{free_address, url};
use crate::protobuf;
use crate::support::{Client, eventually};

/// The Go program and a file of data, in a directory that goes with the last test that uses it.
fn go_program() -> Arc<TempDir> {
    static BUILT: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
    let mut built = BUILT.lock().unwrap();
    if let Some(built) = built.upgrade() {
        return built;
    }
    let dir = Arc::new(tempfile::tempdir().unwrap());
    let mut build = Command::new("go");
    build
        .args(["build", "-o"])
        .arg(dir.path().join("interop"))
        .arg("main.go")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop"))
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        // There need not be a home directory, and the next run finds it.
        .env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"))
        .env_remove("GOFLAGS");
    let output = build.output().expect("go can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    std::fs::write(dir.path().join("data.json"), data()).unwrap();
    *built = Arc::downgrade(&dir);
    dir
}

/// A process that stops with its standard input, and the lines that it has printed so far.
struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let read = lines.clone();
        let reader = std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                read.lock().unwrap().push(line);
            }
        });
        Self {
            child,
            lines,
            reader: Some(reader),
        }
    }

    async fn serves(&self) {
        let serving = |line: &String| line.starts_with("serving ");
        eventually("a node that serves", async || {
            self.lines.lock().unwrap().iter().any(serving)
        })
        .await;
    }

    async fn stop(&mut self) {
        drop(self.child.stdin.take());
        eventually("the end of a process", async || {
            self.child.try_wait().unwrap().is_some()
        })
        .await;
        self.read_to_end();
    }

    fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        self.read_to_end();
    }

    fn read_to_end(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Go,
    Rust,
}

use Kind::{Go, Rust};

struct Node {
    kind: Kind,
    url: String,
    address: SocketAddr,
    api: SocketAddr,
    process: Process,
}

impl Node {
    fn start(kind: Kind, [address, api]: [SocketAddr; 2], peers: &str, dir: &Path) -> Self {
        let url = url(address).to_string();
        let mut command = match kind {
            Go => Command::new(dir.join("interop")),
            Rust => Command::new(env!("CARGO_BIN_EXE_day7-protobuf")),
        };
        match kind {
            Go => command.args(["node", &url, peers, &api.to_string()]),
            Rust => command
                .args(["--stop-with-stdin", "--base-path", "/_groupcache/"])
                .args(["--listen", &address.to_string(), "--self-url", &url])
                .args(["--peers", peers, "--api", &api.to_string(), "--data"]),
        };
        let process = Process::start(command.arg(dir.join("data.json")).env("RUST_LOG", "off"));
        Self {
            kind,
            url,
            address,
            api,
            process,
        }
    }

    /// What it prints when it loads `key`.
    fn load_line(&self, key: &str) -> String {
        match self.kind {
            Go => {
                let mut line = String::from("load ");
                for byte in key.bytes() {
                    write!(line, "{byte:02x}").unwrap();
                }
                line
            }
            Rust => format!(
                "[slow database] search key {:?}",
                Bytes::copy_from_slice(key.as_bytes())
            ),
        }
    }

    fn loads(&self, key: &str) -> usize {
        let (line, lines) = (self.load_line(key), self.process.lines.lock().unwrap());
        lines.iter().filter(|l| **l == line).count()
    }
}

/// Processes that share one ring.
struct Cluster {
    nodes: Vec<Node>,
    ring: Map,
    /// For as long as the processes need it.
    _program: Arc<TempDir>,
}

impl Cluster {
    async fn start(kinds: &[Kind]) -> Self {
        let program = go_program();
        let mut addresses = HashSet::new();
        while addresses.len() < 2 * kinds.len() {
            addresses.insert(free_address());
        }
        let addresses: Vec<SocketAddr> = addresses.into_iter().collect();
        let addresses = || addresses.chunks(2).map(|pair| [pair[0], pair[1]]);
        let urls: Vec<String> = addresses().map(|[a, _]| url(a).to_string()).collect();
        let start =
            |(&kind, addresses)| Node::start(kind, addresses, &urls.join(","), program.path());
        let nodes: Vec<Node> = kinds.iter().zip(addresses()).map(start).collect();
        for node in &nodes {
            node.process.serves().await;
        }
        let mut ring = Map::new(50);
        ring.extend(urls);
        Self {
            nodes,
            ring,
            _program: program,
        }
    }

    fn node(&self, kind: Kind) -> &Node {
        self.nodes.iter().find(|node| node.kind == kind).unwrap()
    }

    fn owner(&self, key: &str) -> &Node {
        let owner = self.ring.get(key).unwrap();
        self.nodes.iter().find(|node| node.url == owner).unwrap()
    }

    /// One of the keys that have a value and belong to a node of this kind.
    fn key_of(&self, kind: Kind) -> String {
        let mut keys = keys().into_iter();
        keys.find(|key| self.owner(key).kind == kind).unwrap()
    }

    /// A key that has no value and belongs to a node of this kind.
    fn missing_key_of(&self, kind: Kind) -> String {
        let mut keys = (0..).map(|i| format!("missing + {i}%"));
        keys.find(|key| self.owner(key).kind == kind).unwrap()
    }

    /// Asks every node for every key, the first question going to each of the nodes in turn, and sees
    /// that all give its value.
    async fn all_nodes_have_all_values(&self) {
        let keys: Vec<(usize, String)> = keys().into_iter().enumerate().collect();
        join_all(keys.chunks(50).map(async |keys| {
            let mut clients = Vec::new();
            for node in &self.nodes {
                clients.push(Client::connect(node.api).await);
            }
            for (i, key) in keys {
                for turn in 0..clients.len() {
                    let asked = (i + turn) % clients.len();
                    let response = clients[asked].get(&api_path(key)).await;
                    let kind = self.nodes[asked].kind;
                    assert_eq!(response.status(), StatusCode::OK, "{key:?} from {kind:?}");
                    assert_eq!(*response.body(), value_of(key), "{key:?} from {kind:?}");
                }
            }
        }))
        .await;
    }

    /// Stops all processes, and sees that each key was loaded once, by the owner that our ring names.
    async fn each_key_was_loaded_once_by_its_owner(mut self) {
        for node in &mut self.nodes {
            node.process.stop().await;
        }
        let mut owned: HashMap<&str, usize> = HashMap::new();
        for key in keys() {
            let owner = self.owner(&key);
            for node in &self.nodes {
                let expected = usize::from(node.url == owner.url);
                assert_eq!(node.loads(&key), expected, "{key:?} by {:?}", node.kind);
            }
            *owned.entry(&owner.url).or_default() += 1;
        }
        // Or the test has not shown much.
        assert_eq!(owned.len(), self.nodes.len(), "{owned:?}");
    }
}

async fn get(node: &Node, key: &str) -> (StatusCode, Bytes) {
    let response = Client::connect(node.api).await.get(&api_path(key)).await;
    (response.status(), response.into_body())
}

fn api_path(key: &str) -> String {
    format!(
        "/api?key={}",
        percent_encode(key.as_bytes(), NON_ALPHANUMERIC)
    )
}

/// Everything that one side might write or read in another way.
fn keys() -> Vec<String> {
    const TRICKY: [&str; 34] = [
        "a b",
        "a+b",
        "a%20b",
        "a%2Bb",
        "a%b",
        "a%zz",
        "%",
        "+",
        " ",
        "++",
        "  ",
        "100%",
        "é",
        "a é+b%c",
        "ü/ö",
        "/",
        "//",
        "a/b",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "\"quoted\"",
        "it's",
        "a?b=c&d",
        "a#b",
        "a;b=c",
        "\\",
        "日本",
        "😀",
        "a\tb",
        "a\r\nb",
    ];
    let plain = TRICKY.map(String::from).into_iter();
    let more = (0..266).map(|i| format!("{}{i}", TRICKY[i % TRICKY.len()]));
    plain.chain(more).collect()
}

fn value_of(key: &str) -> String {
    match key {
        "+" => String::new(),
        key => format!("value of {key}"),
    }
}

fn data() -> Vec<u8> {
    let data = keys().into_iter().map(|key| (key.clone(), value_of(&key)));
    serde_json::to_vec(&data.collect::<HashMap<_, _>>()).unwrap()
}

#[test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
fn interop_go_writes_the_golden_bytes() {
    let program = go_program();
    let golden = Command::new(program.path().join("interop"))
        .arg("golden")
        .output();
    let golden = String::from_utf8(golden.unwrap().stdout).unwrap();
    let expected: [(&str, &[u8]); 8] = [
        ("request", protobuf::REQUEST),
        ("request-0xff", protobuf::REQUEST_0XFF),
        ("request-long", &protobuf::long_request()),
        ("response", protobuf::RESPONSE),
        ("response-empty", protobuf::RESPONSE_EMPTY),
        ("response-none", protobuf::RESPONSE_NONE),
        ("response-qps", protobuf::RESPONSE_QPS),
        ("response-long", &protobuf::long_response()),
    ];
    let mut lines = golden.lines();
    for (name, bytes) in expected {
        let mut line = format!("{name} ");
        for byte in bytes {
            write!(line, "{byte:02x}").unwrap();
        }
        assert_eq!(lines.next(), Some(&*line));
    }
    assert_eq!(lines.next(), None);
}

#[tokio::test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
async fn interop_a_go_node_sends_what_we_decode() {
    let cluster = Cluster::start(&[Go]).await;
    let base: BasePath = "/_groupcache/".parse().unwrap();
    let mut client = Client::connect(cluster.nodes[0].address).await;
    for key in keys() {
        let response = client.get(&base.join("scores", key.as_bytes())).await;
        assert_eq!(response.status(), StatusCode::OK, "{key:?}");
        assert_eq!(response.headers()[CONTENT_TYPE], wire::CONTENT_TYPE);
        let view = wire::decode(response.into_body()).unwrap();
        assert_eq!(&view[..], value_of(&key).as_bytes(), "{key:?}");
    }
    cluster.each_key_was_loaded_once_by_its_owner().await;
}

#[tokio::test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
async fn interop_go_and_rust_load_each_key_once_between_them() {
    let cluster = Cluster::start(&[Go, Rust]).await;
    cluster.all_nodes_have_all_values().await;
    cluster.each_key_was_loaded_once_by_its_owner().await;
}

#[tokio::test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
async fn interop_two_nodes_of_ours_and_one_of_go_make_a_ring() {
    let cluster = Cluster::start(&[Rust, Go, Rust]).await;
    cluster.all_nodes_have_all_values().await;
    cluster.each_key_was_loaded_once_by_its_owner().await;
}

#[tokio::test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
async fn interop_a_key_that_does_not_exist_is_missing_whoever_owns_it() {
    let cluster = Cluster::start(&[Go, Rust]).await;
    for owner in [Go, Rust] {
        let key = cluster.missing_key_of(owner);
        for asked in [Rust, Go] {
            let (status, _) = get(cluster.node(asked), &key).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{owner:?}'s, from {asked:?}");
        }
    }
}

#[tokio::test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
async fn interop_when_the_go_node_is_killed_ours_answers_for_it() {
    let mut cluster = Cluster::start(&[Go, Rust]).await;
    let keys_of_go: Vec<String> = keys()
        .into_iter()
        .filter(|key| cluster.owner(key).kind == Go)
        .take(30)
        .collect();
    let missing = cluster.missing_key_of(Go);
    get(cluster.node(Rust), &keys_of_go[0]).await;
    cluster.nodes[0].process.kill();
    let rust = cluster.node(Rust);
    for key in keys_of_go {
        let expected = (StatusCode::OK, value_of(&key).into());
        assert_eq!(get(rust, &key).await, expected, "{key:?}");
    }
    assert_eq!(get(rust, &missing).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
#[ignore = "needs Go: apt-get install golang-go golang-github-golang-groupcache-dev"]
async fn interop_a_removal_says_that_go_forgets_nothing() {
    let cluster = Cluster::start(&[Rust, Go, Rust]).await;
    let remover = &cluster.nodes[0];
    for kind in [Go, Rust] {
        let key = cluster.key_of(kind);
        let expected = (StatusCode::OK, Bytes::from(value_of(&key)));
        for node in &cluster.nodes {
            assert_eq!(get(node, &key).await, expected);
        }
        let mut client = Client::connect(remover.api).await;
        let response = client.send(Method::DELETE, &api_path(&key)).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        for node in &cluster.nodes {
            assert_eq!(get(node, &key).await, expected);
        }
        // Our owner has forgotten the key and loaded it anew.
        let owner = cluster.owner(&key);
        let again = |loads| match kind {
            Go => loads == 1,
            Rust => loads >= 2,
        };
        eventually("the loads", async || again(owner.loads(&key))).await;
    }
}
