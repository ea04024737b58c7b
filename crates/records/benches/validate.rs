//! What validation of a produced batch costs: `cargo bench -p klamm-records`.
//!
//! Prints nanoseconds per record and per batch, and seconds per GB of uncompressed records, best of
//! several runs, for JSON-like values of 100 bytes and 1 KiB in batches of 16 KiB and 1 MiB.

use std::hint::black_box;
use std::time::Instant;

use klamm_records::{
    BatchBuilder, BatchOptions, Compression, CompressionType, Limits, ProduceRules, Scratch, TimestampType,
    validate,
};

const NOW_MS: i64 = 1_700_000_000_000;
const RUNS: usize = 7;

fn main() {
    println!(
        "{:<8} {:>7} {:>9} {:>12} {:>12} {:>10}",
        "codec", "value", "batch", "ns/record", "us/batch", "s/GB"
    );
    for codec in CompressionType::ALL {
        for value_bytes in [100, 1024] {
            for batch_bytes in [16 << 10, 1 << 20] {
                measure(codec, value_bytes, batch_bytes);
            }
        }
    }
}

fn measure(codec: CompressionType, value_bytes: usize, batch_bytes: usize) {
    let mut scratch = Scratch::new();
    let mut builder =
        BatchBuilder::new(BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() });
    let mut state = 42;
    while builder.uncompressed_size() < batch_bytes {
        let value = json_like(value_bytes, &mut state);
        builder.append(NOW_MS, Some(b"carrier"), Some(&value), &[]).expect("a batch of 1 MiB");
    }
    let (records, plain_bytes) = (builder.count(), builder.uncompressed_size());
    let batch = builder.build(&mut scratch);
    let rules = rules();

    let rounds = (64 << 20) / plain_bytes;
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        for _ in 0..rounds {
            validate(black_box(&batch), &rules, &mut scratch).expect("a sound batch");
        }
        best = best.min(start.elapsed().as_secs_f64() / rounds as f64);
    }
    println!(
        "{:<8} {:>7} {:>9} {:>12.1} {:>12.2} {:>10.3}",
        codec.name(),
        value_bytes,
        batch.len(),
        best * 1e9 / f64::from(records),
        best * 1e6,
        best / plain_bytes as f64 * 1e9
    );
}

fn rules() -> ProduceRules {
    ProduceRules {
        max_message_bytes: usize::MAX,
        timestamp_type: TimestampType::CreateTime,
        timestamp_before_max_ms: i64::MAX,
        timestamp_after_max_ms: 3_600_000,
        now_ms: NOW_MS,
        compacted: false,
        zstd_allowed: true,
        limits: Limits::default(),
    }
}

/// Field names that repeat and numbers that do not.
fn json_like(len: usize, state: &mut u64) -> Vec<u8> {
    let mut text = Vec::with_capacity(len + 32);
    while text.len() < len {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(format!("{{\"flight\":{},\"dest\":\"IAH\"}},", *state >> 40).as_bytes());
    }
    text.truncate(len);
    text
}
