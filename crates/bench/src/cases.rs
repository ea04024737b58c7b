//! What is measured. Every case leaves the server as it found it.

use std::io;
use std::time::Duration;

use crate::load::batches::{Batch, filled};
use crate::load::connection::Connection;
use crate::load::{flow, paced};
use crate::server::Server;

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Bytes of records that a flow sends.
    flow_bytes: usize,
    questions: usize,
    spreads: usize,
    paced: usize,
}

impl Effort {
    pub const FULL: Effort = Effort { flow_bytes: 1 << 30, questions: 120_000, spreads: 100, paced: 10_000 };
    /// Enough for hundredths of a second to say something.
    pub const SHORT: Effort = Effort { flow_bytes: 256 << 20, questions: 32_000, spreads: 40, paced: 1_500 };
}

/// A figure and its unit. Less is better.
pub type Figures = Vec<(&'static str, f64)>;

pub struct Case {
    pub name: &'static str,
    pub run: fn(&mut Server, &str, Effort) -> io::Result<Figures>,
}

pub const CASES: [Case; 9] = [
    // First, since it ends what is running.
    Case { name: "start", run: start },
    Case { name: "produce-16k", run: |server, topic, effort| produce(server, topic, effort, 1024, 16 << 10) },
    Case { name: "produce-1m", run: |server, topic, effort| produce(server, topic, effort, 1024, 1 << 20) },
    Case {
        name: "small-records",
        run: |server, topic, effort| produce(server, topic, effort, 100, 16 << 10),
    },
    Case { name: "consume-16k", run: |server, topic, effort| consume(server, topic, effort, 16 << 10) },
    Case { name: "consume-1m", run: |server, topic, effort| consume(server, topic, effort, 1 << 20) },
    Case { name: "ping", run: ping },
    Case { name: "spread-1000", run: spread },
    Case { name: "e2e", run: end_to_end },
];

/// Connections of a flow, each with a partition of its own.
const FLOWS: usize = 4;
/// What every produced byte is read so often: reading is cheap.
const PASSES: usize = 4;
const ASKERS: usize = 8;
const SPREAD: usize = 1000;
/// A thousand records a second.
const PACE: Duration = Duration::from_millis(1);

const CPU_PER_GB: &str = "CPU s/GB";

fn times(effort: Effort, batch: &Batch) -> usize {
    (effort.flow_bytes / FLOWS / batch.bytes.len()).max(1)
}

fn with_topic<T>(
    server: &Server,
    topic: &str,
    partitions: usize,
    work: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let mut connection = Connection::open(server.port)?;
    connection.create(topic, partitions)?;
    let done = work()?;
    connection.delete(topic)?;
    Ok(done)
}

/// CPU seconds for each unit of work, and the work's own time.
fn costs(server: &Server, units: f64, work: impl FnOnce() -> io::Result<Duration>) -> io::Result<(f64, f64)> {
    let before = server.cpu_seconds()?;
    let took = work()?;
    Ok(((server.cpu_seconds()? - before) / units, took.as_secs_f64() / units))
}

fn produce(
    server: &mut Server,
    topic: &str,
    effort: Effort,
    record: usize,
    size: usize,
) -> io::Result<Figures> {
    let batch = filled(record, size);
    let times = times(effort, &batch);
    let gigabytes = (FLOWS * times * batch.bytes.len()) as f64 / 1e9;
    with_topic(server, topic, FLOWS, || {
        let work = || flow::produce_to_each(server.port, topic, FLOWS, &batch, times);
        let (cpu, wall) = costs(server, gigabytes, work)?;
        Ok(vec![(CPU_PER_GB, cpu), ("s/GB", wall)])
    })
}

fn consume(server: &mut Server, topic: &str, effort: Effort, size: usize) -> io::Result<Figures> {
    let batch = filled(1024, size);
    let times = times(effort, &batch);
    let gigabytes = (FLOWS * times * PASSES * batch.bytes.len()) as f64 / 1e9;
    with_topic(server, topic, FLOWS, || {
        flow::produce_to_each(server.port, topic, FLOWS, &batch, times)?;
        let work = || flow::consume_each(server.port, topic, FLOWS, &batch, times, PASSES);
        let (cpu, wall) = costs(server, gigabytes, work)?;
        Ok(vec![(CPU_PER_GB, cpu), ("s/GB", wall)])
    })
}

fn ping(server: &mut Server, _topic: &str, effort: Effort) -> io::Result<Figures> {
    let units = effort.questions as f64 / 1e6;
    let work = || flow::ask(server.port, ASKERS, effort.questions / ASKERS);
    let (cpu, wall) = costs(server, units, work)?;
    Ok(vec![("CPU us", cpu), ("us", wall)])
}

fn spread(server: &mut Server, topic: &str, effort: Effort) -> io::Result<Figures> {
    let batch = filled(1024, 0);
    with_topic(server, topic, SPREAD, || {
        // The first one makes the files.
        flow::spread(server.port, topic, SPREAD, &batch, 1)?;
        let before = server.cpu_seconds()?;
        let mut took = flow::spread(server.port, topic, SPREAD, &batch, effort.spreads)?;
        let cpu = (server.cpu_seconds()? - before) * 1e3 / effort.spreads as f64;
        Ok(vec![("CPU ms", cpu), ("ms", percentile(&mut took, 50))])
    })
}

fn end_to_end(server: &mut Server, topic: &str, effort: Effort) -> io::Result<Figures> {
    let batch = filled(1024, 0);
    with_topic(server, topic, 1, || {
        let before = server.cpu_seconds()?;
        let mut ways = paced::end_to_end(server.port, topic, &batch, PACE, effort.paced)?;
        let cpu = (server.cpu_seconds()? - before) * 1e6 / effort.paced as f64;
        let (half, most) = (percentile(&mut ways, 50), percentile(&mut ways, 99));
        Ok(vec![("CPU us", cpu), ("p50 ms", half), ("p99 ms", most)])
    })
}

fn start(server: &mut Server, _topic: &str, _effort: Effort) -> io::Result<Figures> {
    server.restart()?;
    Ok(vec![("ms", server.start_took.as_secs_f64() * 1e3)])
}

/// In milliseconds.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let mut times: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!((percentile(&mut times, 50), percentile(&mut times, 99)), (51.0, 100.0));
        assert_eq!(percentile(&mut [Duration::from_millis(3)], 99), 3.0);
        assert_eq!(percentile(&mut [], 50), 0.0);
    }
}
