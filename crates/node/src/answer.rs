//! What a request comes to.

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_base::codec::DecodeError;
use klamm_log::FileSlice;
use klamm_wire::ApiKey;

/// What the connection has to do. Answers go out in the order of the requests.
#[derive(Debug)]
pub enum Answer {
    Reply(Reply),
    /// Nothing is sent (Produce with acks=0).
    NoReply,
    /// The connection is closed without an answer.
    Close(CloseReason),
}

impl Answer {
    /// Gives up an answer of more than `max` bytes, records not counted.
    pub(crate) fn bounded(self, max: usize, key: ApiKey, api_version: i16) -> Answer {
        match self {
            Answer::Reply(reply)
                if reply.bytes.len() > max || i32::try_from(reply.len_on_wire()).is_err() =>
            {
                Answer::Close(CloseReason::AnswerTooLarge {
                    api_key: key.key(),
                    api_version,
                    size: reply.bytes.len(),
                })
            }
            answer => answer,
        }
    }
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
    /// Codes of the errors in it, and how often each is there.
    pub errors: Vec<(i16, u32)>,
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

/// What an answer may still grow by. For answers that can be much larger than their request: what does not fit is
/// refused instead of being built.
#[derive(Debug)]
pub struct Room {
    left: usize,
}

impl Room {
    pub fn new(bytes: usize) -> Room {
        Room { left: bytes }
    }

    /// Takes the room for a part of the answer that is there already; false when that was more than there was, and
    /// from then on.
    pub fn take(&mut self, bytes: usize) -> bool {
        self.left = self.left.saturating_sub(bytes);
        self.left > 0
    }

    pub fn is_full(&self) -> bool {
        self.left == 0
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
    /// The request takes so much memory that it does not fit beside the others that are being answered.
    TooMuchMemory { api_key: i16, api_version: i16, needed: usize },
    /// The answer would be larger than `klamm.max.response.bytes`.
    AnswerTooLarge { api_key: i16, api_version: i16, size: usize },
    /// A Produce with acks=0 failed; closing is the only way to tell.
    ProduceFailed { error: ErrorCode },
}
