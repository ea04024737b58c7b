//! Records of the coordinators' own topics as JSON, one after the other without line ends
//! (Kafka: `CoordinatorRecordMessageFormatter` and its subclasses).

use bytes::{Buf, Bytes};
use klamm_base::codec::{Kind, MessageSchema, MessageType};
use klamm_client::consumer::ConsumedRecord;
use klamm_coordinator::{group, share, txn};

use super::message_json::{Rename, quoted, to_json};
use crate::exception::Exception;

/// Which records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinatorLog {
    Offsets,
    GroupMetadata,
    ShareGroups,
    ShareGroupState,
    Transactions,
}

/// Shows the records of one kind and passes over all others.
#[derive(Clone, Debug)]
pub struct CoordinatorFormatter {
    log: CoordinatorLog,
}

/// The message types of one record type.
struct RecordType {
    key: &'static MessageSchema,
    value: &'static MessageSchema,
}

impl CoordinatorLog {
    fn registry(self) -> &'static [MessageType] {
        match self {
            CoordinatorLog::Offsets | CoordinatorLog::GroupMetadata | CoordinatorLog::ShareGroups => {
                group::records::registry()
            }
            CoordinatorLog::ShareGroupState => share::records::registry(),
            CoordinatorLog::Transactions => txn::records::registry(),
        }
    }

    fn shows(self, record_type: i16) -> bool {
        match self {
            CoordinatorLog::Offsets => matches!(record_type, 0 | 1),
            CoordinatorLog::GroupMetadata => record_type == 2,
            CoordinatorLog::ShareGroups => (10..=15).contains(&record_type),
            CoordinatorLog::ShareGroupState | CoordinatorLog::Transactions => true,
        }
    }

    fn rename(self) -> Rename {
        match self {
            CoordinatorLog::Transactions => transaction_status,
            _ => |_, _| None,
        }
    }
}

/// The state of a transaction by its name.
fn transaction_status(name: &str, json: &str) -> Option<String> {
    const NAMES: [&str; 8] = [
        "Empty",
        "Ongoing",
        "PrepareCommit",
        "PrepareAbort",
        "CompleteCommit",
        "CompleteAbort",
        "Dead",
        "PrepareEpochFence",
    ];
    if name != "transactionStatus" {
        return None;
    }
    let known = json.parse::<usize>().ok().and_then(|id| NAMES.get(id));
    Some(quoted(known.copied().unwrap_or(json)))
}

impl CoordinatorFormatter {
    pub fn new(log: CoordinatorLog) -> CoordinatorFormatter {
        CoordinatorFormatter { log }
    }

    fn record_type(&self, id: i16) -> Option<RecordType> {
        let schemas = || self.log.registry().iter().map(|message| message.schema);
        let key = schemas().find(|schema| schema.kind == Kind::CoordinatorKey { api_key: id })?;
        let value = schemas().find(|schema| schema.kind == Kind::CoordinatorValue { api_key: id })?;
        Some(RecordType { key, value })
    }

    /// Adds the record's JSON to `out`, if it is one of those to be shown.
    ///
    /// # Errors
    /// What Java throws for a record that cannot be read.
    pub fn print(&self, record: &ConsumedRecord, out: &mut Vec<u8>) -> Result<(), Exception> {
        let Some(key) = &record.key else { return Ok(()) };
        let broken = |why: String| {
            let message = format!("Could not read record at offset {} due to: {why}", record.offset);
            Exception::new("java.lang.RuntimeException", message)
        };
        let json = self.json(key.clone(), record.value.clone()).map_err(broken)?;
        out.extend_from_slice(json.unwrap_or_default().as_bytes());
        Ok(())
    }

    fn json(&self, mut key: Bytes, value: Option<Bytes>) -> Result<Option<String>, String> {
        let id = version(&mut key, "key")?;
        let Some(record_type) = self.record_type(id) else { return Ok(None) };
        // A key's messages have one version, whatever the number before them.
        let key = to_json(record_type.key, 0, key, |_, _| None).map_err(unreadable(id, "key"))?;
        let value = match value {
            None => "null".to_owned(),
            Some(mut value) => {
                let version = version(&mut value, "value")?;
                if !record_type.value.versions.contains(version) {
                    let unknown = "Found an unknown record version";
                    return Err(format!("{unknown} {version} for {id} type."));
                }
                let data = to_json(record_type.value, version, value, self.log.rename());
                let data = data.map_err(unreadable(version, "value"))?;
                format!("{{\"version\":{version},\"data\":{data}}}")
            }
        };
        let shown = || format!("{{\"key\":{{\"type\":{id},\"data\":{key}}},\"value\":{value}}}");
        Ok(self.log.shows(id).then(shown))
    }
}

fn version(bytes: &mut Bytes, name: &str) -> Result<i16, String> {
    bytes.try_get_i16().map_err(|_| format!("Could not read version from {name}'s buffer."))
}

