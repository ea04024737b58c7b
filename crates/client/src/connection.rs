//! One connection to one node: requests go out as they come, answers come back in the same order.
//!
//! A task writes and another reads, so that a caller who gives up leaves neither half a request nor an answer that
//! nobody expects. When either ends, every caller that waits gets [`ClientFault::Disconnected`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use klamm_base::ErrorCode;
use klamm_base::codec::{Message, Reader, Versions, Writer};
use klamm_wire::{ApiVersionsRequest, ApiVersionsResponse, RequestHeader, ResponseHeader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use crate::fault::Unsupported;
use crate::versions::ApiRanges;
use crate::{Address, ClientFault, Request};

/// No answer is larger: an answer's records are bounded by the request, the rest is small.
const ANSWER_BYTES_MAX: usize = 1 << 30;
/// Read from the socket at once.
const READ_BYTES: usize = 64 << 10;

/// How connections are made and used.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    pub client_id: String,
    /// For the TCP connection and the first words on it (Kafka: `socket.connection.setup.timeout.ms`).
    pub setup_timeout: Duration,
    /// For each answer (Kafka: `request.timeout.ms`).
    pub request_timeout: Duration,
    /// Of the socket; `None` leaves it to the system.
    pub send_buffer_bytes: Option<u32>,
    pub receive_buffer_bytes: Option<u32>,
}

impl Default for ConnectionOptions {
    fn default() -> ConnectionOptions {
        ConnectionOptions {
            client_id: "klamm".to_owned(),
            setup_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            send_buffer_bytes: None,
            receive_buffer_bytes: None,
        }
    }
}

/// An open connection that has agreed on versions. Clones share it; it closes with the last one.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

struct Shared {
    address: Address,
    options: ConnectionOptions,
    ranges: ApiRanges,
    out: mpsc::UnboundedSender<Outgoing>,
    next_correlation_id: AtomicI32,
    tasks: [AbortHandle; 2],
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// A request as bytes; the sender of its answer is missing where none will come.
struct Outgoing {
    frame: Bytes,
    answer: Option<oneshot::Sender<Bytes>>,
}

/// Who waits for the next answers, in order; `None` when the connection has ended.
type Waiting = Arc<Mutex<Option<VecDeque<oneshot::Sender<Bytes>>>>>;

impl Connection {
    /// Connects and asks what the node serves.
    ///
    /// # Errors
    /// [`ClientFault::Unresolvable`], [`ClientFault::Unreachable`], or what the first exchange met.
    pub async fn open(address: Address, options: ConnectionOptions) -> Result<Connection, ClientFault> {
        let setup = options.setup_timeout;
        match tokio::time::timeout(setup, Connection::set_up(address.clone(), options)).await {
            Ok(connection) => connection,
            Err(_) => Err(ClientFault::Unreachable {
                address,
                source: Arc::new(std::io::ErrorKind::TimedOut.into()),
            }),
        }
    }

    async fn set_up(address: Address, options: ConnectionOptions) -> Result<Connection, ClientFault> {
        let stream = connect(&address, &options).await?;
        let (read, write) = stream.into_split();
        let waiting: Waiting = Arc::new(Mutex::new(Some(VecDeque::new())));
        let (out, outgoing) = mpsc::unbounded_channel();
        let reader = tokio::spawn(read_answers(read, waiting.clone()));
        let writer = tokio::spawn(write_requests(write, outgoing, waiting));
        let tasks = [reader.abort_handle(), writer.abort_handle()];
        let next_correlation_id = AtomicI32::new(0);
        let mut shared =
            Shared { address, options, ranges: ApiRanges::unknown(), out, next_correlation_id, tasks };
        shared.ranges = shared.ask_versions().await?;
        Ok(Connection { shared: Arc::new(shared) })
    }

    pub fn address(&self) -> &Address {
        &self.shared.address
    }

    /// What the node serves.
    pub fn ranges(&self) -> &ApiRanges {
        &self.shared.ranges
    }

    /// False once either side has ended it.
    pub fn is_open(&self) -> bool {
        !self.shared.out.is_closed()
    }

    /// Sends a request in the newest common version and waits for its answer.
    ///
    /// # Errors
    /// [`ClientFault`]; a code inside the answer is the caller's to read.
    pub async fn call<Q: Request>(&self, request: &Q) -> Result<Q::Response, ClientFault> {
        self.call_at_most(request, i16::MAX).await.map(|(response, _)| response)
    }

