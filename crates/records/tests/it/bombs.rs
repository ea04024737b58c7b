//! Small batches that decompress to a lot: bounded by the limits, and read without much memory.

use bytes::BytesMut;
use klamm_records::codec::{compress, decompress};
use klamm_records::{
    BatchHeader, BatchView, CodecFault, Compression, CompressionType, Limits, RecordFault, Refusal, Scratch,
    validate,
};

use crate::support::{NOW_MS, rules, seal};

const CODECS: [CompressionType; 4] =
    [CompressionType::Gzip, CompressionType::Snappy, CompressionType::Lz4, CompressionType::Zstd];

const VALUE_MIB: usize = 192;

fn packed(codec: CompressionType, plain: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    compress(Compression::of(codec), plain, &mut Scratch::new(), &mut out);
    out.to_vec()
}

/// The stream of one sound record with a value of many zeros, made without ever holding the zeros.
fn bomb_stream(codec: CompressionType) -> Vec<u8> {
    let value = (VALUE_MIB << 20) as i32;
    let mut head = BytesMut::new();
    // Attributes, timestamp delta, offset delta, null key, value length; behind the value no headers.
    let mut fields = BytesMut::from(&[0u8, 0, 0, 1][..]);
    klamm_records::varint::put_varint(&mut fields, value);
    klamm_records::varint::put_varint(&mut head, fields.len() as i32 + value + 1);
    head.extend_from_slice(&fields);
    let tail = [0u8];
    if codec == CompressionType::Lz4 {
        return lz4_frame(&head, VALUE_MIB * 16, &tail);
    }
    // All other codecs let streams follow each other.
    let zeros = packed(codec, &vec![0; 1 << 20]);
    let mut stream = packed(codec, &head);
    (0..VALUE_MIB).for_each(|_| stream.extend_from_slice(&zeros));
    stream.extend_from_slice(&packed(codec, &tail));
    stream
}

/// One frame whose middle block, 64 KiB of zeros, comes many times.
fn lz4_frame(head: &[u8], zero_blocks: usize, tail: &[u8]) -> Vec<u8> {
    let block = |plain: &[u8]| {
        let frame = packed(CompressionType::Lz4, plain);
        frame[7..frame.len() - 4].to_vec()
    };
    let mut frame = packed(CompressionType::Lz4, head)[..7].to_vec();
    frame.extend_from_slice(&block(head));
    let zeros = block(&vec![0; 64 << 10]);
    (0..zero_blocks).for_each(|_| frame.extend_from_slice(&zeros));
    frame.extend_from_slice(&block(tail));
    frame.extend_from_slice(&[0; 4]);
    frame
}

fn batch(codec: CompressionType, stream: &[u8]) -> Vec<u8> {
    let header = BatchHeader {
        base_offset: 0,
        length: (BatchHeader::SIZE - BatchHeader::LOG_OVERHEAD + stream.len()) as i32,
        partition_leader_epoch: -1,
        magic: 2,
        crc: 0,
        attributes: klamm_records::Attributes(i16::from(codec.id())),
        last_offset_delta: 0,
        base_timestamp: NOW_MS,
        max_timestamp: NOW_MS,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        record_count: 1,
    };
    let mut head = [0; BatchHeader::SIZE];
    header.write(&mut head);
    let mut batch = head.to_vec();
    batch.extend_from_slice(stream);
    seal(&mut batch);
    batch
}

/// The most memory this process has ever held, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_huge_record_is_validated_in_little_memory() {
    for codec in CODECS {
        let bomb = batch(codec, &bomb_stream(codec));
        let mut rules = rules();
        rules.max_message_bytes = usize::MAX;
        let before = peak_kib();
        let validated = validate(&bomb, &rules, &mut Scratch::new()).unwrap();
        assert!(validated.uncompressed_bytes > (VALUE_MIB as u64) << 20, "{codec:?}");
        if let (Some(before), Some(after)) = (before, peak_kib()) {
            // Other tests run beside this one; they hold a few MiB.
            let grown = after - before;
            assert!(grown < 48 << 10, "{codec:?}: {grown} KiB more for {VALUE_MIB} MiB");
        }
    }
}

