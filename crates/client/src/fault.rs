//! What can go wrong between a client and a cluster.

use std::fmt;
use std::io;
use std::sync::Arc;

use klamm_base::ErrorCode;
use klamm_base::codec::{DecodeError, EncodeError};
use klamm_wire::ApiKey;

use crate::Address;

/// Why a request has no answer, or the answer is an error.
#[derive(Clone, Debug)]
pub enum ClientFault {
    /// A host name that means nothing here.
    Unresolvable { address: Address, source: Arc<io::Error> },
    /// Nobody listens, or the way there is blocked.
    Unreachable { address: Address, source: Arc<io::Error> },
    /// The connection ended before the answer was there.
    Disconnected { address: Address },
    /// No answer in the time that was given. The request may have been carried out.
    TimedOut { api: ApiKey },
    /// No version of the API that both sides speak, or a request that older versions cannot express.
    UnsupportedVersion { api: ApiKey, why: Unsupported },
    /// The answer is not what the API promises.
    Malformed { api: ApiKey, error: DecodeError },
    /// The cluster has refused, with its own words where it sent any.
    Refused { error: ErrorCode, message: Option<String> },
    /// A number that the cluster does not name in its metadata.
    UnknownNode { node_id: i32 },
}

/// Why a request cannot be put into words the other side knows.
#[derive(Clone, Debug)]
pub enum Unsupported {
    /// The API is not served there at all.
    NotServed,
    /// The ranges do not meet.
    NoCommonVersion,
    /// A field is set that the newest common version does not have.
    Inexpressible(EncodeError),
}

impl ClientFault {
    /// A refusal without words of the cluster.
    pub fn refused(error: ErrorCode) -> ClientFault {
        ClientFault::Refused { error, message: None }
    }

    /// The code of an answer as a result; `message` is what the cluster says about it.
    pub fn check(code: i16, message: Option<String>) -> Result<(), ClientFault> {
        match ErrorCode::from_code(code) {
            ErrorCode::None => Ok(()),
            error => Err(ClientFault::Refused { error, message }),
        }
    }

    /// Worth another try after a while (Kafka: `RetriableException`).
    pub fn is_retriable(&self) -> bool {
        match self {
            ClientFault::Unreachable { .. }
            | ClientFault::Disconnected { .. }
            | ClientFault::TimedOut { .. } => true,
            ClientFault::Refused { error, .. } => is_retriable(*error),
            _ => false,
        }
    }

    /// The cluster's code, when it has given one.
    pub fn error_code(&self) -> Option<ErrorCode> {
        match self {
            ClientFault::Refused { error, .. } => Some(*error),
            _ => None,
        }
    }
}

/// Codes of errors that pass by themselves (Kafka: subclasses of `RetriableException`).
pub fn is_retriable(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::CorruptMessage
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::RequestTimedOut
            | ErrorCode::ReplicaNotAvailable
            | ErrorCode::NetworkException
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::NotEnoughReplicasAfterAppend
            | ErrorCode::NotController
            | ErrorCode::ConcurrentTransactions
            | ErrorCode::KafkaStorageError
            | ErrorCode::FetchSessionIdNotFound
            | ErrorCode::InvalidFetchSessionEpoch
            | ErrorCode::ListenerNotFound
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::OffsetNotAvailable
            | ErrorCode::PreferredLeaderNotAvailable
            | ErrorCode::EligibleLeadersNotAvailable
            | ErrorCode::ElectionNotNeeded
            | ErrorCode::UnstableOffsetCommit
            | ErrorCode::ThrottlingQuotaExceeded
            | ErrorCode::UnknownTopicId
            | ErrorCode::InconsistentTopicId
            | ErrorCode::FetchSessionTopicIdError
    )
}

impl fmt::Display for ClientFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientFault::Unresolvable { address, source } => {
                write!(f, "{address} cannot be resolved: {source}")
            }
            ClientFault::Unreachable { address, source } => write!(f, "{address} is not reachable: {source}"),
            ClientFault::Disconnected { address } => write!(f, "{address} closed the connection"),
            ClientFault::TimedOut { api } => write!(f, "no answer to {api} in time"),
            ClientFault::UnsupportedVersion { api, why } => match why {
                Unsupported::NotServed => write!(f, "{api} is not served there"),
                Unsupported::NoCommonVersion => write!(f, "no version of {api} that both sides speak"),
                Unsupported::Inexpressible(error) => write!(f, "{api}: {error}"),
            },
            ClientFault::Malformed { api, error } => write!(f, "the answer to {api} is malformed: {error}"),
            ClientFault::Refused { error, message: Some(message) } => {
                write!(f, "{}: {message}", error.name())
            }
            ClientFault::Refused { error, message: None } => f.write_str(error.name()),
            ClientFault::UnknownNode { node_id } => write!(f, "the cluster has no node {node_id}"),
        }
    }
}

impl std::error::Error for ClientFault {}