    /// As [`Connection::call`], with no version above `version_max`; says which version it was.
    pub async fn call_at_most<Q: Request>(
        &self,
        request: &Q,
        version_max: i16,
    ) -> Result<(Q::Response, i16), ClientFault> {
        self.call_within(request, version_max, self.shared.options.request_timeout).await
    }

    /// As [`Connection::call_at_most`], for answers that take their time (a join, a long poll).
    pub async fn call_within<Q: Request>(
        &self,
        request: &Q,
        version_max: i16,
        timeout: Duration,
    ) -> Result<(Q::Response, i16), ClientFault> {
        let version = self.shared.ranges.version_of(Q::KEY, version_max)?;
        let body = self.shared.exchange(request, version, timeout).await?;
        Q::Response::from_bytes(body, version)
            .map(|response| (response, version))
            .map_err(|error| ClientFault::Malformed { api: Q::KEY, error })
    }

    /// Sends a request now, before the answer is waited for: requests that are begun in an order arrive in it.
    ///
    /// # Errors
    /// As [`Connection::call`].
    pub fn begin<Q: Request>(
        &self,
        request: &Q,
        version_max: i16,
    ) -> Result<impl Future<Output = Result<Q::Response, ClientFault>> + Send + use<Q>, ClientFault> {
        let version = self.shared.ranges.version_of(Q::KEY, version_max)?;
        let (frame, correlation_id) = self.shared.frame(request, version)?;
        let (answer, answered) = oneshot::channel();
        let sent = self.shared.out.send(Outgoing { frame, answer: Some(answer) });
        sent.map_err(|_| self.shared.disconnected())?;
        let shared = self.shared.clone();
        Ok(async move {
            let timeout = shared.options.request_timeout;
            let body = shared.answer::<Q>(answered, correlation_id, version, timeout).await?;
            Q::Response::from_bytes(body, version)
                .map_err(|error| ClientFault::Malformed { api: Q::KEY, error })
        })
    }

    /// Sends a request that is never answered: Produce with acks=0.
    ///
    /// # Errors
    /// [`ClientFault`]; none says whether the request has arrived.
    pub fn send_only<Q: Request>(&self, request: &Q) -> Result<(), ClientFault> {
        let version = self.shared.ranges.version_of(Q::KEY, i16::MAX)?;
        let (frame, _) = self.shared.frame(request, version)?;
        let sent = self.shared.out.send(Outgoing { frame, answer: None });
        sent.map_err(|_| self.shared.disconnected())
    }
}

impl Shared {
    fn disconnected(&self) -> ClientFault {
        ClientFault::Disconnected { address: self.address.clone() }
    }

    /// A request behind its size, and its correlation id.
    fn frame<Q: Request>(&self, request: &Q, version: i16) -> Result<(Bytes, i32), ClientFault> {
        let correlation_id = self.next_correlation_id.fetch_add(1, Ordering::Relaxed);
        let header = RequestHeader {
            request_api_key: Q::KEY.key(),
            request_api_version: version,
            correlation_id,
            client_id: Some(self.options.client_id.clone()),
        };
        let mut writer = Writer::new();
        writer.buf.put_i32(0);
        header
            .encode(&mut writer, Q::KEY.request_header_version(version))
            .and_then(|()| request.encode(&mut writer, version))
            .map_err(|error| ClientFault::UnsupportedVersion {
                api: Q::KEY,
                why: Unsupported::Inexpressible(error),
            })?;
        let size = writer.buf.len() - size_of::<i32>();
        let size = i32::try_from(size).unwrap_or_else(|_| panic!("a request of {size} bytes"));
        (&mut writer.buf[..size_of::<i32>()]).put_i32(size);
        Ok((writer.into_bytes(), correlation_id))
    }

    /// Sends a request and waits for the body of the answer.
    async fn exchange<Q: Request>(
        &self,
        request: &Q,
        version: i16,
        timeout: Duration,
    ) -> Result<Bytes, ClientFault> {
        let (frame, correlation_id) = self.frame(request, version)?;
        let (answer, answered) = oneshot::channel();
        let sent = self.out.send(Outgoing { frame, answer: Some(answer) });
        sent.map_err(|_| self.disconnected())?;
        self.answer::<Q>(answered, correlation_id, version, timeout).await
    }

