//! Batches through their states.

use bytes::Bytes;
use klamm_base::rng::SeededRng;

use super::*;
use crate::producer::batch::Sequence;

fn accumulator(change: impl FnOnce(&mut ProducerOptions)) -> Accumulator {
    let mut options =
        ProducerOptions { linger: Duration::ZERO, batch_size: 200, ..ProducerOptions::default() };
    change(&mut options);
    Accumulator::new(options, Box::new(SeededRng::new(1)))
}

/// Appends values to partition 0 of `t`; returns where the answers will be.
fn append(accumulator: &Accumulator, values: &[&str]) -> Vec<Placed> {
    let records = values.iter().map(|value| RecordRef {
        partition: Some(0),
        value: Some(value.as_bytes()),
        ..RecordRef::default()
    });
    let mut all = Vec::new();
    let mut records = records.enumerate().peekable();
    let appended = accumulator.append(("t", 1), &mut records, None, 5, |_, placed| all.push(placed));
    assert!(appended.is_ok(), "there is memory");
    all
}

#[tokio::test]
async fn round_robin_goes_by_turns_and_not_by_keys() {
    let accumulator = accumulator(|options| options.partitioner = Partitioner::RoundRobin);
    let key = Some(&b"k"[..]);
    let asked = [(None, key), (None, key), (Some(0), None), (None, None), (None, key)];
    let records = asked.map(|(partition, key)| RecordRef { partition, key, ..RecordRef::default() });
    let mut placed = Vec::new();
    let mut records = records.into_iter().enumerate().peekable();
    let appended =
        accumulator.append(("t", 3), &mut records, None, 5, |_, place| placed.push(place.partition));
    assert!(appended.is_ok(), "there is memory");
    assert_eq!(placed, [0, 1, 0, 2, 0]);
}

fn ready(accumulator: &Accumulator) -> Vec<Batch> {
    accumulator.take_ready().0
}

fn one(accumulator: &Accumulator) -> Batch {
    let mut ready = ready(accumulator);
    assert_eq!(ready.len(), 1);
    ready.remove(0)
}

fn again() -> Outcome {
    Outcome::Again { pause: Duration::ZERO }
}

fn appended(base_offset: i64) -> Outcome {
    Outcome::Appended(Appended { base_offset, append_time_ms: -1 })
}

fn values(batch: &mut Batch) -> String {
    let bytes: Bytes = batch.seal(&mut Scratch::default());
    let view = klamm_records::BatchView::parse(&bytes).expect("a batch");
    let (mut scratch, limits) = (Scratch::default(), klamm_records::Limits::default());
    let mut records = view.records(&mut scratch, &limits).expect("records");
    let mut all = String::new();
    while let Some(record) = records.next() {
        all += std::str::from_utf8(record.expect("a record").value.unwrap_or_default()).expect("letters");
    }
    all
}

#[tokio::test]
async fn records_of_a_partition_travel_together_and_each_gets_its_answer() {
    let accumulator = accumulator(|_| {});
    let placed = append(&accumulator, &["a", "b", "c"]);
    let mut batch = one(&accumulator);
    assert_eq!((batch.len(), values(&mut batch)), (3, "abc".to_owned()));
    accumulator.settle(batch, appended(40));
    for (place, offset) in placed.into_iter().zip(40..) {
        let delivered = place.answers.of(place.place, place.partition, 5).await.expect("appended");
        assert_eq!((delivered.offset, delivered.timestamp_ms, delivered.partition), (offset, 5, 0));
    }
}

#[test]
fn a_batch_lingers_unless_it_is_full_or_another_waits_behind_it() {
    let accumulator = accumulator(|options| options.linger = Duration::from_secs(60));
    append(&accumulator, &["a"]);
    let (none, next) = accumulator.take_ready();
    assert!(none.is_empty() && next.is_some_and(|next| next > Instant::now() + Duration::from_secs(50)));
    append(&accumulator, &["b".repeat(120).as_str()]);
    assert_eq!(values(&mut one(&accumulator)), "a", "it has no room for the second");
    assert!(ready(&accumulator).is_empty(), "that one lingers now");
    append(&accumulator, &["c".repeat(300).as_str()]);
    assert_eq!(ready(&accumulator).len(), 1);
    assert_eq!(ready(&accumulator).len(), 1, "full by itself");
}

