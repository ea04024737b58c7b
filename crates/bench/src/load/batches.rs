//! Record batches, built once and sent again and again.

use klamm_records::{BatchBuilder, BatchOptions, Scratch};

/// Bytes of records of one batch on the wire, and how many records.
#[derive(Clone)]
pub struct Batch {
    pub bytes: Vec<u8>,
    pub records: usize,
}

/// A batch of records of so many bytes, as many as fit into `batch` bytes, one at least.
pub fn filled(record: usize, batch: usize) -> Batch {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let value: Vec<u8> = (0..record).map(|at| (at * 31 % 251) as u8).collect();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now_ms = now.map_or(0, |age| age.as_millis() as i64);
    let mut records = 0;
    // A record of a batch has a few bytes besides its value.
    while records == 0 || builder.uncompressed_size() + record + 16 <= batch {
        builder.append(now_ms, None, Some(&value), &[]).expect("offsets ascend and the batch is small");
        records += 1;
    }
    Batch { bytes: builder.build(&mut Scratch::default()).to_vec(), records }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_large_as_asked_for() {
        for (record, size) in [(100, 16_384), (1024, 16_384), (1024, 1 << 20)] {
            let batch = filled(record, size);
            assert!(
                batch.bytes.len() <= size && batch.bytes.len() + record + 32 > size,
                "{}",
                batch.bytes.len()
            );
        }
        assert_eq!(filled(1024, 0).records, 1);
    }
}
