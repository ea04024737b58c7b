//! Records at a fixed rate, each in a batch of its own, and how long each takes to reach a consumer.

use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use klamm_records::crc::crc32c;
use klamm_records::header::position;

use super::batches::Batch;
use super::connection::{Connection, fetch, produce};

/// Where the producer leaves the time in its batch: before the record's last byte, the count of its headers.
const STAMP: usize = 8;

/// Sends so many records; returns each one's way, in the order of arrival.
pub fn end_to_end(
    port: u16,
    topic: &str,
    batch: &Batch,
    every: Duration,
    count: usize,
) -> io::Result<Vec<Duration>> {
    assert_eq!(batch.records, 1, "a record travels alone");
    let producer = Connection::open(port)?;
    let answers = producer.twin()?;
    let consumer = Connection::open(port)?;
    let began = Instant::now();
    thread::scope(|scope| {
        let sending = scope.spawn(|| send(producer, topic, batch, began, every, count));
        let acknowledged = scope.spawn(move || {
            let mut answers = answers;
            (0..count).try_for_each(|_| answers.produced())
        });
        let ways = receive(consumer, topic, batch.bytes.len(), began, count);
        sending.join().expect("no load panics")?;
        acknowledged.join().expect("no load panics")?;
        ways
    })
}

fn send(
    mut producer: Connection,
    topic: &str,
    batch: &Batch,
    began: Instant,
    every: Duration,
    count: usize,
) -> io::Result<()> {
    let mut frame = produce(topic, 0..1, &batch.bytes);
    let start = frame.len() - batch.bytes.len();
    for number in 0..count {
        let due = began + every * number as u32;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let batch = &mut frame[start..];
        let stamp = batch.len() - 1 - STAMP;
        batch[stamp..stamp + STAMP].copy_from_slice(&(began.elapsed().as_nanos() as u64).to_be_bytes());
        let crc = crc32c(&batch[position::ATTRIBUTES..]);
        batch[position::CRC..position::ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
        producer.send(&frame)?;
    }
    Ok(())
}

fn receive(
    mut consumer: Connection,
    topic: &str,
    size: usize,
    began: Instant,
    count: usize,
) -> io::Result<Vec<Duration>> {
    let mut ways = Vec::with_capacity(count);
    let mut records = Vec::new();
    while ways.len() < count {
        consumer.send(&fetch(topic, 0, ways.len() as i64, 1 << 20))?;
        let bytes = consumer.fetched()?;
        records.resize(bytes, 0);
        consumer.socket.read_exact(&mut records)?;
        let now = began.elapsed();
        for batch in records.chunks_exact(size) {
            let stamp = batch[..size - 1].last_chunk().map_or(0, |stamp| u64::from_be_bytes(*stamp));
            ways.push(now.saturating_sub(Duration::from_nanos(stamp)));
        }
    }
    Ok(ways)
}
