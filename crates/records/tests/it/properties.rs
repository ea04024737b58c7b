//! Properties of arbitrary batches.

use bytes::BytesMut;
use klamm_records::codec::{compress, decompress};
use klamm_records::{
    BatchHeader, BatchOptions, BatchView, Batches, Compression, CompressionType, Limits, ProduceRules,
    Scratch, validate,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::support::{Owned, build, read, rules, seal};

fn any_record() -> impl Strategy<Value = Owned> {
    let text = || vec(any::<u8>(), 0..120);
    let header = (vec(any::<u8>(), 0..8), option::of(vec(any::<u8>(), 0..8)));
    let timestamp = prop_oneof![Just(-1i64), 0..i64::MAX, 1_699_999_999_000..1_700_000_001_000i64];
    (timestamp, option::of(text()), option::of(text()), vec(header, 0..4))
        .prop_map(|(timestamp, key, value, headers)| Owned { timestamp, key, value, headers })
}

fn any_codec() -> impl Strategy<Value = CompressionType> {
    proptest::sample::select(&CompressionType::ALL[..])
}

fn any_options() -> impl Strategy<Value = BatchOptions> {
    let sequence = prop_oneof![0..i32::MAX, Just(i32::MAX)];
    (any_codec(), any::<bool>(), option::of((0..i64::MAX, 0..i16::MAX, sequence))).prop_map(
        |(codec, transactional, producer)| {
            let mut options = BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() };
            if let Some((id, epoch, sequence)) = producer {
                options.producer_id = id;
                options.producer_epoch = epoch;
                options.base_sequence = sequence;
                options.transactional = transactional;
            }
            options
        },
    )
}

fn lenient() -> ProduceRules {
    ProduceRules { timestamp_after_max_ms: i64::MAX, ..rules() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn what_is_built_validates_and_reads_back(options in any_options(), records in vec(any_record(), 1..60)) {
        let mut scratch = Scratch::new();
        let batch = build(options, &records);
        let validated = validate(&batch, &lenient(), &mut scratch).unwrap();
        prop_assert_eq!(validated.record_count as usize, records.len());
        prop_assert_eq!(validated.max_timestamp, records.iter().map(|r| r.timestamp).max().unwrap());
        prop_assert_eq!(validated.max_timestamp, validated.header.max_timestamp);
        let first = records.iter().position(|r| r.timestamp == validated.max_timestamp).unwrap();
        prop_assert_eq!(validated.max_timestamp_index as usize, first);
        prop_assert_eq!(read(&batch, &mut scratch), records);
    }

    #[test]
    fn whatever_validates_can_be_read(
        options in any_options(),
        records in vec(any_record(), 1..8),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut scratch = Scratch::new();
        let mut batch = build(options, &records);
        for (at, byte) in changes {
            let at = 21 + at.index(batch.len() - 21);
            batch[at] = byte;
        }
        seal(&mut batch);
        if let Ok(validated) = validate(&batch, &lenient(), &mut scratch) {
            prop_assert_eq!(read(&batch, &mut scratch).len(), validated.record_count as usize);
        }
    }

    #[test]
    fn any_bytes_are_answered(mut bytes in vec(any::<u8>(), 0..300), magic in -1i8..4, length in 0i32..300) {
        let mut scratch = Scratch::new();
        if bytes.len() > 21 {
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            bytes[16] = magic as u8;
            let size = bytes.len();
            let end = size.min(12 + length as usize);
            if end > 21 {
                seal(&mut bytes[..end]);
            }
        }
        let _ = validate(&bytes, &lenient(), &mut scratch);
        for batch in Batches::new(&bytes).flatten() {
            let _ = batch.check_crc();
            let _ = (batch.last_offset(), batch.max_timestamp());
            if let Ok(view) = BatchView::parse(batch.bytes())
                && let Ok(mut reader) = view.records(&mut scratch, &Limits::default())
            {
                while let Some(Ok(_)) = reader.next() {}
            }
        }
    }

    #[test]
    fn any_stream_is_answered(codec in any_codec(), bytes in vec(any::<u8>(), 0..400)) {
        let limits = Limits { decompressed_bytes_max: 1 << 20, ..Limits::default() };
        let _ = decompress(codec, &bytes, &limits, &mut Scratch::new(), &mut BytesMut::new());
    }

    #[test]
    fn codecs_give_back_what_they_took(
        codec in any_codec(),
        seed in vec(any::<u8>(), 0..200),
        times in 0usize..1500,
    ) {
        let plain = seed.repeat(times);
        let (mut scratch, mut packed, mut again) = (Scratch::new(), BytesMut::new(), BytesMut::new());
        compress(Compression::of(codec), &plain, &mut scratch, &mut packed);
        decompress(codec, &packed, &Limits::default(), &mut scratch, &mut again).unwrap();
        prop_assert_eq!(again, plain);
    }

    #[test]
    fn headers_survive(head in any::<[u8; 32]>(), tail in any::<[u8; 29]>()) {
        let mut bytes: Vec<u8> = head.iter().chain(&tail).copied().collect();
        bytes[16] = 2;
        bytes[8] &= 0x7f;
        bytes[11] |= 49;
        let header = BatchHeader::parse(&bytes).unwrap();
        let mut again = [0; BatchHeader::SIZE];
        header.write(&mut again);
        prop_assert_eq!(&again[..], &bytes[..]);
        let _ = (header.last_offset(), header.next_offset(), header.last_sequence(), header.size_in_bytes());
    }
}
