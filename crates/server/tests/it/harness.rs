//! A server whose requests say how they want to be answered, and a client that sends raw bytes.
//!
//! A frame begins with two numbers of 16 bits: what to do (one of the constants) and an argument.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use klamm_log::{DiskFile, FileSlice};
use klamm_node::{Answer, CloseReason, ListenerRole, RecordsGap, Reply};
use klamm_server::admission::{Admission, Bounds, BoundsNow};
use klamm_server::answer::{Answering, Peer, RequestKind, Service};
use klamm_server::connection::{ConnectionLimits, Pools};
use klamm_server::listener::{Doorway, Listener, SocketBuffers, accept, bind};
use klamm_server::shard::Shard;

/// Answered when the gate of the argument's number opens; may begin beside others of its kind.
pub const OVERLAPPING: i16 = 0;
/// Answered when the gate opens; alone.
pub const WAITING: i16 = 1;
/// Answered with itself.
pub const ECHO: i16 = 2;
/// Not answered.
pub const QUIET: i16 = 3;
/// Answered by closing.
pub const CLOSE: i16 = 4;
pub const PANIC: i16 = 5;
/// Answered with itself and the argument as throttle time.
pub const THROTTLED: i16 = 6;
/// Followed by pairs of position (u64) and length (u32): answered with these parts of the file, a mark before each and
/// one at the end.
pub const FILE: i16 = 7;

pub const MARK: &[u8] = b"<mark>";

/// Longer than any step of a test takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Gate {
    open: bool,
    waiting: Vec<Waker>,
}

/// What a test sees and steers while the server runs.
#[derive(Default)]
pub struct Stage {
    gates: Mutex<BTreeMap<i16, Gate>>,
    pub begun: AtomicUsize,
    pub turns: AtomicUsize,
}

