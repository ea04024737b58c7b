//! Records of the group coordinator as values, to and from the bytes of `__consumer_offsets`
//! (Kafka: `GroupCoordinatorRecordSerde`, `GroupCoordinatorRecordHelpers`).

use bytes::{BufMut, Bytes, BytesMut};
use klamm_base::codec::{DecodeError, Message, Reader};

use super::records::classic::{GroupMetadataKey, GroupMetadataValue};
use super::records::offsets::{
    LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue,
};

/// The version in which 4.4 writes groups.
const GROUP_METADATA_VERSION: i16 = 3;
/// The version in which 4.4 writes offsets; the one before that has an expiry when there is one.
const OFFSET_COMMIT_VERSION: i16 = 4;
const OFFSET_COMMIT_VERSION_WITH_EXPIRY: i16 = 1;

/// Record types by their numbers.
mod record_type {
    pub const LEGACY_OFFSET_COMMIT: i16 = 0;
    pub const OFFSET_COMMIT: i16 = 1;
    pub const GROUP_METADATA: i16 = 2;
    pub const CONSUMER_GROUP_METADATA: i16 = 3;
    pub const CONSUMER_GROUP_PARTITION_METADATA: i16 = 4;
    pub const CONSUMER_GROUP_MEMBER_METADATA: i16 = 5;
    pub const CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA: i16 = 6;
    pub const SHARE_GROUP_MEMBER_METADATA: i16 = 10;
    pub const SHARE_GROUP_METADATA: i16 = 11;
    pub const STREAMS_GROUP_METADATA: i16 = 17;
    pub const STREAMS_GROUP_MEMBER_METADATA: i16 = 19;
    pub const STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA: i16 = 20;
    pub const STREAMS_GROUP_TOPOLOGY: i16 = 23;
}

/// Groups that are kept as Kafka has left them, and not served; without members they may become classic ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKind {
    Consumer,
    Share,
    Streams,
}

impl ForeignKind {
    /// As ListGroups calls the type, and these groups their protocol.
    pub fn name(self) -> &'static str {
        match self {
            ForeignKind::Consumer => "consumer",
            ForeignKind::Share => "share",
            ForeignKind::Streams => "streams",
        }
    }

    /// Tombstones that end a group of this kind that has no members, in Kafka's order; `None` where more than records
    /// would have to go.
    pub fn tombstones(self, group_id: &str) -> Option<Vec<GroupRecord>> {
        let parts: &[i16] = match self {
            ForeignKind::Consumer => &[
                record_type::CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA,
                record_type::CONSUMER_GROUP_PARTITION_METADATA,
            ],
            ForeignKind::Streams => &[record_type::STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA],
            // The state of its partitions lies in another topic.
            ForeignKind::Share => return None,
        };
        let part = |record_type: &i16| GroupRecord::ForeignPart {
            group_id: group_id.to_owned(),
            record_type: *record_type,
            is_there: false,
        };
        let group = GroupRecord::ForeignGroup { group_id: group_id.to_owned(), kind: self, is_there: false };
        let topology = (self == ForeignKind::Streams).then(|| part(&record_type::STREAMS_GROUP_TOPOLOGY));
        Some(parts.iter().map(part).chain([group]).chain(topology).collect())
    }
}

/// One record. A value of `None` removes.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRecord {
    GroupMetadata(GroupMetadataKey, Option<GroupMetadataValue>),
    OffsetCommit(OffsetCommitKey, Option<OffsetCommitValue>),
    /// That a group of another kind is there, or not any more.
    ForeignGroup {
        group_id: String,
        kind: ForeignKind,
        is_there: bool,
    },
    /// Something else about a group of another kind.
    ForeignPart {
        group_id: String,
        record_type: i16,
        is_there: bool,
    },
    /// That it has a member.
    ForeignMember {
        group_id: String,
        kind: ForeignKind,
        member_id: String,
        is_there: bool,
    },
    /// Anything else that Kafka writes: no business of ours.
    Other {
        record_type: i16,
    },
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// No key, or one too short for its type.
    NoType,
    Key {
        record_type: i16,
        error: DecodeError,
    },
    Value {
        record_type: i16,
        error: DecodeError,
    },
}

