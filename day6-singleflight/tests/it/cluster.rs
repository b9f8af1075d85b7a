//! The binary in a cluster: nodes that find each other, and what happens when processes die.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use hyper::StatusCode;

use crate::geecache::HttpPoolOptions;
use crate::geecache::consistent_hash::Map;
use crate::nodes::{free_address, url};
use crate::support::{Client, eventually, in_time, path, value};

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_day6-singleflight"));
    command
        .args(args)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    command
}

/// A process that does not outlive its test, and the lines that it has printed so far.
struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    fn start(args: &[&str]) -> Self {
        Self::read_until(|_| false, args)
    }

    /// One whose standard output is closed after the line that is the `last`.
    fn read_until(last: fn(&str) -> bool, args: &[&str]) -> Self {
        let mut command = command(args);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let read = lines.clone();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let is_last = last(&line);
                read.lock().unwrap().push(line);
                if is_last {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a line that begins with `start`, and returns the rest of it.
    async fn line(&self, start: &str) -> String {
        let mut rest = None;
        eventually(start, async || {
            let lines = self.lines();
            let mut rests = lines.iter().filter_map(|line| line.strip_prefix(start));
            rest = rests.next().map(String::from);
            rest.is_some()
        })
        .await;
        rest.unwrap()
    }

    async fn exit_status(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the end of the process", async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }

    #[cfg(unix)]
    fn interrupt(&self) {
        assert!(signal("-INT", self.child.id()));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[cfg(unix)]
fn signal(signal: &str, pid: u32) -> bool {
    let mut kill = Command::new("kill");
    kill.args([signal, &pid.to_string()]).stderr(Stdio::null());
    kill.status().is_ok_and(|status| status.success())
}

/// Runs the binary, and all processes that it starts, until they end: the exit code, and what they
/// say on standard error.
async fn failure(args: &[&str]) -> (Option<i32>, String) {
    let mut command = tokio::process::Command::from(command(args));
    command.kill_on_drop(true).stdout(Stdio::null());
    let output = in_time("the end of all processes", command.output()).await;
    let output = output.unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// As many keys as the tests ask for; the value of each says which it is.
const KEYS: usize = 60;

fn key(i: usize) -> String {
    format!("key{}", i % KEYS)
}

/// A file for `--data` with all [`KEYS`].
fn data() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let scores: HashMap<_, _> = (0..KEYS)
        .map(|i| (key(i), format!("score of {}", key(i))))
        .collect();
    std::fs::write(&file, serde_json::to_vec(&scores).unwrap()).unwrap();
    file
}

/// Asks a front for a key, which has to have its right value.
async fn ask(front: &mut Client, i: usize) {
    let response = front.get(&format!("/api?key={}", key(i))).await;
    assert_eq!(response.status(), StatusCode::OK, "{}", key(i));
    assert_eq!(response.body(), &format!("score of {}", key(i)));
}

async fn ask_for_all_keys(front: SocketAddr) {
    let clients = (0..6).map(async |first| {
        let mut front = Client::connect(front).await;
        for i in (first..KEYS).step_by(6) {
            ask(&mut front, i).await;
        }
    });
    join_all(clients).await;
}

/// Three nodes and a front from one command.
struct Cluster {
    process: Process,
    nodes: [SocketAddr; 3],
    front: SocketAddr,
    #[cfg(target_os = "linux")]
    pids: [u32; 3],
    _data: tempfile::NamedTempFile,
}

/// The nodes end by themselves, but this is what the tests are about.
#[cfg(target_os = "linux")]
impl Drop for Cluster {
    fn drop(&mut self) {
        self.process.child.kill().ok();
        for (pid, node) in self.pids.into_iter().zip(self.nodes) {
            if listens_on(&command_line(pid), node) {
                signal("-KILL", pid);
            }
        }
    }
}

/// The process of a node: of all children, the one that was told this address.
#[cfg(target_os = "linux")]
fn pid(parent: &Process, node: SocketAddr) -> u32 {
    let parent = format!("PPid:\t{}\n", parent.child.id());
    let is_it = |pid: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
        let is_child = status.is_ok_and(|status| status.contains(&parent));
        is_child && listens_on(&command_line(*pid), node)
    };
    let processes = std::fs::read_dir("/proc").unwrap();
    let names = processes.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let mut pids = names.filter_map(|name| name.parse().ok());
    pids.find(is_it).expect("the node runs")
}

#[cfg(target_os = "linux")]
fn listens_on(command_line: &[String], node: SocketAddr) -> bool {
    let listen = ["--listen".to_string(), node.to_string()];
    command_line.windows(2).any(|two| *two == listen)
}

/// Empty when the process has ended, even if nobody has asked how.
#[cfg(target_os = "linux")]
fn command_line(pid: u32) -> Vec<String> {
    let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
    let line = line.unwrap_or_default();
    line.split_terminator('\0').map(String::from).collect()
}

impl Cluster {
    async fn start() -> Self {
        Self::read_until(|_| false).await
    }

    async fn read_until(last: fn(&str) -> bool) -> Self {
        let (nodes, data) = ([(); 3].map(|()| free_address()), data());
        let addresses = nodes.map(|node| node.to_string()).join(",");
        let args = ["cluster", "--api", "127.0.0.1:0", "--nodes", &addresses];
        let args = [&args[..], &["--data", data.path().to_str().unwrap()]].concat();
        let process = Process::read_until(last, &args);
        let hint = process.line("try   curl 'http://").await;
        let (front, _) = hint.split_once("/api?key=Tom'").unwrap();
        process.line("stop  with Ctrl-C").await;
        Self {
            front: front.parse().unwrap(),
            #[cfg(target_os = "linux")]
            pids: nodes.map(|node| pid(&process, node)),
            process,
            nodes,
            _data: data,
        }
    }

    /// How often each process has loaded each key; the front has no name.
    fn loads(&self) -> HashMap<(String, String), usize> {
        let mut loads = HashMap::new();
        for line in self.process.lines() {
            if let Some((process, key)) = line.split_once("[slow database] search key b") {
                let process = process.trim_end_matches(" | ").to_string();
                *loads
                    .entry((process, key.trim_matches('"').into()))
                    .or_default() += 1;
            }
        }
        loads
    }

    /// The loads when each key was loaded once by its owner.
    fn one_load_each(&self) -> HashMap<(String, String), usize> {
        let mut ring = Map::new(HttpPoolOptions::default().replicas);
        ring.extend(self.nodes.map(|node| url(node).to_string()));
        let keys = (0..KEYS).map(key);
        let loads = keys.map(|key| {
            let owner = ring.get(&key).unwrap().trim_start_matches("http://");
            ((owner.to_string(), key), 1)
        });
        loads.collect()
    }

    async fn has_loaded_all_keys(&self) {
        let all = "every key was loaded once by its owner";
        eventually(all, async || self.loads() == self.one_load_each()).await;
    }
}

#[tokio::test]
async fn a_cluster_loads_every_key_once_and_on_three_nodes() {
    let cluster = Cluster::start().await;
    ask_for_all_keys(cluster.front).await;
    ask_for_all_keys(cluster.front).await;
    cluster.has_loaded_all_keys().await;
    for node in cluster.nodes {
        let name = node.to_string();
        assert!(cluster.loads().keys().any(|(process, _)| *process == name));
        // Each node also serves by itself what it has.
        let mut client = Client::connect(node).await;
        let score = value(client.get(&path("key7")).await);
        assert_eq!(&score[..], b"score of key7");
    }
}

#[tokio::test]
async fn the_front_of_a_cluster_says_what_does_not_exist() {
    let cluster = Cluster::start().await;
    let mut front = Client::connect(cluster.front).await;
    let missing = front.get("/api?key=Kim").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(front.get("/api").await.status(), StatusCode::BAD_REQUEST);
    let front_loads = cluster
        .loads()
        .into_keys()
        .filter(|(process, _)| process.is_empty());
    assert_eq!(front_loads.count(), 0, "the owner's word is enough");
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_stops_the_cluster_and_every_node_in_good_order() {
    let mut cluster = Cluster::start().await;
    let mut idle = Client::connect(cluster.front).await;
    ask(&mut idle, 0).await;
    cluster.process.interrupt();
    let status = cluster.process.exit_status().await;
    assert_eq!(status.code(), Some(0), "{status}");
    for node in cluster.nodes {
        let end = cluster.process.line(&format!("{node} | ended: ")).await;
        assert_eq!(end, "exit status: 0");
    }
    for address in cluster.nodes.into_iter().chain([cluster.front]) {
        assert!(TcpStream::connect(address).is_err(), "{address} is served");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_cluster_goes_on_when_nobody_reads_what_it_prints() {
    let mut cluster = Cluster::read_until(|line| line.starts_with("stop")).await;
    ask_for_all_keys(cluster.front).await;
    ask_for_all_keys(cluster.front).await;
    for node in cluster.nodes {
        assert!(TcpStream::connect(node).is_ok(), "{node} is gone");
    }
    cluster.process.interrupt();
    let status = cluster.process.exit_status().await;
    assert_eq!(status.code(), Some(0), "{status}");
}

#[tokio::test]
async fn a_busy_port_stops_the_whole_cluster() {
    let addresses = [(); 3].map(|()| free_address());
    let busy = TcpListener::bind(addresses[2]).unwrap();
    let nodes = addresses.map(|address| address.to_string()).join(",");
    let args = ["cluster", "--api", "127.0.0.1:0", "--nodes", &nodes];
    let (code, said) = failure(&args).await;
    assert_eq!(code, Some(1), "{said}");
    let busy_address = busy.local_addr().unwrap().to_string();
    let errors: Vec<&str> = said.lines().filter(|l| l.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 2, "of the node and of the cluster: {said}");
    assert!(
        errors.iter().all(|error| error.contains(&busy_address)),
        "{said}"
    );
    assert!(errors[1].contains("--nodes"), "{said}");
    for address in &addresses[..2] {
        assert!(
            TcpListener::bind(address).is_ok(),
            "{address} is still busy"
        );
    }

    let args = ["cluster", "--nodes", &nodes, "--api", &busy_address];
    let (code, said) = failure(&args).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains(&busy_address) && said.contains("--api"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[tokio::test]
async fn a_cluster_without_its_data_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.json");
    let missing = missing.to_str().unwrap();
    let (code, said) = failure(&["cluster", "--api", "127.0.0.1:0", "--data", missing]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(missing) && said.contains("--data"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[cfg(target_os = "linux")]
mod killed {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    /// Asks for one key after the other until it is `done`.
    async fn load(front: SocketAddr, first: usize, asked: Arc<AtomicUsize>, done: Arc<AtomicBool>) {
        let mut front = Client::connect(front).await;
        for i in first.. {
            if done.load(Ordering::Relaxed) {
                return;
            }
            ask(&mut front, i).await;
            asked.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn no_client_sees_that_a_node_is_killed_and_no_other_key_moves() {
        let cluster = Cluster::start().await;
        ask_for_all_keys(cluster.front).await;
        cluster.has_loaded_all_keys().await;
        let one_load_each = cluster.one_load_each();

        let (asked, done) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let clients = (0..4).map(|i| load(cluster.front, i * 15, asked.clone(), done.clone()));
        let clients: Vec<_> = clients.map(tokio::spawn).collect();
        let more = async |gets: usize| {
            let so_far = asked.load(Ordering::Relaxed);
            let enough = async || {
                let failed = clients.iter().any(tokio::task::JoinHandle::is_finished);
                failed || asked.load(Ordering::Relaxed) >= so_far + gets
            };
            eventually("answers", enough).await;
        };
        more(2 * KEYS).await;
        let victim = cluster.nodes[1];
        assert!(signal("-KILL", cluster.pids[1]));
        more(4 * KEYS).await;
        let end = cluster.process.line(&format!("{victim} | ended: ")).await;
        assert_eq!(end, "signal: 9 (SIGKILL)");
        more(2 * KEYS).await;
        done.store(true, Ordering::Relaxed);
        for client in clients {
            in_time("the end of a client", client).await.unwrap();
        }

        let loads = cluster.loads();
        let in_its_stead = one_load_each.keys().any(|(owner, key)| {
            *owner == victim.to_string() && loads.contains_key(&(String::new(), key.clone()))
        });
        assert!(in_its_stead, "the front loads what the victim would have");
        let by_nodes = loads
            .into_iter()
            .filter(|((process, _), _)| !process.is_empty());
        assert_eq!(by_nodes.collect::<HashMap<_, _>>(), one_load_each);
    }

    #[tokio::test]
    async fn the_nodes_end_with_the_process_that_started_them_however_it_dies() {
        let mut cluster = Cluster::start().await;
        let mut front = Client::connect(cluster.front).await;
        ask(&mut front, 0).await;
        cluster.process.child.kill().unwrap();
        cluster.process.child.wait().unwrap();
        for (pid, node) in cluster.pids.into_iter().zip(cluster.nodes) {
            eventually("the end of a node", async || command_line(pid).is_empty()).await;
            assert!(TcpListener::bind(node).is_ok(), "{node} is still busy");
        }
    }
}

#[tokio::test]
async fn nodes_that_are_started_one_by_one_make_a_cluster() {
    let data = data();
    let data = data.path().to_str().unwrap();
    let (a, b, front) = (free_address(), free_address(), free_address());
    // They may call themselves by other spellings than the list.
    let peers = format!("http://LOCALHOST:{}/,http://{b}", a.port());
    let self_of_a = format!("http://localhost:{}", a.port());
    let (listen_a, listen_b, front_of_a) = (a.to_string(), b.to_string(), front.to_string());
    let common = ["--data", data, "--peers", &peers];
    let args_of_a = [
        "--listen",
        &listen_a,
        "--self-url",
        &self_of_a,
        "--api",
        &front_of_a,
    ];
    let process_a = Process::start(&[&common[..], &args_of_a].concat());
    let process_b = Process::start(&[&common[..], &["--listen", &listen_b]].concat());
    for process in [&process_a, &process_b] {
        process.line("serving http://").await;
    }

    ask_for_all_keys(front).await;
    let loads = |process: &Process| {
        let lines = process.lines();
        lines
            .iter()
            .filter(|l| l.starts_with("[slow database]"))
            .count()
    };
    eventually("every key was loaded once", async || {
        loads(&process_a) + loads(&process_b) == KEYS
    })
    .await;
    assert!(loads(&process_a) > 0 && loads(&process_b) > 0);
}

#[tokio::test]
async fn a_node_alone_answers_its_front_with_the_built_in_scores() {
    let front = free_address();
    let node = Process::start(&["--listen", "127.0.0.1:0", "--api", &front.to_string()]);
    node.line("serving http://").await;
    let mut front = Client::connect(front).await;
    for (name, score) in [("Tom", "630"), ("Jack", "589"), ("Sam", "567")] {
        let response = front.get(&format!("/api?key={name}")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.body(), score);
    }
    let missing = front.get("/api?key=Kim").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_stops_a_node_and_its_front_in_good_order() {
    let front = free_address();
    let args = ["--listen", "127.0.0.1:0", "--api", &front.to_string()];
    let mut node = Process::start(&args);
    node.line("serving http://").await;
    node.interrupt();
    let status = node.exit_status().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(TcpStream::connect(front).is_err());
}

#[tokio::test]
async fn a_node_that_is_not_among_its_peers_does_not_start() {
    let peers = "http://127.0.0.1:7001,http://127.0.0.1:7002";
    let listen = ["--listen", "127.0.0.1:0", "--peers", peers];
    for self_url in [
        None,
        Some("http://127.0.0.1:7003"),
        Some("http://127.0.0.1:7001/a"),
    ] {
        let flag = self_url.map(|url| ["--self-url", url]);
        let args = [&listen[..], flag.as_ref().map_or(&[], |flag| &flag[..])].concat();
        let (code, said) = failure(&args).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with("error: "), "{said}");
        assert!(
            said.contains("--peers") && said.contains("--self-url"),
            "{said}"
        );
        assert!(
            said.contains(self_url.unwrap_or("http://127.0.0.1:")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn a_front_that_cannot_listen_stops_the_node() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let (code, said) = failure(&["--listen", "127.0.0.1:0", "--api", &address]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&address) && said.contains("--api"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[tokio::test]
async fn flags_of_a_cluster_that_make_no_sense_are_a_usage_error() {
    let table: [&[&str]; 8] = [
        &["--self-url", "localhost:8001"],
        &["--self-url", "https://localhost:8001"],
        &["--peers", "http://localhost:8001,localhost:8002"],
        &["--peers", "http://localhost:8001, http://localhost:8002"],
        &["--api", "9999"],
        &["cluster", "--nodes", "127.0.0.1:8001,8002"],
        &["cluster", "--api", "localhost"],
        &["cluster", "--peers", "http://localhost:8001"],
    ];
    for args in table {
        let (code, said) = failure(args).await;
        assert_eq!(code, Some(2), "{args:?}: {said}");
        let flag = args.iter().find(|arg| arg.starts_with("--")).unwrap();
        assert!(said.contains(flag), "{said}");
    }
}
