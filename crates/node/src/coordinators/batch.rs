//! Records on their way into the log, as Kafka's coordinators write them.

use bytes::Bytes;
use klamm_base::Now;
use klamm_config::Settings;
use klamm_coordinator::group::record::GroupRecord;
use klamm_records::{BatchBuilder, BatchOptions, Compression, CompressionType, Scratch};

/// Kafka's coordinators number their batches like a producer's first one, without being a producer.
const BASE_SEQUENCE: i32 = 0;
/// What a record takes at most besides its key and value: attributes, deltas, lengths.
const RECORD_OVERHEAD: usize = 40;

/// One batch of all records; `None` when it would pass 2 GiB.
pub fn build(records: &[GroupRecord], settings: &Settings, now: Now, scratch: &mut Scratch) -> Option<Bytes> {
    let codec = u8::try_from(settings.groups.offsets_topic_codec).ok().and_then(CompressionType::from_id);
    let mut builder = BatchBuilder::new(BatchOptions {
        base_sequence: BASE_SEQUENCE,
        compression: Compression::of(codec.unwrap_or_default()),
        ..BatchOptions::default()
    });
    for record in records {
        let (key, value) = record.encode();
        builder.append(now.wall_ms, Some(&key), value.as_deref(), &[]).ok()?;
    }
    Some(builder.build(scratch))
}

/// Cuts records that need not stay together into runs of which each fits into a batch of `bytes_max`.
pub fn runs(records: Vec<GroupRecord>, bytes_max: usize) -> Vec<Vec<GroupRecord>> {
    let mut runs: Vec<Vec<GroupRecord>> = Vec::new();
    let mut size = 0;
    for record in records {
        let (key, value) = record.encode();
        let len = RECORD_OVERHEAD + key.len() + value.map_or(0, |value| value.len());
        size += len;
        match runs.last_mut().filter(|_| size + klamm_records::BatchHeader::SIZE <= bytes_max) {
            Some(run) => run.push(record),
            None => {
                size = len;
                runs.push(vec![record]);
            }
        }
    }
    runs
}
