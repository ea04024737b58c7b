//! Bytes that nobody honest wrote: nothing panics, nothing is allocated beyond what is there, and no batch with a wrong
//! checksum gets past recovery.

use klamm_log::format::*;
use klamm_log::{AppendContext, AppendOrigin};
use klamm_records::Batches;
use proptest::prelude::*;

use crate::golden::{disk_with, files, try_open};
use crate::harness::{NOW_MS, Wanted, batch, bytes_of};

#[derive(Clone, Debug)]
enum Damage {
    Flip { at: prop::sample::Index, bit: u8 },
    Cut { at: prop::sample::Index },
    Fill { at: prop::sample::Index, len: usize, byte: u8 },
    Append { bytes: Vec<u8> },
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        1 => any::<prop::sample::Index>().prop_map(|at| Damage::Cut { at }),
        1 => (any::<prop::sample::Index>(), 1..40usize, any::<u8>())
            .prop_map(|(at, len, byte)| Damage::Fill { at, len, byte }),
        1 => prop::collection::vec(any::<u8>(), 1..100).prop_map(|bytes| Damage::Append { bytes }),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    match damage {
        Damage::Append { bytes: more } => bytes.extend_from_slice(more),
        _ if bytes.is_empty() => {}
        Damage::Flip { at, bit } => {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        Damage::Cut { at } => bytes.truncate(at.index(bytes.len())),
        Damage::Fill { at, len, byte } => {
            let start = at.index(bytes.len());
            let end = bytes.len().min(start + len);
            bytes[start..end].fill(*byte);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_directories_are_survived(
        partition in prop::sample::select(vec!["mixed-0", "txn-0"]),
        damages in prop::collection::vec((any::<prop::sample::Index>(), damage()), 1..4),
        clean: bool,
        recovery_point in 0..200i64,
    ) {
        let names: Vec<String> = files(partition).into_keys().collect();
        let disk = disk_with(partition, |name, mut bytes| {
            for (which, damage) in &damages {
                if which.get(&names) == name {
                    apply(&mut bytes, damage);
                }
            }
            Some(bytes)
        });
        // Refusing with the file's name is as good as repairing.
        let Ok((_dir, mut log, _)) = try_open(&disk, partition, clean, recovery_point) else { return Ok(()) };
        let view = log.view();
        for offset in (view.log_start()..=view.written().offset).step_by(7).take(40) {
            if let Ok(read) = view.read(offset, 10_000, view.written(), true) {
                let _ = view.aborted_transactions(&read, view.written().offset);
            }
        }
        for timestamp in [0, 1_700_000_004_013, i64::MAX] {
            let _ = view.offset_for_timestamp(timestamp);
        }
        let _ = view.max_timestamp();
        let (header, bytes) = batch(Wanted { timestamp: NOW_MS, ..Wanted::default() });
        let context = AppendContext { origin: AppendOrigin::Client, leader_epoch: 9, now_ms: NOW_MS, sync: true };
        log.append(&header, bytes, &context).unwrap();
    }

    #[test]
    fn a_scan_lets_no_bad_batch_through(
        partition in prop::sample::select(vec!["mixed-0", "txn-0"]),
        damages in prop::collection::vec((any::<prop::sample::Index>(), damage()), 1..4),
    ) {
        let names: Vec<String> = files(partition).into_keys().filter(|name| name.ends_with(".log")).collect();
        let disk = disk_with(partition, |name, mut bytes| {
            for (which, damage) in &damages {
                if which.get(&names) == name {
                    apply(&mut bytes, damage);
                }
            }
            Some(bytes)
        });
        let (_dir, log, _) = try_open(&disk, partition, false, 0).unwrap();
        let view = log.view();
        let mut offset = view.log_start();
        while offset < view.written().offset {
            let read = view.read(offset, 1 << 20, view.written(), true).unwrap();
            for batch in Batches::new(&bytes_of(&read)) {
                let batch = batch.unwrap();
                prop_assert!(batch.check_crc().is_ok());
                prop_assert!(batch.last_offset() >= offset);
                offset = batch.last_offset() + 1;
            }
        }
    }

    #[test]
    fn decoders_take_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[0-9a-z:={}\", \n.-]{0,200}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = meta_properties::decode(bytes);
            let _ = clean_shutdown::decode(bytes);
            let _ = offset_checkpoint::decode(bytes);
            let _ = leader_epoch_checkpoint::decode(bytes);
            let _ = partition_metadata::decode(bytes);
            let _ = quorum_state::decode(bytes);
            let _ = transaction_index::decode(bytes, 5);
            let _ = producer_snapshot::decode(bytes);
        }
        let _ = partition_dir_name::parse(&text);
        let _ = file_name::FileName::parse(&text);
        let _ = snapshot_name::SnapshotFile::parse(&text);
    }
}
