//! Messages: what is decoded can be encoded, and decodes to the same again.
//!
//! Decoding may hold what the reader's budget allows. A message that is decoded can be encoded in its
//! version, because nothing is in it that the version has no field for.

use crate::Target;
use crate::allocation::{bounded, decode_budget};
use crate::seeds::golden::{self, Golden};
use bytes::Bytes;
use klamm_base::codec::{AnyMessage, Kind, Message, MessageType, Reader, Writer};
use klamm_wire::{ApiKey, RequestHeader, ResponseHeader};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub const LOG_MESSAGES_TARGET: Target = Target {
    name: "log-messages",
    meaning: "the same of every record of the internal logs, and of what consumers tell each other",
    run: log_message,
    seeds: log_message_seeds,
};

pub const RESPONSES_TARGET: Target =
    Target { name: "responses", meaning: "the same of every response", run: response, seeds: response_seeds };

pub const REQUESTS_TARGET: Target = Target {
    name: "requests",
    meaning: "header and body of every API and version: decoded, encoded, decoded again the same",
    run: request,
    seeds: request_seeds,
};

static REQUESTS: LazyLock<BTreeMap<i16, &MessageType>> = LazyLock::new(|| {
    let key = |message: &MessageType| match message.schema.kind {
        Kind::Request { api_key, .. } => Some(api_key),
        _ => None,
    };
    klamm_wire::registry().iter().filter_map(|message| Some((key(message)?, message))).collect()
});

static RESPONSES: LazyLock<BTreeMap<i16, &MessageType>> = LazyLock::new(|| {
    let key = |message: &MessageType| match message.schema.kind {
        Kind::Response { api_key, .. } => Some(api_key),
        _ => None,
    };
    klamm_wire::registry().iter().filter_map(|message| Some((key(message)?, message))).collect()
});

/// Everything that is neither a request nor a response.
static LOG_MESSAGES: LazyLock<Vec<&MessageType>> = LazyLock::new(|| {
    let is_rpc = |message: &&MessageType| {
        matches!(message.schema.kind, Kind::Request { .. } | Kind::Response { .. } | Kind::Header)
    };
    let wire = klamm_wire::registry().iter().filter(|message| !is_rpc(message));
    let records = wire.chain(klamm_metadata::records::registry()).chain(klamm_coordinator::registry());
    records.chain(klamm_raft::records::registry()).collect()
});

/// A whole frame as a connection brings it.
pub fn request(input: &[u8]) {
    let [key_high, key_low, version_high, version_low, ..] = *input else { return };
    let version = i16::from_be_bytes([version_high, version_low]);
    let Some(api) = ApiKey::from_key(i16::from_be_bytes([key_high, key_low])) else { return };
    let frame = Bytes::copy_from_slice(input);
    let budget = decode_budget(frame.len());
    let header_version = api.request_header_version(version);
    let mut reader = Reader::new(frame);
    let header = bounded(budget, || RequestHeader::decode(&mut reader, header_version));
    let Ok(header) = header else { return };
    let again = header.to_bytes(header_version).expect("what was decoded can be encoded");
    let again = RequestHeader::from_bytes(again, header_version).expect("what was encoded can be decoded");
    assert_eq!(again, header);
    both_ways(REQUESTS[&api.key()], reader, version);
}

/// The API's key and the version, then a frame as a server sends it.
pub fn response(input: &[u8]) {
    let [key_high, key_low, version_high, version_low, ref frame @ ..] = *input else { return };
    let version = i16::from_be_bytes([version_high, version_low]);
    let Some(api) = ApiKey::from_key(i16::from_be_bytes([key_high, key_low])) else { return };
    let frame = Bytes::copy_from_slice(frame);
    let budget = decode_budget(frame.len());
    let mut reader = Reader::new(frame);
    let header_version = api.response_header_version(version);
    let header = bounded(budget, || ResponseHeader::decode(&mut reader, header_version));
    if header.is_ok() {
        both_ways(RESPONSES[&api.key()], reader, version);
    }
}

/// A place in the list of messages and the version, then the message.
pub fn log_message(input: &[u8]) {
    let [index, version, ref message @ ..] = *input else { return };
    let Some(kind) = LOG_MESSAGES.get(usize::from(index)) else { return };
    both_ways(kind, Reader::new(Bytes::copy_from_slice(message)), i16::from(version as i8));
}

/// Decodes what the reader stands before, encodes it, decodes it again.
fn both_ways(message: &MessageType, mut reader: Reader, version: i16) {
    // The body's share of the frame's budget is what the header has left; the box is the message itself.
    let budget = reader.budget() + 8 * 1024;
    let Ok(decoded) = bounded(budget, || (message.decode)(&mut reader, version)) else { return };
    let encoded = encode(&*decoded, message, version);
    let mut reader = Reader::with_budget(encoded.clone(), usize::MAX);
    let again = (message.decode)(&mut reader, version)
        .unwrap_or_else(|error| panic!("{} v{version} as encoded: {error}", message.name()));
    assert_eq!(reader.remaining(), 0, "{} v{version}: bytes are left over", message.name());
    // Not every number equals itself, so what counts in the end are the bytes.
    let once_more = encode(&*again, message, version);
    assert_eq!(once_more, encoded, "{} v{version}: {decoded:?} is not {again:?}", message.name());
}

fn encode(decoded: &dyn AnyMessage, message: &MessageType, version: i16) -> Bytes {
    let mut writer = Writer::new();
    let encoded = decoded.encode(&mut writer, version);
    encoded.unwrap_or_else(|error| panic!("{} v{version} as decoded: {error}", message.name()));
    writer.into_bytes()
}

pub fn request_seeds() -> Vec<Vec<u8>> {
    frames(golden::REQUESTS, &REQUESTS, |api, golden| {
        let header = RequestHeader {
            request_api_key: api.key(),
            request_api_version: golden.version,
            correlation_id: 7,
            client_id: Some("fuzz".to_owned()),
        };
        header
            .to_bytes(api.request_header_version(golden.version))
            .expect("a header has these fields")
            .to_vec()
    })
}

pub fn response_seeds() -> Vec<Vec<u8>> {
    frames(golden::RESPONSES, &RESPONSES, |api, golden| {
        let header = ResponseHeader { correlation_id: 7 };
        let header = header.to_bytes(api.response_header_version(golden.version));
        let header = header.expect("a header has these fields");
        [&api.key().to_be_bytes()[..], &golden.version.to_be_bytes(), &header].concat()
    })
}

fn frames(
    file: &str,
    messages: &BTreeMap<i16, &MessageType>,
    header: impl Fn(ApiKey, &Golden) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let keys: BTreeMap<&str, i16> = messages.iter().map(|(key, message)| (message.name(), *key)).collect();
    let frame = |golden: Golden| {
        let api = ApiKey::from_key(*keys.get(golden.name.as_str())?)?;
        Some([header(api, &golden), golden.bytes].concat())
    };
    golden::read(file).into_iter().filter_map(frame).collect()
}

pub fn log_message_seeds() -> Vec<Vec<u8>> {
    let place = |name: &str| LOG_MESSAGES.iter().position(|message| message.name() == name);
    let seed = |golden: Golden| {
        let place = u8::try_from(place(&golden.name)?).expect("there are not that many records");
        Some([&[place, golden.version as u8][..], &golden.bytes].concat())
    };
    golden::read(golden::RECORDS).into_iter().filter_map(seed).collect()
}