#[test]
fn limits_stop_bombs() {
    for codec in CODECS {
        let stream = bomb_stream(codec);
        let bomb = batch(codec, &stream);
        let mut rules = rules();
        rules.max_message_bytes = usize::MAX;
        let mut scratch = Scratch::new();

        rules.limits.decompressed_bytes_max = 3 << 20;
        let fault = CodecFault::TooLarge { limit: 3 << 20 };
        let refused = Err(Refusal::Records(RecordFault::Codec(fault)));
        assert_eq!(validate(&bomb, &rules, &mut scratch), refused, "{codec:?}");

        let view = BatchView::parse(&bomb).unwrap();
        let mut reader = view.records(&mut scratch, &rules.limits).unwrap();
        assert_eq!(reader.next(), Some(Err(RecordFault::Codec(fault))), "{codec:?}");
        assert_eq!(reader.next(), None, "a fault is final");
        drop(reader);

        let mut out = BytesMut::new();
        assert_eq!(decompress(codec, &stream, &rules.limits, &mut scratch, &mut out), Err(fault));
        assert!(out.len() <= 3 << 20, "{codec:?}: {} bytes came out", out.len());

        rules.limits = Limits { record_bytes_max: 1 << 20, ..Limits::default() };
        let result = validate(&bomb, &rules, &mut scratch);
        assert!(
            matches!(result, Err(Refusal::Records(RecordFault::RecordTooLarge { index: 0, max, .. })) if max == 1 << 20),
            "{codec:?}: {result:?}"
        );
    }
}

#[test]
fn a_limit_that_is_just_met_refuses_nothing() {
    let plain: Vec<u8> = (0..300_000u32).map(|i| (i / 100) as u8).collect();
    for codec in CODECS {
        let stream = packed(codec, &plain);
        let mut scratch = Scratch::new();
        let mut try_with = |max: usize| {
            let limits = Limits { decompressed_bytes_max: max as u64, ..Limits::default() };
            let mut out = BytesMut::new();
            decompress(codec, &stream, &limits, &mut scratch, &mut out).map(|()| out)
        };
        assert_eq!(try_with(plain.len()).unwrap(), plain, "{codec:?}");
        assert!(try_with(plain.len() - 1).is_err(), "{codec:?}");
    }
}

#[test]
fn announced_sizes_take_no_memory() {
    let before = peak_kib();
    let mut scratch = Scratch::new();
    // A record of 2 GiB in ten bytes, and a raw snappy block of 4 GiB in five.
    let mut announced = BytesMut::new();
    klamm_records::varint::put_varint(&mut announced, Limits::RECORD_BYTES_MAX as i32);
    announced.extend_from_slice(&[0; 5]);
    for codec in CODECS {
        let liar = batch(codec, &packed(codec, &announced));
        let result = validate(&liar, &rules(), &mut scratch);
        assert!(matches!(result, Err(Refusal::Records(_))), "{codec:?}: {result:?}");
        let view = BatchView::parse(&liar).unwrap();
        let mut records = view.records(&mut scratch, &Limits::default()).unwrap();
        assert_eq!(records.next(), Some(Err(RecordFault::Missing { index: 0 })), "{codec:?}");
    }
    let liar = batch(CompressionType::Snappy, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]);
    let fault = CodecFault::Corrupt(CompressionType::Snappy);
    let refused = Err(Refusal::Records(RecordFault::Codec(fault)));
    assert_eq!(validate(&liar, &rules(), &mut scratch), refused);
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        assert!(after - before < 48 << 10, "{} KiB more", after - before);
    }
}

#[test]
fn zstd_windows_are_bounded() {
    let golden = crate::golden::bytes("zstd-level-22");
    let mut rules = rules();
    let mut scratch = Scratch::new();
    validate(&golden, &rules, &mut scratch).unwrap();
    rules.limits.zstd_window_log_max = Limits::ZSTD_WINDOW_LOG_STRICT;
    let fault = CodecFault::WindowTooLarge { window_log_max: 23 };
    let refused = Err(Refusal::Records(RecordFault::Codec(fault)));
    assert_eq!(validate(&golden, &rules, &mut scratch), refused);
    validate(&crate::golden::bytes("zstd-level-19"), &rules, &mut scratch).unwrap();
}
