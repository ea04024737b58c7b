//! Compacted topics: what stays, what the checkpoint says, and what comes after a restart.

use std::path::Path;

use bytes::Bytes;
use klamm_records::{BatchBuilder, BatchOptions, Scratch};
use klamm_sim::World;
use klamm_sim::world::DIR;

use crate::support::{Script, fetch, produce, read_all};

/// Pause of the cleaner, and of everything before its first round.
const BACKOFF_MS: i64 = 30_000;

/// About a third of a segment of `segment.bytes` 1 MiB.
const BIG: usize = 300_000;

fn keyed(key: &str, value: Option<&str>) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let padded = value.map(|value| format!("{value}{}", "-".repeat(BIG)));
    let value = padded.as_deref().map(str::as_bytes);
    builder.append(1_700_000_000_000, Some(key.as_bytes()), value, &[]).expect("a record fits");
    builder.build(&mut Scratch::default())
}

fn send(script: &mut Script, key: &str, value: Option<&str>) {
    let answer = script.produce(&produce("t", &[(0, keyed(key, value))]));
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
}

/// Offsets and values of all records, without their padding.
fn values(script: &mut Script) -> Vec<(i64, String)> {
    let (error, all) = read_all(&mut script.world, &mut script.client, "t", 0);
    assert_eq!(error, 0);
    all.into_iter().map(|(offset, value)| (offset, value.trim_end_matches('-').to_owned())).collect()
}

fn checkpoint(world: &World) -> Option<String> {
    let image = world.disk.image(Path::new(DIR));
    let file = image.get(&Path::new(DIR).join("cleaner-offset-checkpoint"))?;
    Some(String::from_utf8(file.clone()).expect("a text file"))
}

fn clean(script: &mut Script) {
    script.world.advance(BACKOFF_MS);
    script.world.background();
    script.world.run();
}

fn compacted(configs: &[(&str, &str)]) -> Script {
    let mut all = vec![("segment.bytes", "1048576"), ("cleanup.policy", "compact")];
    all.extend(configs);
    let mut script = Script::with_configs("t", 1, &all);
    for n in 0..10 {
        send(&mut script, ["a", "b"][n % 2], Some(&format!("v{n}")));
    }
    script
}

#[test]
fn old_values_go_and_new_ones_are_read_before_and_after_a_restart() {
    let mut script = compacted(&[]);
    assert_eq!(values(&mut script).len(), 10);
    clean(&mut script);
    // The last segment still grows; of those before it the newest of each key is left.
    let kept = values(&mut script);
    let expected: Vec<(i64, String)> = [7, 8, 9].map(|n| (n, format!("v{n}"))).into();
    assert_eq!(kept[kept.len() - 3..], expected, "{kept:?}");
    assert!(kept.len() < 6, "{kept:?}");
    assert_eq!(checkpoint(&script.world), Some("0\n1\nt 0 9\n".to_owned()));
    send(&mut script, "a", Some("after"));
    for cut in [false, true] {
        match cut {
            false => script.world.stop(),
            true => script.world.power_cut(),
        }
        script.world.start().expect("a start");
        script.client = klamm_sim::Client::new(&script.world);
        let again = values(&mut script);
        assert_eq!(again[..kept.len()], kept);
        assert_eq!(again.last(), Some(&(10, "after".to_owned())), "cut {cut}");
    }
}

#[test]
fn nothing_goes_while_the_cleaner_is_off_or_the_topic_is_not_compacted() {
    let mut plain = Script::with_configs("t", 1, &[("segment.bytes", "1048576"), ("retention.ms", "-1")]);
    for n in 0..10 {
        send(&mut plain, "a", Some(&format!("v{n}")));
    }
    clean(&mut plain);
    assert_eq!((values(&mut plain).len(), checkpoint(&plain.world)), (10, None));
    let mut clean_enough = compacted(&[("min.cleanable.dirty.ratio", "1.0")]);
    clean(&mut clean_enough);
    assert_eq!(values(&mut clean_enough).len(), 10, "no part of a log is more than all of it");
}

#[test]
fn a_log_that_cannot_be_read_is_left_alone_and_the_others_go_on() {
    let mut script = compacted(&[]);
    // Rot in the middle of the first segment, behind the first header.
    let path = Path::new(DIR).join("t-0/00000000000000000000.log");
    script.world.disk.corrupt(&path, |bytes| bytes[1000] ^= 1);
    clean(&mut script);
    assert_eq!(checkpoint(&script.world), None);
    assert!(script.world.is_running());
    let answer = script.fetch(&fetch("t", &[(0, 9)]));
    assert_eq!(answer.responses[0].partitions[0].error_code, 0, "what is good is served");
}
