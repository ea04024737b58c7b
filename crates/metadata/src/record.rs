//! The records of the metadata log and their framing. Kafka: `MetadataRecordSerde`,
//! `ApiMessageAndVersion`.
//!
//! ```text
//! value   unsigned varint frame version (1), unsigned varint record type,
//!         unsigned varint record version, the record; nothing after it
//! ```
//!
//! The key is always null. A record this build cannot read is never skipped: whoever skipped it would
//! hold another cluster than the one the log describes.

use std::fmt;

use bytes::Bytes;
use klamm_base::codec::{AnyMessage, DecodeError, Message, Reader, Sink, Writer};

use crate::records::*;

const FRAME_VERSION: u32 = 1;

/// Why a record of the log cannot be read. The node that finds one stops.
#[derive(Debug)]
pub enum RecordFault {
    FrameVersion {
        version: u32,
    },
    /// Kafka has removed this type or this build is too old for it.
    UnknownType {
        record_type: u32,
    },
    Header(DecodeError),
    Body {
        record_type: u32,
        version: u32,
        source: DecodeError,
    },
    TrailingBytes {
        record_type: u32,
        version: u32,
        count: usize,
    },
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordFault::FrameVersion { version } => write!(f, "unknown frame version {version}"),
            RecordFault::UnknownType { record_type } => write!(f, "unknown record type {record_type}"),
            RecordFault::Header(source) => write!(f, "unreadable record header: {source}"),
            RecordFault::Body { record_type, version, source } => {
                write!(f, "unreadable record of type {record_type} version {version}: {source}")
            }
            RecordFault::TrailingBytes { record_type, version, count } => {
                write!(f, "{count} bytes after a record of type {record_type} version {version}")
            }
        }
    }
}

impl std::error::Error for RecordFault {}

/// A record and the version it is written in.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionedRecord {
    pub record: MetadataRecord,
    pub version: i16,
}

impl VersionedRecord {
    pub fn new(record: impl Into<MetadataRecord>, version: i16) -> VersionedRecord {
        VersionedRecord { record: record.into(), version }
    }

    /// The bytes of the record's value.
    ///
    /// # Panics
    /// When the record says something its version has no field for: who made it chose the version.
    pub fn encode(&self) -> Bytes {
        let mut writer = Writer::new();
        writer.unsigned_varint(FRAME_VERSION);
        writer.unsigned_varint(self.record.record_type());
        writer.unsigned_varint(self.version as u32);
        let encoded = self.record.message().encode(&mut writer, self.version);
        encoded.expect("the version has all fields that are set");
        writer.into_bytes()
    }

    /// Bytes of the record's value, nearly: the three numbers before the body count as one byte each.
    pub(crate) fn encoded_size(&self) -> usize {
        let size = self.record.message().encoded_size(self.version);
        3 + size.expect("the version has all fields that are set").total()
    }

    /// Reads the value of one record of a data batch.
    pub fn decode(value: Bytes) -> Result<VersionedRecord, RecordFault> {
        let mut reader = Reader::new(value);
        let frame_version = reader.unsigned_varint().map_err(RecordFault::Header)?;
        if frame_version != FRAME_VERSION {
            return Err(RecordFault::FrameVersion { version: frame_version });
        }
        let record_type = reader.unsigned_varint().map_err(RecordFault::Header)?;
        let version = reader.unsigned_varint().map_err(RecordFault::Header)?;
        // A number beyond 16 bits is no version; the body's reader refuses the largest too.
        let body_version = i16::try_from(version).unwrap_or(i16::MAX);
        let record = MetadataRecord::decode_body(record_type, &mut reader, body_version)
            .ok_or(RecordFault::UnknownType { record_type })?
            .map_err(|source| RecordFault::Body { record_type, version, source })?;
        match reader.remaining() {
            0 => Ok(VersionedRecord { record, version: body_version }),
            count => Err(RecordFault::TrailingBytes { record_type, version, count }),
        }
    }
}

macro_rules! metadata_records {
    ($($id:literal $variant:ident($record:ident),)*) => {
        /// Every record type of the metadata log.
        #[derive(Clone, Debug, PartialEq)]
        pub enum MetadataRecord {
            $($variant($record),)*
        }

        impl MetadataRecord {
            /// The number in the frame.
            pub fn record_type(&self) -> u32 {
                match self {
                    $(MetadataRecord::$variant(_) => $id,)*
                }
            }

            /// `None` for a type that does not exist.
            fn decode_body(
                record_type: u32,
                reader: &mut Reader,
                version: i16,
            ) -> Option<Result<MetadataRecord, DecodeError>> {
                match record_type {
                    $($id => Some($record::decode(reader, version).map(MetadataRecord::$variant)),)*
                    _ => None,
                }
            }

            /// The record without its type.
            pub fn message(&self) -> &dyn AnyMessage {
                match self {
                    $(MetadataRecord::$variant(record) => record,)*
                }
            }
        }

        $(impl From<$record> for MetadataRecord {
            fn from(record: $record) -> MetadataRecord {
                MetadataRecord::$variant(record)
            }
        })*
    };
}

