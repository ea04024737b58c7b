//! A running `klamm`, and the few bytes of the protocol that show it lives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any step of a test takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The program, without anything of the user's surroundings that it looks at.
pub fn klamm() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_klamm"));
    command.env_remove("XDG_DATA_HOME").env_remove("HOME").stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    klamm().args(arguments).output().expect("the program runs")
}

/// Runs the program, which must end with code 1 and one line on standard error; returns the line.
pub fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    let text = String::from_utf8(output.stderr).expect("a line of text");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("klamm: ") && text.ends_with('\n'), "{text}");
    text
}

/// A node of `klamm dev` that is ready for clients.
pub struct Node {
    process: Child,
    lines: Receiver<String>,
    read: Vec<String>,
    pub port: u16,
}

impl Node {
    /// Starts on any free port.
    pub fn dev(dir: &Path) -> Node {
        let dir = dir.to_str().expect("a name of characters");
        Node::start(klamm().args(["dev", "--port", "0", "--dir", dir]))
    }

    /// Waits for the banner and takes the port from it.
    pub fn start(command: &mut Command) -> Node {
        let process =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let (give, lines) = channel();
        let mut node = Node { process, lines, read: Vec::new(), port: 0 };
        let output = BufReader::new(node.process.stdout.take().expect("piped"));
        std::thread::spawn(move || {
            // The receiver may be gone; the pipe is read all the same, so that the program never waits for it.
            output.lines().map_while(Result::ok).for_each(|line| drop(give.send(line)));
        });
        let banner = node.line_with("Kafka on ");
        node.port = banner.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        node
    }

    /// The next line of standard output that contains `text`.
    pub fn line_with(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.read.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        let _ = self.process.kill();
        let mut error = String::new();
        let _ = self.process.stderr.take().map(|mut stderr| stderr.read_to_string(&mut error));
        panic!("no line with {text:?}; standard error: {error}")
    }

    /// Stops it and gives all that it wrote to standard output.
    pub fn stop_and_read(mut self) -> Vec<String> {
        self.signal("TERM");
        let mut read = std::mem::take(&mut self.read);
        read.extend(self.lines.iter());
        read
    }

    pub fn connect(&self) -> Client {
        let socket = TcpStream::connect(("127.0.0.1", self.port)).expect("the node listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a TCP socket");
        Client { socket }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill is there");
        assert!(status.success());
    }

    /// How it ended, and how long that took from now.
    pub fn wait(mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().expect("our child") {
                return (status, start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("still running after {PATIENCE:?}")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub struct Client {
    pub socket: TcpStream,
}

impl Client {
    /// Asks for ApiVersions 0; the number of APIs in the answer, or `None` when the connection ended.
    pub fn api_versions(&mut self) -> Option<usize> {
        let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255];
        self.socket.write_all(&request).ok()?;
        let mut size = [0; 4];
        self.socket.read_exact(&mut size).ok()?;
        let mut answer = vec![0; u32::from_be_bytes(size) as usize];
        self.socket.read_exact(&mut answer).ok()?;
        assert_eq!(answer[..6], [0, 0, 0, 7, 0, 0], "correlation id and no error");
        Some(u32::from_be_bytes(answer[6..10].try_into().expect("four bytes")) as usize)
    }

    pub fn ended(&mut self) -> bool {
        matches!(self.socket.read(&mut [0]), Ok(0) | Err(_))
    }
}

/// A port that nobody had a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("has an address").port()
}