impl GroupRecord {
    /// Key and value as the log has them.
    ///
    /// # Panics
    /// For what is only read: values about groups of other kinds.
    pub fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            GroupRecord::GroupMetadata(key, value) => {
                let value = value
                    .as_ref()
                    .map(|value| versioned(GROUP_METADATA_VERSION, value, GROUP_METADATA_VERSION));
                (versioned(record_type::GROUP_METADATA, key, 0), value)
            }
            GroupRecord::OffsetCommit(key, value) => {
                let value = value.as_ref().map(|value| {
                    let has_expiry = value.expire_timestamp != -1;
                    let version =
                        if has_expiry { OFFSET_COMMIT_VERSION_WITH_EXPIRY } else { OFFSET_COMMIT_VERSION };
                    versioned(version, value, version)
                });
                (versioned(record_type::OFFSET_COMMIT, key, 0), value)
            }
            GroupRecord::ForeignGroup { group_id, kind, is_there: false } => {
                let record_type = match kind {
                    ForeignKind::Consumer => record_type::CONSUMER_GROUP_METADATA,
                    ForeignKind::Share => record_type::SHARE_GROUP_METADATA,
                    ForeignKind::Streams => record_type::STREAMS_GROUP_METADATA,
                };
                (group_key(record_type, group_id), None)
            }
            GroupRecord::ForeignPart { group_id, record_type, is_there: false } => {
                (group_key(*record_type, group_id), None)
            }
            other => panic!("{other:?} is never written"),
        }
    }

    /// Reads a record. Unknown types are no fault, as they are none for Kafka.
    ///
    /// # Errors
    /// [`RecordFault`]: anybody with the right may write into the topic.
    pub fn decode(key: Option<&Bytes>, value: Option<&Bytes>) -> Result<GroupRecord, RecordFault> {
        let mut key = Reader::new(key.ok_or(RecordFault::NoType)?.clone());
        let record_type = key.i16().map_err(|_| RecordFault::NoType)?;
        let in_key = |error| RecordFault::Key { record_type, error };
        let in_value = |error| RecordFault::Value { record_type, error };
        let is_there = value.is_some();
        Ok(match record_type {
            record_type::GROUP_METADATA => {
                let key = GroupMetadataKey::decode(&mut key, 0).map_err(in_key)?;
                GroupRecord::GroupMetadata(key, value.map(decode_value).transpose().map_err(in_value)?)
            }
            record_type::OFFSET_COMMIT => {
                let key = OffsetCommitKey::decode(&mut key, 0).map_err(in_key)?;
                GroupRecord::OffsetCommit(key, value.map(decode_value).transpose().map_err(in_value)?)
            }
            record_type::LEGACY_OFFSET_COMMIT => {
                let key = LegacyOffsetCommitKey::decode(&mut key, 0).map_err(in_key)?;
                let value: Option<LegacyOffsetCommitValue> =
                    value.map(decode_value).transpose().map_err(in_value)?;
                legacy(key, value)
            }
            _ => foreign(record_type, &mut key, is_there).map_err(in_key)?,
        })
    }
}

/// Offsets as very old brokers wrote them.
fn legacy(key: LegacyOffsetCommitKey, value: Option<LegacyOffsetCommitValue>) -> GroupRecord {
    let LegacyOffsetCommitKey { group, topic, partition } = key;
    let value = value.map(|LegacyOffsetCommitValue { offset, metadata, commit_timestamp }| {
        OffsetCommitValue { offset, metadata, commit_timestamp, ..OffsetCommitValue::default() }
    });
    GroupRecord::OffsetCommit(OffsetCommitKey { group, topic, partition }, value)
}

/// The keys of all kinds that are about a group as a whole have the same form.
fn group_key(record_type: i16, group_id: &str) -> Bytes {
    versioned(record_type, &GroupMetadataKey { group: group_id.to_owned() }, 0)
}

/// Keys of other kinds of groups begin with the group's id, and those of members go on with theirs.
fn foreign(record_type: i16, key: &mut Reader, is_there: bool) -> Result<GroupRecord, DecodeError> {
    let (kind, is_member) = match record_type {
        record_type::CONSUMER_GROUP_METADATA => (ForeignKind::Consumer, false),
        record_type::CONSUMER_GROUP_MEMBER_METADATA => (ForeignKind::Consumer, true),
        record_type::SHARE_GROUP_METADATA => (ForeignKind::Share, false),
        record_type::SHARE_GROUP_MEMBER_METADATA => (ForeignKind::Share, true),
        record_type::STREAMS_GROUP_METADATA => (ForeignKind::Streams, false),
        record_type::STREAMS_GROUP_MEMBER_METADATA => (ForeignKind::Streams, true),
        record_type::CONSUMER_GROUP_PARTITION_METADATA
        | record_type::CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA
        | record_type::STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA
        | record_type::STREAMS_GROUP_TOPOLOGY => {
            let group_id = GroupMetadataKey::decode(key, 0)?.group;
            return Ok(GroupRecord::ForeignPart { group_id, record_type, is_there });
        }
        _ => return Ok(GroupRecord::Other { record_type }),
    };
    if !is_member {
        let group_id = GroupMetadataKey::decode(key, 0)?.group;
        return Ok(GroupRecord::ForeignGroup { group_id, kind, is_there });
    }
    let super::records::ConsumerGroupMemberMetadataKey { group_id, member_id } = Message::decode(key, 0)?;
    Ok(GroupRecord::ForeignMember { group_id, kind, member_id, is_there })
}

fn versioned<M: Message>(prefix: i16, message: &M, version: i16) -> Bytes {
    let body = message.to_bytes(version);
    let body = body.unwrap_or_else(|error| panic!("a record that is written in version {version}: {error}"));
    let mut bytes = BytesMut::with_capacity(size_of::<i16>() + body.len());
    bytes.put_i16(prefix);
    bytes.extend_from_slice(&body);
    bytes.freeze()
}

fn decode_value<M: Message>(bytes: &Bytes) -> Result<M, DecodeError> {
    let mut reader = Reader::new(bytes.clone());
    let version = reader.i16()?;
    M::decode(&mut reader, version)
}
