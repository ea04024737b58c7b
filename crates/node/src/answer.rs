//! What a request comes to.

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_base::codec::DecodeError;
use klamm_log::FileSlice;

/// What the connection has to do. Answers go out in the order of the requests.
#[derive(Debug)]
pub enum Answer {
    Reply(Reply),
    /// Nothing is sent (Produce with acks=0).
    NoReply,
    /// The connection is closed without an answer.
    Close(CloseReason),
}

/// A response frame, its size field included.
#[derive(Debug)]
pub struct Reply {
    /// The frame without the records of `gaps`; its size field counts them.
    pub bytes: Bytes,
    /// Sorted by `at`.
    pub gaps: Vec<RecordsGap>,
    /// The client was told to wait this long: the connection must not read from it meanwhile (KIP-219).
    pub throttle_ms: u32,
}

/// Records that have to be sent before byte `at` of [`Reply::bytes`].
pub struct RecordsGap {
    pub at: usize,
    pub slice: FileSlice,
}

impl Reply {
    /// Bytes on the wire, size field and records included.
    pub fn len_on_wire(&self) -> u64 {
        self.bytes.len() as u64 + self.gaps.iter().map(|gap| u64::from(gap.slice.len)).sum::<u64>()
    }
}

impl std::fmt::Debug for RecordsGap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordsGap {{ at: {}, {}..+{} }}", self.at, self.slice.position, self.slice.len)
    }
}

/// Why a request is answered by closing.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseReason {
    /// The header, or the body of a known API and version, does not parse.
    Malformed { api_key: i16, api_version: i16, error: DecodeError },
    /// Too short for the key and the version of an API.
    CutOff { len: usize },
    /// A key that this listener does not serve.
    UnknownApi { api_key: i16, api_version: i16 },
    /// A known key in a version that is not served.
    UnsupportedVersion { api_key: i16, api_version: i16 },
    /// A Produce with acks=0 failed; closing is the only way to tell.
    ProduceFailed { error: ErrorCode },
}