impl Stage {
    pub fn open(&self, gate: i16) {
        let waiting = {
            let mut gates = self.gates.lock().expect("no panic in here");
            let gate = gates.entry(gate).or_default();
            gate.open = true;
            std::mem::take(&mut gate.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    async fn pass(&self, gate: i16) {
        poll_fn(|cx| {
            let mut gates = self.gates.lock().expect("no panic in here");
            let gate = gates.entry(gate).or_default();
            if gate.open {
                return Poll::Ready(());
            }
            gate.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    pub fn until_begun(&self, count: usize) {
        until("requests have begun", || self.begun() >= count);
    }
}

/// Waits for a condition that other threads bring about.
pub fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

struct Obedient {
    stage: Arc<Stage>,
    file: Option<Arc<dyn DiskFile>>,
}

impl Service for Obedient {
    fn answer(&self, _: &Peer, frame: Bytes) -> Answering {
        let kind = RequestKind::of(&frame);
        let (stage, file) = (self.stage.clone(), self.file.clone());
        Box::pin(async move {
            stage.begun.fetch_add(1, Ordering::SeqCst);
            match kind.api_key {
                OVERLAPPING | WAITING => stage.pass(kind.api_version).await,
                QUIET => return Answer::NoReply,
                CLOSE => return Answer::Close(CloseReason::CutOff { len: 0 }),
                PANIC => panic!("as told"),
                FILE => return file_answer(&frame, file.expect("the test has a file")),
                _ => {}
            }
            let throttle_ms = if kind.api_key == THROTTLED { kind.api_version as u32 } else { 0 };
            Answer::Reply(Reply { bytes: framed(&frame), gaps: Vec::new(), throttle_ms, errors: Vec::new() })
        })
    }

    fn overlaps(&self, kind: RequestKind) -> bool {
        kind.api_key == OVERLAPPING
    }

    fn end_of_turn(&self) {
        self.stage.turns.fetch_add(1, Ordering::SeqCst);
    }
}

fn file_answer(frame: &[u8], file: Arc<dyn DiskFile>) -> Answer {
    let mut body = BytesMut::new();
    let mut gaps = Vec::new();
    let mut total = MARK.len();
    for pair in frame[4..].chunks(12) {
        let position = u64::from_be_bytes(pair[..8].try_into().expect("eight bytes"));
        let len = u32::from_be_bytes(pair[8..].try_into().expect("four bytes"));
        body.extend_from_slice(MARK);
        gaps.push(RecordsGap { at: 4 + body.len(), slice: FileSlice { file: file.clone(), position, len } });
        total += MARK.len() + len as usize;
    }
    body.extend_from_slice(MARK);
    let mut bytes = BytesMut::with_capacity(4 + body.len());
    bytes.put_i32(total as i32);
    bytes.extend_from_slice(&body);
    Answer::Reply(Reply { bytes: bytes.freeze(), gaps, throttle_ms: 0, errors: Vec::new() })
}

/// Whom a server lets in: so many in all, so many of an address.
#[derive(Clone, Copy)]
pub struct OpenTo {
    pub connections: usize,
    pub of_address: usize,
}

impl OpenTo {
    pub const ALL: OpenTo = OpenTo { connections: usize::MAX, of_address: usize::MAX };
}

impl BoundsNow for OpenTo {
    fn of_all(&self) -> Bounds {
        Bounds { connections: self.connections, ..Bounds::NONE }
    }

    fn of_listener(&self, _: &str) -> Bounds {
        Bounds::NONE
    }

    fn of_address(&self, _: std::net::IpAddr) -> usize {
        self.of_address
    }
}

/// A running server with one shard.
pub struct Server {
    pub stage: Arc<Stage>,
    pub pools: Arc<Pools>,
    port: u16,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    connections: Arc<AtomicUsize>,
}

pub fn limits() -> ConnectionLimits {
    ConnectionLimits::new(8 * 1024 * 1024, Duration::from_secs(600))
}

impl Server {
    pub fn start() -> Server {
        Server::with(limits(), None)
    }

    pub fn with(limits: ConnectionLimits, file: Option<Arc<dyn DiskFile>>) -> Server {
        Server::within(limits, file, OpenTo::ALL)
    }

    /// One that takes so many connections.
    pub fn within(limits: ConnectionLimits, file: Option<Arc<dyn DiskFile>>, bounds: OpenTo) -> Server {
        Server::run(limits, Pools::new(128 * 1024 * 1024, 64 * 1024 * 1024, 1), file, bounds)
    }

    /// One with so much memory for requests and for answers.
    pub fn with_pools(limits: ConnectionLimits, request_bytes: usize, answer_bytes: usize) -> Server {
        Server::run(limits, Pools::new(request_bytes, answer_bytes, 1), None, OpenTo::ALL)
    }

    fn run(
        limits: ConnectionLimits,
        pools: Arc<Pools>,
        file: Option<Arc<dyn DiskFile>>,
        bounds: OpenTo,
    ) -> Server {
        let seen_pools = pools.clone();
        let stage = Arc::new(Stage::default());
        let bound = bind("127.0.0.1", 0).expect("a free port");
        let port = bound.port;
        let open = bound.listen(100).expect("open").remove(0);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let (service_stage, seen) = (stage.clone(), connections.clone());
        let run = move || {
            let service = move || Obedient { stage: service_stage, file };
            let shards = Rc::new(vec![Shard::start(0, limits, pools, service).expect("a thread")]);
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            let doorway = Doorway {
                listener: Listener { name: "PLAINTEXT".into(), role: ListenerRole::Broker },
                buffers: SocketBuffers::default(),
                gate: Admission::new(Box::new(bounds)).gate("PLAINTEXT".into(), false),
            };
            let accepted = shards.clone();
            tokio::task::LocalSet::new().block_on(&runtime, async {
                let socket = tokio::net::TcpListener::from_std(open).expect("registered");
                let count = async {
                    loop {
                        seen.store(accepted[0].connections(), Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                };
                tokio::select! {
                    () = accept(socket, doorway, accepted.clone()) => {}
                    () = count => {}
                    _ = stopped => {}
                }
            });
            drop(accepted);
            for shard in Rc::into_inner(shards).expect("no task is left") {
                shard.stop().join().expect("the shard ends well");
            }
        };
        let thread = Some(std::thread::spawn(run));
        Server { stage, pools: seen_pools, port, stop: Some(stop), thread, connections }
    }

    pub fn connect(&self) -> Client {
        let socket =
            TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port))).expect("somebody listens");
        socket.set_nodelay(true).expect("a TCP socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a TCP socket");
        Client { socket }
    }

    pub fn until_connections(&self, count: usize) {
        until("connections have come or gone", || self.connections.load(Ordering::SeqCst) == count);
    }

    /// Returns how long stopping took.
    pub fn stop(mut self) -> Duration {
        self.stop_now()
    }

    fn stop_now(&mut self) -> Duration {
        let start = Instant::now();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends well");
        }
        start.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop_now();
        }
    }
}

pub struct Client {
    pub socket: TcpStream,
}

/// A frame: size, what to do, argument, the rest.
pub fn request(what: i16, argument: i16, rest: &[u8]) -> Vec<u8> {
    let mut frame = BytesMut::new();
    frame.put_i16(what);
    frame.put_i16(argument);
    frame.put_slice(rest);
    framed(&frame).to_vec()
}

fn framed(frame: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(4 + frame.len());
    bytes.put_i32(frame.len() as i32);
    bytes.put_slice(frame);
    bytes.freeze()
}

impl Client {
    pub fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("the server reads");
    }

    /// The next answer without its size.
    pub fn answer(&mut self) -> Vec<u8> {
        self.try_answer().expect("an answer")
    }

    /// `None` when the server closed the connection instead.
    pub fn try_answer(&mut self) -> Option<Vec<u8>> {
        let mut size = [0; 4];
        self.socket.read_exact(&mut size).ok()?;
        let mut answer = vec![0; u32::from_be_bytes(size) as usize];
        self.socket.read_exact(&mut answer).ok()?;
        Some(answer)
    }

    /// Asserts that the answer is the request itself.
    pub fn expect_echo(&mut self, request: &[u8]) {
        let answer = self.answer();
        assert!(answer == request[4..], "{} bytes came back for {} sent", answer.len(), request.len() - 4);
    }

    /// Asserts that nothing comes for a while.
    pub fn expect_silence(&mut self) {
        self.socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a TCP socket");
        let mut byte = [0];
        let kind = self.socket.read(&mut byte).map_err(|error| error.kind());
        assert!(matches!(kind, Err(std::io::ErrorKind::WouldBlock)), "{kind:?} instead of silence");
        self.socket.set_read_timeout(Some(PATIENCE)).expect("a TCP socket");
    }

    /// Asserts that the server closes, without another byte.
    pub fn expect_close(&mut self) {
        let mut byte = [0];
        match self.socket.read(&mut byte) {
            Ok(0) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("{other:?} instead of the end"),
        }
    }
}