fn unreadable(version: i16, name: &str) -> impl Fn(klamm_base::codec::DecodeError) -> String {
    move |error| format!("Could not read record with version {version} from {name}'s buffer due to: {error}.")
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};
    use klamm_base::TopicPartition;
    use klamm_base::codec::Message;
    use klamm_client::consumer::TimestampType;
    use klamm_coordinator::group::records::{
        GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
    };
    use klamm_coordinator::txn::records::{TransactionLogKey, TransactionLogValue};

    use super::*;

    fn prefixed(prefix: i16, version: i16, message: &impl Message) -> Bytes {
        let mut bytes = BytesMut::new();
        bytes.put_i16(prefix);
        bytes.extend_from_slice(&message.to_bytes(version).expect("the message has this version"));
        bytes.freeze()
    }

    fn shown(log: CoordinatorLog, key: Option<Bytes>, value: Option<Bytes>) -> String {
        let record = ConsumedRecord {
            partition: TopicPartition::new("__consumer_offsets", 0),
            offset: 9,
            timestamp_type: TimestampType::CreateTime,
            timestamp_ms: 0,
            leader_epoch: 0,
            key,
            value,
            headers: Vec::new(),
        };
        let mut out = Vec::new();
        match CoordinatorFormatter::new(log).print(&record, &mut out) {
            Ok(()) => String::from_utf8(out).expect("JSON is UTF-8"),
            Err(exception) => exception.message().to_owned(),
        }
    }

    fn offset_key() -> Bytes {
        let key = OffsetCommitKey { group: "g\"1".to_owned(), topic: "one".to_owned(), partition: 0 };
        prefixed(1, 0, &key)
    }

    #[test]
    fn offsets_are_json_in_the_order_of_the_schema() {
        let value = OffsetCommitValue { offset: 6, commit_timestamp: 5, ..OffsetCommitValue::default() };
        assert_eq!(
            shown(CoordinatorLog::Offsets, Some(offset_key()), Some(prefixed(3, 3, &value))),
            "{\"key\":{\"type\":1,\"data\":{\"group\":\"g\\\"1\",\"topic\":\"one\",\"partition\":0}},\"value\":\
             {\"version\":3,\"data\":{\"offset\":6,\"leaderEpoch\":-1,\"metadata\":\"\",\"commitTimestamp\":5}}}"
        );
        assert_eq!(
            shown(CoordinatorLog::Offsets, Some(offset_key()), None),
            "{\"key\":{\"type\":1,\"data\":{\"group\":\"g\\\"1\",\"topic\":\"one\",\"partition\":0}},\"value\":null}"
        );
        assert_eq!(shown(CoordinatorLog::GroupMetadata, Some(offset_key()), None), "");
    }

    #[test]
    fn groups_show_nulls_and_empty_arrays() {
        let key = GroupMetadataKey { group: "g".to_owned() };
        let value = GroupMetadataValue {
            protocol_type: "consumer".to_owned(),
            generation: 2,
            protocol: None,
            leader: None,
            ..Default::default()
        };
        assert_eq!(
            shown(CoordinatorLog::GroupMetadata, Some(prefixed(2, 0, &key)), Some(prefixed(4, 4, &value))),
            "{\"key\":{\"type\":2,\"data\":{\"group\":\"g\"}},\"value\":{\"version\":4,\"data\":{\"protocolType\":\
             \"consumer\",\"generation\":2,\"protocol\":null,\"leader\":null,\"currentStateTimestamp\":-1,\
             \"members\":[]}}}"
        );
    }

    #[test]
    fn transactions_show_their_state_and_what_is_tagged() {
        let key = TransactionLogKey { transactional_id: "t".to_owned() };
        let value = TransactionLogValue {
            producer_id: 1,
            next_producer_id: 8,
            transaction_status: 2,
            transaction_partitions: None,
            ..TransactionLogValue::default()
        };
        assert_eq!(
            shown(CoordinatorLog::Transactions, Some(prefixed(0, 0, &key)), Some(prefixed(1, 1, &value))),
            "{\"key\":{\"type\":0,\"data\":{\"transactionalId\":\"t\"}},\"value\":{\"version\":1,\"data\":\
             {\"producerId\":1,\"nextProducerId\":8,\"producerEpoch\":0,\"transactionTimeoutMs\":0,\
             \"transactionStatus\":\"PrepareCommit\",\"transactionPartitions\":null,\
             \"transactionLastUpdateTimestampMs\":0,\"transactionStartTimestampMs\":0}}}"
        );
    }

    #[test]
    fn what_is_unknown_is_passed_over_and_what_is_broken_is_told() {
        assert_eq!(shown(CoordinatorLog::Offsets, None, None), "");
        assert_eq!(shown(CoordinatorLog::Offsets, Some(Bytes::from_static(b"\x0f\xff")), None), "");
        let broken = shown(CoordinatorLog::Offsets, Some(Bytes::from_static(b"\x00")), None);
        assert_eq!(
            broken,
            "Could not read record at offset 9 due to: Could not read version from key's buffer."
        );
        let broken =
            shown(CoordinatorLog::Offsets, Some(offset_key()), Some(Bytes::from_static(b"\0\x03\0")));
        assert!(broken.starts_with(
            "Could not read record at offset 9 due to: Could not read record with version 3 from value's buffer due to:"
        ));
    }
}
