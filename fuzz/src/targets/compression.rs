//! Streams of each codec: whatever they announce, no more comes out than allowed, and the same each time.

use crate::Target;
use crate::allocation::bounded;
use crate::seeds::files;
use bytes::BytesMut;
use klamm_records::codec::{compress, decompress};
use klamm_records::{BatchView, CodecFault, Compression, CompressionType, Limits, Scratch};
use std::cell::RefCell;

pub const TARGET: Target = Target {
    name: "compression",
    meaning: "streams of each codec: never more output than allowed",
    run: run,
    seeds,
};

/// Most output of one stream here.
const OUTPUT_MAX: usize = 1 << 20;
/// Output that grows by doubling, the window before it, and a codec's states and blocks: the largest block
/// of an lz4 frame has 4 MiB, and two may be held.
const MEMORY_MAX: usize = 4 * OUTPUT_MAX + (10 << 20);
/// Outputs up to here are compressed again.
const AGAIN_MAX: usize = 64 << 10;

/// The codecs, in the order of their ids.
pub const CODECS: [CompressionType; 4] =
    [CompressionType::Gzip, CompressionType::Snappy, CompressionType::Lz4, CompressionType::Zstd];

thread_local! {
    static USED: RefCell<Scratch> = RefCell::default();
}

/// Does something with states and buffers that earlier inputs have used.
pub fn with_used<T>(what: impl FnOnce(&mut Scratch) -> T) -> T {
    USED.with_borrow_mut(what)
}

fn limits(output_max: usize) -> Limits {
    Limits { decompressed_bytes_max: output_max as u64, ..Limits::default() }
}

fn unpack(
    codec: CompressionType,
    stream: &[u8],
    output_max: usize,
    scratch: &mut Scratch,
) -> (BytesMut, Result<(), CodecFault>) {
    let mut out = BytesMut::new();
    let result = bounded(MEMORY_MAX, || decompress(codec, stream, &limits(output_max), scratch, &mut out));
    assert!(out.len() <= output_max, "{codec:?}: {} bytes came out, {output_max} are allowed", out.len());
    (out, result)
}

/// A codec, then a stream.
pub fn run(input: &[u8]) {
    let [choice, ref stream @ ..] = *input else { return };
    let codec = CODECS[usize::from(choice & 3)];
    let (out, result) = with_used(|scratch| unpack(codec, stream, OUTPUT_MAX, scratch));
    let fresh = unpack(codec, stream, OUTPUT_MAX, &mut Scratch::new());
    assert_eq!(
        fresh.1.is_ok(),
        result.is_ok(),
        "{codec:?}: {result:?} with used states, {:?} with new ones",
        fresh.1
    );
    assert!(result.is_err() || fresh.0 == out, "{codec:?}: other bytes with new states");
    if !out.is_empty() {
        let less = out.len() - 1;
        let (start, cut) = with_used(|scratch| unpack(codec, stream, less, scratch));
        assert!(out.starts_with(&start), "{codec:?}: other bytes under a lower limit");
        assert!(cut.is_err(), "{codec:?}: {less} bytes are allowed and {} came", out.len());
    }
    if result.is_ok() && out.len() <= AGAIN_MAX {
        there_and_back(codec, &out);
    }
}

fn there_and_back(codec: CompressionType, plain: &[u8]) {
    let mut packed = BytesMut::new();
    with_used(|scratch| compress(Compression::of(codec), plain, scratch, &mut packed));
    let (again, result) = with_used(|scratch| unpack(codec, &packed, OUTPUT_MAX, scratch));
    assert_eq!(result, Ok(()), "{codec:?}: what was packed here");
    assert!(again == plain, "{codec:?}: other bytes than were packed");
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let golden = files::folder("crates/records/tests/data/golden");
    for (_, batch) in golden.iter().filter(|(name, batch)| name.ends_with(".bin") && batch.len() < 40_000) {
        let Ok(view) = BatchView::parse(batch) else { continue };
        let codec = CODECS.iter().position(|codec| Some(*codec) == view.header().codec());
        seeds.extend(codec.map(|codec| [&[codec as u8], view.payload()].concat()));
    }
    let mixed: Vec<u8> = (0..3000u32).map(|n| (n * n >> 7) as u8).collect();
    for plain in [&b""[..], b"a", &[0; 20_000], &mixed] {
        for (number, codec) in CODECS.into_iter().enumerate() {
            let mut packed = BytesMut::from(&[number as u8][..]);
            compress(Compression::of(codec), plain, &mut Scratch::new(), &mut packed);
            seeds.push(packed.to_vec());
        }
    }
    seeds
}
