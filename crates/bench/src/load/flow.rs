//! As much as goes through: one thread for each connection, so that the server is never short of work.

use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use super::batches::Batch;
use super::connection::{Connection, fetch, ping, produce};

/// What a producer of Kafka has on its way at most, unless told otherwise.
const IN_FLIGHT: usize = 5;
/// What a consumer of Kafka asks of one partition, several times: reading is then bound by the server.
const FETCH_BYTES: i32 = 4 << 20;

/// Lets each of some connections do the same at the same time; returns how long that took.
fn on_each(
    port: u16,
    connections: usize,
    work: impl Fn(usize, Connection) -> io::Result<()> + Sync,
) -> io::Result<Duration> {
    let opened = (0..connections).map(|_| Connection::open(port)).collect::<io::Result<Vec<_>>>()?;
    let began = Instant::now();
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = opened
            .into_iter()
            .enumerate()
            .map(|(number, connection)| scope.spawn(move || work(number, connection)))
            .collect();
        let join =
            |thread: thread::ScopedJoinHandle<'_, io::Result<()>>| thread.join().expect("no load panics");
        threads.into_iter().try_for_each(join)
    })?;
    Ok(began.elapsed())
}

/// Sends a frame so often, with a few of them in flight.
fn pipelined(connection: &mut Connection, frame: &[u8], times: usize) -> io::Result<()> {
    for sent in 0..times {
        if sent >= IN_FLIGHT {
            connection.produced()?;
        }
        connection.send(frame)?;
    }
    (0..times.min(IN_FLIGHT)).try_for_each(|_| connection.produced())
}

/// One producer for each of so many partitions; each sends its batch so often.
pub fn produce_to_each(
    port: u16,
    topic: &str,
    partitions: usize,
    batch: &Batch,
    times: usize,
) -> io::Result<Duration> {
    on_each(port, partitions, |partition, mut connection| {
        let frame = produce(topic, partition..partition + 1, &batch.bytes);
        pipelined(&mut connection, &frame, times)
    })
}

/// One consumer for each of so many partitions; each reads what [`produce_to_each`] has left, so often.
pub fn consume_each(
    port: u16,
    topic: &str,
    partitions: usize,
    batch: &Batch,
    times: usize,
    passes: usize,
) -> io::Result<Duration> {
    on_each(port, partitions, |partition, mut connection| {
        let mut sink = vec![0; 1 << 20];
        let end = (times * batch.records) as i64;
        for _ in 0..passes {
            let mut offset = 0;
            while offset < end {
                connection.send(&fetch(topic, partition, offset, FETCH_BYTES))?;
                let bytes = connection.fetched()?;
                drain(&mut connection, &mut sink, bytes)?;
                // A batch that was cut counts for nothing.
                offset += (bytes / batch.bytes.len() * batch.records) as i64;
            }
        }
        Ok(())
    })
}

fn drain(connection: &mut Connection, sink: &mut [u8], bytes: usize) -> io::Result<()> {
    let mut left = bytes;
    while left > 0 {
        let most = left.min(sink.len());
        match connection.socket.read(&mut sink[..most])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => left -= read,
        }
    }
    Ok(())
}

/// Small questions, one at a time on each connection.
pub fn ask(port: u16, connections: usize, times: usize) -> io::Result<Duration> {
    on_each(port, connections, |_, mut connection| {
        let frame = ping();
        (0..times).try_for_each(|_| connection.ask(&frame).map(drop))
    })
}

/// Requests that name every partition of a topic, one after the other; returns how long each took.
pub fn spread(
    port: u16,
    topic: &str,
    partitions: usize,
    batch: &Batch,
    times: usize,
) -> io::Result<Vec<Duration>> {
    let mut connection = Connection::open(port)?;
    let frame = produce(topic, 0..partitions, &batch.bytes);
    let once = |_| {
        let began = Instant::now();
        connection.send(&frame)?;
        connection.produced()?;
        Ok(began.elapsed())
    };
    (0..times).map(once).collect()
}
