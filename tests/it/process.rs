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
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    klamm().args(arguments).output().expect("the program runs")
}

/// Runs the program, which must end with code 1 and one line on standard error; returns the line.
pub fn refusal(arguments: &[&str]) -> String {
    refusal_of(klamm().args(arguments))
}

/// The same of a program with surroundings of its own.
pub fn refusal_of(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
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
        let mut node = Node::spawn(command);
        let banner = node.line_with("Kafka on ");
        node.port = banner.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        node
    }

    /// Starts `klamm serve`, waits until clients are let in and takes the port of the first listener.
    pub fn serve(command: &mut Command) -> Node {
        let mut node = Node::spawn(command);
        node.line_with("Kafka Server started");
        let first = node.listening().into_iter().next().expect("one at least");
        node.port = first.1;
        node
    }

    /// Starts and waits for nothing.
    pub fn spawn(command: &mut Command) -> Node {
        let process =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let (give, lines) = channel();
        let mut node = Node { process, lines, read: Vec::new(), port: 0 };
        let output = BufReader::new(node.process.stdout.take().expect("piped"));
        std::thread::spawn(move || {
            // The receiver may be gone; the pipe is read all the same, so that the program never waits for it.
            output.lines().map_while(Result::ok).for_each(|line| drop(give.send(line)));
        });
        node
    }

    /// The listeners that the log has named so far, with their ports.
    pub fn listening(&self) -> Vec<(String, u16)> {
        let addresses = self.read.iter().filter_map(|line| line.split_once("listening on "));
        let address = |text: &str| {
            let (name, rest) = text.split_once("://").expect("NAME://host:port");
            let (_, port) = rest.split(' ').next().and_then(|at| at.rsplit_once(':')).expect("a port");
            (name.to_owned(), port.parse().expect("a number"))
        };
        addresses.map(|(_, text)| address(text)).collect()
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
        Client::to("127.0.0.1", self.port)
    }

    pub fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill is there");
        assert!(status.success());
    }

    /// How it ended, and all that it wrote to standard output and error.
    pub fn wait_and_read(mut self) -> (ExitStatus, Vec<String>, String) {
        let mut read = std::mem::take(&mut self.read);
        let end = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            read.push(line);
        }
        let mut error = String::new();
        let mut stderr = self.process.stderr.take().expect("piped");
        let _ = self.process.kill();
        stderr.read_to_string(&mut error).expect("text");
        (self.process.wait().expect("our child"), read, error)
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
    pub fn to(host: &str, port: u16) -> Client {
        let socket = TcpStream::connect((host, port)).expect("the node listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a TCP socket");
        Client { socket }
    }

    /// Asks for ApiVersions 0; the number of APIs in the answer, or `None` when the connection ended.
    pub fn api_versions(&mut self) -> Option<usize> {
        let answer = self.ask(18, &[])?;
        assert_eq!(answer[..2], [0, 0], "no error");
        Some(u32::from_be_bytes(answer[2..6].try_into().expect("four bytes")) as usize)
    }

    /// Asks for Metadata 0 of all topics; the brokers' hosts and ports, or `None` when the connection ended.
    pub fn brokers(&mut self) -> Option<Vec<(String, u16)>> {
        let answer = self.ask(3, &[0, 0, 0, 0])?;
        let mut rest = &answer[..];
        let mut take = |count: usize| {
            let (taken, left) = rest.split_at(count);
            rest = left;
            taken
        };
        let count = u32::from_be_bytes(take(4).try_into().expect("four bytes"));
        let broker = |_| {
            take(4);
            let size = u16::from_be_bytes(take(2).try_into().expect("two bytes"));
            let host = String::from_utf8(take(size.into()).to_vec()).expect("a name of characters");
            (host, u32::from_be_bytes(take(4).try_into().expect("four bytes")) as u16)
        };
        Some((0..count).map(broker).collect())
    }

    /// Sends a request of version 0 and gives the answer's body.
    fn ask(&mut self, api_key: u8, body: &[u8]) -> Option<Vec<u8>> {
        let size = 10 + body.len() as u8;
        let header = [0, 0, 0, size, 0, api_key, 0, 0, 0, 0, 0, 7, 255, 255];
        self.socket.write_all(&[&header, body].concat()).ok()?;
        let mut size = [0; 4];
        self.socket.read_exact(&mut size).ok()?;
        let mut answer = vec![0; u32::from_be_bytes(size) as usize];
        self.socket.read_exact(&mut answer).ok()?;
        assert_eq!(answer[..4], [0, 0, 0, 7], "correlation id");
        Some(answer.split_off(4))
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