#[test]
fn five_are_on_their_way_and_what_comes_back_goes_first_and_alone() {
    let accumulator = accumulator(|options| options.batch_size = 1);
    append(&accumulator, &["a", "b", "c", "d", "e", "f"]);
    let mut sent: Vec<Batch> = (0..5).map(|_| one(&accumulator)).collect();
    assert!(ready(&accumulator).is_empty(), "five are enough");
    // The second fails, and the third behind it; the fourth comes back before the third.
    let [fifth, fourth, third, second, first] = std::array::from_fn(|_| sent.pop().expect("five"));
    accumulator.settle(first, appended(0));
    accumulator.settle(second, again());
    assert!(accumulator.has_earlier(&third));
    accumulator.settle(fourth, again());
    accumulator.settle(third, again());
    assert!(ready(&accumulator).is_empty(), "the fifth is still on its way");
    accumulator.settle(fifth, again());
    for expected in ["b", "c", "d", "e"] {
        let mut batch = one(&accumulator);
        assert_eq!(values(&mut batch), expected);
        let next = ready(&accumulator);
        assert_eq!(next.is_empty(), expected != "e", "alone, but for what is new");
        accumulator.settle(batch, appended(1));
        for mut next in next {
            assert_eq!(values(&mut next), "f");
        }
    }
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_sent_in_halves() {
    let accumulator = accumulator(|_| {});
    let placed = append(&accumulator, &["a", "b", "c"]);
    let mut batch = one(&accumulator);
    batch.seal(&mut Scratch::default());
    accumulator.settle(batch, Outcome::Split);
    let mut first = one(&accumulator);
    assert_eq!(values(&mut first), "a");
    accumulator.settle(first, appended(7));
    let mut second = one(&accumulator);
    assert_eq!(values(&mut second), "bc");
    accumulator.settle(second, appended(20));
    let mut offsets = Vec::new();
    for place in placed {
        offsets.push(place.answers.of(place.place, 0, 5).await.expect("appended").offset);
    }
    assert_eq!(offsets, [7, 20, 21]);
    let placed = append(&accumulator, &["x"]);
    accumulator.settle(one(&accumulator), Outcome::Split);
    let fault = placed[0].answers.of(0, 0, 5).await.expect_err("one record has no halves");
    assert!(fault.to_string().contains("MESSAGE_TOO_LARGE"), "{fault}");
}

#[tokio::test]
async fn what_waits_too_long_expires() {
    let accumulator = accumulator(|options| options.delivery_timeout = Duration::ZERO);
    let placed = append(&accumulator, &["a"]);
    assert!(ready(&accumulator).is_empty());
    let fault = placed[0].answers.of(0, 0, 5).await.expect_err("too late");
    assert!(matches!(fault, ProduceFault::Expired));
    accumulator.flush(&Notify::new()).await;
}

#[tokio::test]
async fn nobody_waits_for_a_batch_that_was_dropped() {
    let accumulator = accumulator(|_| {});
    let placed = append(&accumulator, &["a"]);
    drop(accumulator);
    let fault = placed[0].answers.of(0, 0, 5).await.expect_err("gone");
    assert!(matches!(fault, ProduceFault::Closed));
}

#[tokio::test]
async fn memory_bounds_what_waits() {
    let accumulator = accumulator(|options| options.buffer_memory = 400);
    append(&accumulator, &["a".repeat(100).as_str(), "b".repeat(100).as_str()]);
    let third = RecordRef { partition: Some(0), value: Some(&[0; 100]), ..RecordRef::default() };
    let mut records = [(0, third)].into_iter().peekable();
    let refused = accumulator.append(("t", 1), &mut records, None, 5, |_, _| panic!("no memory"));
    let size = refused.err().map(|needs| needs.size).unwrap_or_default();
    let fault = accumulator.memory(size, Duration::from_millis(1)).await.err();
    assert!(matches!(fault, Some(ProduceFault::NoMemory { .. })), "{fault:?}");
    let first = one(&accumulator);
    accumulator.settle(first, appended(0));
    let memory = accumulator.memory(size, Duration::from_secs(5)).await.expect("a batch is gone");
    let taken = accumulator.append(("t", 1), &mut records, Some(memory), 5, |_, _| {});
    assert!(taken.is_ok());
}

#[test]
fn a_sealed_batch_takes_another_number_and_stays_whole() {
    let accumulator = accumulator(|options| {
        options.compression = klamm_records::Compression::of(klamm_records::CompressionType::Lz4);
    });
    append(&accumulator, &["a", "b"]);
    let mut batch = one(&accumulator);
    for (producer_epoch, base_sequence) in [(0, 5), (1, 0)] {
        batch.number(Sequence { producer_id: 9, producer_epoch, base_sequence });
        let bytes = batch.seal(&mut Scratch::default());
        let view = klamm_records::BatchView::parse(&bytes).expect("a batch");
        view.check_crc().expect("a checksum");
        let header = view.header();
        let number = (header.producer_id, header.producer_epoch, header.base_sequence);
        assert_eq!(number, (9, producer_epoch, base_sequence));
        assert_eq!(values(&mut batch), "ab");
    }
}
