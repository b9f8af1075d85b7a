//! Processes that are stopped with everything that they started.
//!
//! Each runs in a process group of its own, and the group is signalled, because `cargo run` starts
//! the server and a server may start more. Dropping does it, so that it happens on every way out.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use super::format::{Background, Ready, Session};
use super::shell::plain;

/// Between two looks at something that cannot be waited for.
const POLL: Duration = Duration::from_millis(20);
/// What a process has to end by itself before it is killed.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(3);

/// A process and all its descendants that stayed in its group.
pub(super) struct Group {
    child: Child,
}

/// A server behind a session.
pub(super) struct Server {
    command: String,
    printed: Arc<Mutex<String>>,
    group: Group,
}

/// Why a server is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It cannot be started.
    #[error("`{command}` cannot be started: {source}")]
    Start {
        /// The command.
        command: String,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended before it was ready.
    #[error("`{command}` ended before it was ready; it had printed:\n{printed}")]
    Ended {
        /// The command.
        command: String,
        /// Its output.
        printed: String,
    },
    /// It did not become ready in time.
    #[error("`{command}` was not ready after {} s; it had printed:\n{printed}", deadline.as_secs())]
    Late {
        /// The command.
        command: String,
        /// What it had.
        deadline: Duration,
        /// Its output.
        printed: String,
    },
    /// Another process has the port.
    #[error("port {0} is taken, and the session needs it")]
    PortTaken(u16),
}

impl Group {
    /// Starts a command in a group of its own.
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self {
            child: command.spawn()?,
        })
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    fn has_ended(&mut self) -> bool {
        // A child that cannot be asked is not worth waiting for.
        self.child
            .try_wait()
            .map_or(true, |status| status.is_some())
    }

    /// Asks the whole group to end, and kills what is left of it. The leader's own end is not enough:
    /// cargo is gone at once, and the server that it started may still be saying goodbye.
    #[cfg(unix)]
    fn stop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let Some(group) = pid else { return };
        let end = Instant::now() + GRACE;
        let mut sent = kill_process_group(group, Signal::TERM);
        // Sending fails when nobody is left to receive. A child that ended counts until it is waited for.
        while sent.is_ok() && Instant::now() < end {
            self.has_ended();
            std::thread::sleep(POLL);
            sent = test_kill_process_group(group);
        }
        if sent.is_ok() {
            // Should the last of them end just now, this fails, and that is as good.
            kill_process_group(group, Signal::KILL).unwrap_or_default();
        }
    }

    #[cfg(not(unix))]
    fn stop(&mut self) {
        self.child.kill().unwrap_or_default();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
        // Without a wait it would stay in the process table; its status says nothing more.
        drop(self.child.wait());
    }
}

impl Server {
    /// Starts a session's servers, one after the other, each when the former is ready.
    pub(super) fn start_all(
        root: &Path,
        session: &Session,
    ) -> Result<Vec<Self>, (usize, ServerError)> {
        for port in &session.ports {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err() {
                return Err((1, ServerError::PortTaken(*port)));
            }
        }
        let mut servers = Vec::new();
        for background in &session.background {
            let server = Self::start(root, session, background);
            servers.push(server.map_err(|error| (background.line, error))?);
        }
        Ok(servers)
    }

    fn start(root: &Path, session: &Session, background: &Background) -> Result<Self, ServerError> {
        let mut server = Self::spawn(root, session, &background.command).map_err(|source| {
            ServerError::Start {
                command: background.command.clone(),
                source,
            }
        })?;
        server.wait(background, session)?;
        Ok(server)
    }

    fn spawn(root: &Path, session: &Session, text: &str) -> io::Result<Self> {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", text])
            .current_dir(root);
        plain(&mut bash, &session.env);
        bash.stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = Group::spawn(&mut bash)?;
        let printed = Arc::new(Mutex::new(String::new()));
        if let Some(stdout) = group.child().stdout.take() {
            collect(stdout, &printed);
        }
        if let Some(stderr) = group.child().stderr.take() {
            collect(stderr, &printed);
        }
        Ok(Self {
            command: text.to_owned(),
            printed,
            group,
        })
    }

    fn wait(&mut self, background: &Background, session: &Session) -> Result<(), ServerError> {
        let deadline = session.deadline;
        let end = Instant::now() + deadline;
        while !self.is_ready(background, session) {
            let (command, printed) = (self.command.clone(), self.printed());
            if self.group.has_ended() {
                return Err(ServerError::Ended { command, printed });
            }
            if Instant::now() > end {
                return Err(ServerError::Late {
                    command,
                    deadline,
                    printed,
                });
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    fn is_ready(&self, background: &Background, session: &Session) -> bool {
        match &background.ready {
            Some(Ready::Prints(text)) => self.printed().contains(text),
            Some(Ready::Port(port)) => answers(*port),
            None => session.ports.iter().all(|port| answers(*port)),
        }
    }

    fn printed(&self) -> String {
        self.printed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Reads a pipe to its end on a thread, so that the server never waits for a reader.
fn collect(pipe: impl Read + Send + 'static, printed: &Arc<Mutex<String>>) {
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
            printed.push_str(&line);
            printed.push('\n');
        }
    });
}

fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}