    /// Waits for an answer; returns its body.
    async fn answer<Q: Request>(
        &self,
        answered: oneshot::Receiver<Bytes>,
        correlation_id: i32,
        version: i16,
        timeout: Duration,
    ) -> Result<Bytes, ClientFault> {
        let answer = match tokio::time::timeout(timeout, answered).await {
            Ok(answer) => answer.map_err(|_| self.disconnected())?,
            Err(_) => {
                // Answers come in order: behind one that does not come there are none (Kafka closes here, too).
                self.tasks.iter().for_each(AbortHandle::abort);
                return Err(ClientFault::TimedOut { api: Q::KEY });
            }
        };
        let mut reader = Reader::new(answer);
        let header = ResponseHeader::decode(&mut reader, Q::KEY.response_header_version(version))
            .map_err(|error| ClientFault::Malformed { api: Q::KEY, error })?;
        // Answers come in order; one that is out of it is no answer to this request.
        if header.correlation_id != correlation_id {
            return Err(self.disconnected());
        }
        Ok(reader.rest())
    }

    /// Asks in the newest version; a node that does not know it says in version 0 what it knows (KIP-511).
    async fn ask_versions(&self) -> Result<ApiRanges, ClientFault> {
        let api = ApiVersionsRequest::KEY;
        let request = ApiVersionsRequest {
            client_software_name: "klamm".to_owned(),
            client_software_version: env!("CARGO_PKG_VERSION").to_owned(),
            ..ApiVersionsRequest::default()
        };
        let Versions { min, max } = api.stable_versions();
        let mut version = max;
        loop {
            let body = self.exchange(&request, version, self.options.setup_timeout).await?;
            let malformed = |error| ClientFault::Malformed { api, error };
            let is_unknown = body.starts_with(&ErrorCode::UnsupportedVersion.code().to_be_bytes());
            if !is_unknown {
                let answer = ApiVersionsResponse::from_bytes(body, version).map_err(malformed)?;
                ClientFault::check(answer.error_code, None)?;
                return Ok(ApiRanges::of(&answer));
            }
            let answer = ApiVersionsResponse::from_bytes(body, 0).map_err(malformed)?;
            let theirs = answer.api_keys.iter().find(|row| row.api_key == api.key());
            let next = theirs.map_or(0, |row| row.max_version);
            if next >= version || next < min {
                return Err(ClientFault::UnsupportedVersion { api, why: Unsupported::NoCommonVersion });
            }
            version = next;
        }
    }
}

async fn connect(address: &Address, options: &ConnectionOptions) -> Result<TcpStream, ClientFault> {
    let resolved = tokio::net::lookup_host((address.host.as_str(), address.port)).await;
    let resolved = resolved
        .map_err(|source| ClientFault::Unresolvable { address: address.clone(), source: Arc::new(source) })?;
    let mut last = std::io::ErrorKind::AddrNotAvailable.into();
    for place in resolved {
        match connect_to(place, options).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(ClientFault::Unreachable { address: address.clone(), source: Arc::new(last) })
}

async fn connect_to(place: SocketAddr, options: &ConnectionOptions) -> std::io::Result<TcpStream> {
    let socket = if place.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(bytes) = options.send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.receive_buffer_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    let stream = socket.connect(place).await?;
    // Small requests leave at once; a socket that cannot do this still works.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Writes what comes, joined where more than one waits. Ends with the connection or its last user.
async fn write_requests(
    mut write: OwnedWriteHalf,
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
    waiting: Waiting,
) {
    let mut batch = Vec::new();
    while outgoing.recv_many(&mut batch, 64).await > 0 {
        let mut bytes = BytesMut::new();
        {
            let mut waiting = waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let Some(waiting) = waiting.as_mut() else { return };
            for Outgoing { frame, answer } in batch.drain(..) {
                waiting.extend(answer);
                bytes.extend_from_slice(&frame);
            }
        }
        if write.write_all(&bytes).await.is_err() {
            break;
        }
    }
    waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
}

/// Hands out answers until the other side ends, or sends what nobody asked for.
async fn read_answers(mut read: OwnedReadHalf, waiting: Waiting) {
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    while let Some(frame) = next_frame(&mut read, &mut buffer).await {
        let mut waiting = waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match waiting.as_mut().and_then(VecDeque::pop_front) {
            // Somebody who has stopped waiting is no fault.
            Some(answer) => drop(answer.send(frame)),
            None => break,
        }
    }
    waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
}

/// The next frame without its size; the buffer grows by what has arrived, not by what is announced.
async fn next_frame(read: &mut OwnedReadHalf, buffer: &mut BytesMut) -> Option<Bytes> {
    loop {
        if let Some(size) = buffer.first_chunk::<4>() {
            let size = usize::try_from(i32::from_be_bytes(*size)).ok()?;
            if size > ANSWER_BYTES_MAX {
                return None;
            }
            if buffer.len() >= size + 4 {
                buffer.advance(4);
                return Some(buffer.split_to(size).freeze());
            }
        }
        buffer.reserve(READ_BYTES);
        if read.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
