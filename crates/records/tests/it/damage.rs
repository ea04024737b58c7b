//! Damaged batches: every cut and every flipped bit is noticed.

use klamm_records::{
    BatchFault, BatchPrefix, BatchView, Batches, CompressionType, Limits, RecordFault, Refusal, Scratch,
    validate,
};

use crate::golden;
use crate::support::{rules, seal};

fn golden_of_every_codec() -> Vec<Vec<u8>> {
    CompressionType::ALL.map(|codec| golden::bytes(&format!("mixed-{}", codec.name()))).to_vec()
}

/// The golden records lie up to three years apart.
fn any_time() -> klamm_records::ProduceRules {
    klamm_records::ProduceRules { timestamp_after_max_ms: i64::MAX, ..rules() }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let mut scratch = Scratch::new();
    for mut batch in golden_of_every_codec() {
        validate(&batch, &any_time(), &mut scratch).unwrap();
        for bit in 0..batch.len() * 8 {
            batch[bit / 8] ^= 1 << (bit % 8);
            let result = validate(&batch, &any_time(), &mut scratch);
            match bit / 8 {
                0..8 => assert!(matches!(result, Err(Refusal::BadBaseOffset { .. })), "bit {bit}"),
                12..16 => assert!(result.is_ok(), "the leader epoch is the broker's"),
                17.. => assert!(
                    matches!(result, Err(Refusal::Corrupt(BatchFault::BadCrc { .. }))),
                    "bit {bit}: {result:?}"
                ),
                // Length and magic.
                8..12 | 16 => assert!(result.is_err(), "bit {bit}"),
            }
            batch[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn every_cut_is_noticed() {
    let mut scratch = Scratch::new();
    for batch in golden_of_every_codec() {
        for len in 0..batch.len() {
            let cut = &batch[..len];
            assert_eq!(validate(cut, &any_time(), &mut scratch), Err(Refusal::NoBatch), "{len}");
            let fault = BatchView::parse(cut).unwrap_err();
            assert!(matches!(fault, BatchFault::Truncated { available, .. } if available == len));
            let first = Batches::new(cut).next();
            assert!(first.is_none_or(|first| matches!(first, Err(BatchFault::Truncated { .. }))));
        }
    }
}

#[test]
fn every_cut_of_the_payload_is_noticed_even_under_a_right_crc() {
    let mut scratch = Scratch::new();
    for batch in golden_of_every_codec() {
        for len in 61..batch.len() {
            let mut cut = batch[..len].to_vec();
            cut[8..12].copy_from_slice(&((len - 12) as i32).to_be_bytes());
            seal(&mut cut);
            let result = validate(&cut, &any_time(), &mut scratch);
            assert!(matches!(result, Err(Refusal::Records(_))), "{len}: {result:?}");
            assert!(read_all(&cut, &mut scratch).is_err(), "{len}");
        }
    }
}

#[test]
fn recovery_tells_the_kinds_of_damage_apart() {
    let good = golden::bytes("mixed-none");
    let with = |at: usize, bytes: &[u8]| {
        let mut batch = good.clone();
        batch[at..at + bytes.len()].copy_from_slice(bytes);
        batch
    };
    let fault = |bytes: &[u8]| Batches::new(bytes).next().unwrap().and_then(|b| b.check_crc()).unwrap_err();
    assert_eq!(fault(&with(16, &[3])), BatchFault::BadMagic { magic: 3 });
    assert_eq!(fault(&with(8, &[0, 0, 0, 48])), BatchFault::BadLength { length: 48 });
    assert_eq!(fault(&with(8, &[0xff; 4])), BatchFault::BadLength { length: -1 });
    assert!(matches!(fault(&with(8, &[0x7f, 0, 0, 0])), BatchFault::Truncated { .. }));
    assert!(matches!(fault(&with(100, &[0xee])), BatchFault::BadCrc { .. }));
    // A preallocated tail.
    assert_eq!(fault(&[0; 4096]), BatchFault::BadLength { length: 0 });
    assert_eq!(fault(&[0; 12]), BatchFault::BadLength { length: 0 });

    let prefix = BatchPrefix::parse(&good[..17]).unwrap();
    assert_eq!(prefix, BatchPrefix { offset: 0, size_in_bytes: good.len(), magic: 2 });
}

#[test]
fn a_damaged_old_message_is_noticed() {
    let mut log = golden::bytes("old-magics");
    log[26] ^= 1;
    let first = Batches::new(&log).next().unwrap().unwrap();
    assert!(matches!(first.check_crc(), Err(BatchFault::BadCrc { .. })));
}

fn read_all(batch: &[u8], scratch: &mut Scratch) -> Result<usize, RecordFault> {
    let mut reader = BatchView::parse(batch).unwrap().records(scratch, &Limits::default())?;
    let mut count = 0;
    while let Some(record) = reader.next() {
        record?;
        count += 1;
    }
    Ok(count)
}
