//! The node in the names that people's dashboards read: those of Kafka's MBeans after the sample rules of
//! prometheus/jmx_exporter (`kafka-kraft-3_0_0.yml`), and those of danielqsj/kafka_exporter for offsets and lag.
//!
//! Everything is counted where it happens, by its owner alone; here it is gathered when somebody asks.
//!
//! * [`requests`] – what a shard counts
//! * `windows` – quantiles of the last minutes; `process` – what the system knows of the process
//! * `broker`, `partitions`, `controller`, `groups`, `network` – one page of names each; `text` – their form

mod broker;
mod controller;
mod groups;
mod network;
mod partitions;
mod process;
pub mod requests;
mod text;
mod windows;

use std::sync::Arc;

use parking_lot::Mutex;

use crate::admission::Admission;
use crate::connection::Pools;
use crate::work::Work;
use process::Process;
use requests::RequestFigures;
use text::Text;
use windows::Windows;

pub use text::Format;

/// Which names are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialects {
    /// Of jmx_exporter's rules.
    pub jmx: bool,
    /// Of kafka_exporter.
    pub exporter: bool,
}

impl Dialects {
    pub const ALL: Dialects = Dialects { jmx: true, exporter: true };

    /// `a` and `e` with commas between them; `None` for anything else.
    pub fn parse(text: &str) -> Option<Dialects> {
        let mut dialects = Dialects { jmx: false, exporter: false };
        for word in text.split(',') {
            match word {
                "a" => dialects.jmx = true,
                "e" => dialects.exporter = true,
                _ => return None,
            }
        }
        Some(dialects)
    }
}

/// All that is looked at.
pub struct Observed {
    pub work: Arc<Work>,
    /// By shard.
    pub requests: Vec<Arc<RequestFigures>>,
    pub admissions: Vec<Arc<Admission>>,
    pub pools: Arc<Pools>,
    memory: Mutex<Memory>,
}

/// What is remembered from one look to the next.
#[derive(Default)]
struct Memory {
    windows: Windows,
    process: Process,
}

impl Observed {
    pub fn new(
        work: Arc<Work>,
        requests: Vec<Arc<RequestFigures>>,
        admissions: Vec<Arc<Admission>>,
        pools: Arc<Pools>,
    ) -> Observed {
        Observed { work, requests, admissions, pools, memory: Mutex::default() }
    }

    /// The whole text. Costs as much as there are partitions, up to `klamm.metrics.max.partitions` of them.
    pub fn text(&self, format: Format, dialects: Dialects) -> String {
        let node = &self.work.node;
        let max = node.settings().observing.metrics_partitions_max;
        let figures = node.figures(max);
        let mut text = Text::new(format);
        let memory = &mut *self.memory.lock();
        let now = self.work.clock.now();
        let process = memory.process.look(now.mono);
        if dialects.jmx {
            broker::write(&mut text, &figures, max);
            partitions::write(&mut text, &figures, max);
            controller::write(&mut text, &figures, now);
            groups::write(&mut text, &figures.groups);
            network::write_requests(&mut text, &self.requests, &mut memory.windows, now.mono);
            network::write_flushes(&mut text, &self.work.flushes, &mut memory.windows, now.mono);
            network::write_listeners(&mut text, &self.admissions);
            network::write_pools(&mut text, self.pools.figures());
            network::write_threads(&mut text, &process.shards_idle);
            memory.windows.end_look(now.mono);
        }
        if dialects.exporter {
            partitions::write_for_exporter(&mut text, &figures, max);
            groups::write_for_exporter(&mut text, &figures);
        }
        process::write(&mut text, &process, dialects.jmx);
        text.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_have_letters() {
        assert_eq!(Dialects::parse("a,e"), Some(Dialects::ALL));
        assert_eq!(Dialects::parse("e"), Some(Dialects { jmx: false, exporter: true }));
        for text in ["", "a,", "d", "A"] {
            assert_eq!(Dialects::parse(text), None, "{text}");
        }
    }
}