metadata_records! {
    0 RegisterBroker(RegisterBrokerRecord),
    1 UnregisterBroker(UnregisterBrokerRecord),
    2 Topic(TopicRecord),
    3 Partition(PartitionRecord),
    4 Config(ConfigRecord),
    5 PartitionChange(PartitionChangeRecord),
    7 FenceBroker(FenceBrokerRecord),
    8 UnfenceBroker(UnfenceBrokerRecord),
    9 RemoveTopic(RemoveTopicRecord),
    10 DelegationToken(DelegationTokenRecord),
    11 UserScramCredential(UserScramCredentialRecord),
    12 FeatureLevel(FeatureLevelRecord),
    14 ClientQuota(ClientQuotaRecord),
    15 ProducerIds(ProducerIdsRecord),
    17 BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    18 AccessControlEntry(AccessControlEntryRecord),
    19 RemoveAccessControlEntry(RemoveAccessControlEntryRecord),
    20 NoOp(NoOpRecord),
    21 ZkMigrationState(ZkMigrationStateRecord),
    22 RemoveUserScramCredential(RemoveUserScramCredentialRecord),
    23 BeginTransaction(BeginTransactionRecord),
    24 EndTransaction(EndTransactionRecord),
    25 AbortTransaction(AbortTransactionRecord),
    26 RemoveDelegationToken(RemoveDelegationTokenRecord),
    27 RegisterController(RegisterControllerRecord),
    28 ClearElr(ClearElrRecord),
    29 UnregisterController(UnregisterControllerRecord),
}

#[cfg(test)]
mod tests {
    use klamm_base::codec::Kind;

    use super::*;

    fn decode(bytes: &[u8]) -> Result<VersionedRecord, RecordFault> {
        VersionedRecord::decode(Bytes::copy_from_slice(bytes))
    }

    #[test]
    fn the_frame_is_three_varints() {
        let record = FeatureLevelRecord { name: "metadata.version".to_owned(), feature_level: 33 };
        let bytes = VersionedRecord::new(record.clone(), 0).encode();
        assert_eq!(bytes[..3], [1, 12, 0]);
        assert_eq!(bytes.len(), 23, "as Kafka's");
        assert_eq!(decode(&bytes).expect("just written"), VersionedRecord::new(record, 0));
    }

    #[test]
    fn every_type_and_version_survives_its_bytes() {
        let mut types = 0;
        for message in crate::records::registry() {
            let Kind::Metadata { api_key: record_type } = message.schema.kind else { continue };
            // Records of tiered segments have a log and numbers of their own.
            if message.name().starts_with("Remote") {
                continue;
            }
            types += 1;
            for version in message.schema.versions.iter() {
                let mut writer = Writer::new();
                writer.unsigned_varint(FRAME_VERSION);
                writer.unsigned_varint(record_type as u32);
                writer.unsigned_varint(version as u32);
                (message.default)().encode(&mut writer, version).expect("defaults fit every version");
                let bytes = writer.into_bytes();
                let record =
                    decode(&bytes).unwrap_or_else(|fault| panic!("{} v{version}: {fault}", message.name()));
                assert_eq!((record.record.record_type(), record.version), (record_type as u32, version));
                assert_eq!(record.encode(), bytes, "{} v{version}", message.name());
                assert_eq!(record.encoded_size(), bytes.len());
            }
        }
        assert_eq!(types, 27);
    }

    #[test]
    fn what_cannot_be_read_is_a_fault() {
        assert!(matches!(decode(&[]), Err(RecordFault::Header(_))));
        assert!(matches!(decode(&[0, 20, 0, 0]), Err(RecordFault::FrameVersion { version: 0 })));
        assert!(matches!(decode(&[2, 20, 0, 0]), Err(RecordFault::FrameVersion { version: 2 })));
        for record_type in [6, 13, 16, 30, 127] {
            let fault = decode(&[1, record_type, 0, 0]).expect_err("there is no such type");
            assert!(
                matches!(fault, RecordFault::UnknownType { record_type: found } if found == u32::from(record_type))
            );
        }
        assert!(matches!(decode(&[1, 20]), Err(RecordFault::Header(_))));
        assert!(matches!(decode(&[1, 20, 1, 0]), Err(RecordFault::Body { record_type: 20, version: 1, .. })));
        assert!(matches!(decode(&[1, 20, 0xff, 0xff, 0x7f, 0]), Err(RecordFault::Body { .. })));
        assert!(matches!(decode(&[1, 12, 0, 5, b'a']), Err(RecordFault::Body { record_type: 12, .. })));
        assert!(matches!(
            decode(&[1, 20, 0, 0]),
            Ok(VersionedRecord { record: MetadataRecord::NoOp(_), .. })
        ));
        assert!(matches!(decode(&[1, 20, 0, 0, 9, 9]), Err(RecordFault::TrailingBytes { count: 2, .. })));
    }

    #[test]
    #[should_panic(expected = "the version has all fields that are set")]
    fn a_record_never_loses_a_field_to_its_version() {
        let change = PartitionChangeRecord { eligible_leader_replicas: Some(vec![1]), ..Default::default() };
        VersionedRecord::new(change, 1).encode();
    }
}
