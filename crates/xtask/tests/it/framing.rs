//! Log records: what stands before the message says which one it is.

use crate::golden::{Vector, messages, vectors};
use klamm_base::codec::Kind;
use klamm_metadata::VersionedRecord;

fn framed() -> Vec<Vector> {
    let vectors = vectors("records.jsonl.gz").into_iter();
    vectors.filter(|vector| vector.framed.is_some()).collect()
}

/// Remote log metadata is framed alike, but its numbers are those of another log.
fn is_of_the_metadata_log(vector: &Vector) -> bool {
    !vector.name.starts_with("Remote")
}

#[test]
fn metadata_records_are_read_and_written_whole() {
    let mut count = 0;
    for vector in framed().into_iter().filter(is_of_the_metadata_log) {
        let Kind::Metadata { api_key } = messages()[vector.name.as_str()].schema.kind else { continue };
        let bytes = vector.framed.clone().expect("only framed ones were kept");
        let record = VersionedRecord::decode(bytes.clone());
        let record = record.unwrap_or_else(|e| panic!("{}: {e}", vector.title()));
        assert_eq!((record.record.record_type(), record.version), (api_key as u32, vector.version));
        assert_eq!(record.encode(), bytes, "{}: other bytes", vector.title());
        count += 1;
    }
    assert!(count > 20, "{count} framed metadata records");
}

/// Keys open with their type, values with their version, both in 16 bits.
#[test]
fn coordinator_records_open_with_one_number() {
    let mut count = 0;
    for vector in framed() {
        let number = match messages()[vector.name.as_str()].schema.kind {
            Kind::CoordinatorKey { api_key } => api_key,
            Kind::CoordinatorValue { .. } => vector.version,
            _ => continue,
        };
        let (framed, bytes) =
            (vector.framed.as_ref().expect("framed"), vector.bytes.as_ref().expect("written"));
        assert_eq!(framed[..2], number.to_be_bytes(), "{}", vector.title());
        assert_eq!(framed[2..], bytes[..], "{}", vector.title());
        count += 1;
    }
    assert!(count > 50, "{count} framed coordinator records");
}
