//! Requests as frames, answers as messages.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use klamm_base::codec::{Message, Reader, Writer};
use klamm_node::{Answer, CloseReason, Connection, Reply};
use klamm_wire::{ApiKey, RequestHeader, ResponseHeader};

use crate::executor::TaskId;
use crate::world::World;

/// One connection of a client, with its own correlation ids.
#[derive(Clone)]
pub struct Client {
    connection: Arc<Connection>,
    client_id: Option<String>,
    next_correlation_id: i32,
}

/// A request on its way.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    pub task: TaskId,
    key: ApiKey,
    version: i16,
    correlation_id: i32,
}

impl Client {
    pub fn new(world: &World) -> Client {
        Client::on(world.connect())
    }

    pub fn on(connection: Arc<Connection>) -> Client {
        Client { connection, client_id: Some("sim".to_owned()), next_correlation_id: 1 }
    }

    pub fn with_client_id(mut self, client_id: &str) -> Client {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// Sends a request without waiting.
    pub fn send<Q: Message>(&mut self, world: &mut World, key: ApiKey, version: i16, request: &Q) -> Pending {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id += 1;
        let header = RequestHeader {
            request_api_key: key.key(),
            request_api_version: version,
            correlation_id,
            client_id: self.client_id.clone(),
        };
        let task = world.send(&self.connection, frame(key, version, &header, request));
        Pending { task, key, version, correlation_id }
    }

    /// The answer, if it is there.
    pub fn receive<R: Message>(&self, world: &mut World, pending: Pending) -> Option<Result<R, CloseReason>> {
        world.answer(pending.task).map(|answer| match answer {
            Answer::Reply(reply) => Ok(pending.decode(&reply)),
            Answer::Close(reason) => Err(reason),
            Answer::NoReply => panic!("{} was not answered", pending.key),
        })
    }

    /// What came of a request, if anything yet.
    pub fn outcome(&self, world: &mut World, pending: Pending) -> Option<Answer> {
        world.answer(pending.task)
    }

    /// Sends a request, lets everything happen that needs no time, and takes the answer.
    pub fn call<Q: Message, R: Message>(
        &mut self,
        world: &mut World,
        key: ApiKey,
        version: i16,
        request: &Q,
    ) -> R {
        self.try_call(world, key, version, request)
            .unwrap_or_else(|reason| panic!("{key} v{version} was answered by closing: {reason:?}"))
    }

    pub fn try_call<Q: Message, R: Message>(
        &mut self,
        world: &mut World,
        key: ApiKey,
        version: i16,
        request: &Q,
    ) -> Result<R, CloseReason> {
        let pending = self.send(world, key, version, request);
        world.run();
        self.receive(world, pending).unwrap_or_else(|| panic!("{key} v{version} waits"))
    }
}

impl Pending {
    fn decode<R: Message>(&self, reply: &Reply) -> R {
        let mut reader = Reader::new(whole(reply));
        let header = ResponseHeader::decode(&mut reader, self.key.response_header_version(self.version))
            .unwrap_or_else(|error| panic!("the answer's header of {}: {error}", self.key));
        assert_eq!(header.correlation_id, self.correlation_id, "an answer to another request");
        let message = R::decode(&mut reader, self.version)
            .unwrap_or_else(|error| panic!("the answer of {} v{}: {error}", self.key, self.version));
        assert_eq!(reader.remaining(), 0, "bytes behind the answer of {} v{}", self.key, self.version);
        message
    }
}

/// A request as it follows its size on the wire.
pub fn frame<Q: Message>(key: ApiKey, version: i16, header: &RequestHeader, request: &Q) -> Bytes {
    let mut writer = Writer::new();
    header
        .encode(&mut writer, key.request_header_version(version))
        .and_then(|()| request.encode(&mut writer, version))
        .unwrap_or_else(|error| panic!("{key} v{version} cannot be written: {error}"));
    writer.into_bytes()
}

/// The answer with its records in place, behind its size.
pub fn whole(reply: &Reply) -> Bytes {
    let mut out = BytesMut::new();
    let mut at = 0;
    for gap in &reply.gaps {
        out.extend_from_slice(&reply.bytes[at..gap.at]);
        at = gap.at;
        let mut records = vec![0; gap.slice.len as usize];
        gap.slice.file.read_exact_at(&mut records, gap.slice.position).expect("a slice can be read");
        out.extend_from_slice(&records);
    }
    out.extend_from_slice(&reply.bytes[at..]);
    let mut out = out.freeze();
    let size = out.get_i32();
    assert_eq!(usize::try_from(size).ok(), Some(out.len()), "the size field and the bytes of an answer");
    out
}
