//! The node as the server sees it: requests, time, disk work, stop.
//!
//! * [`start`] – from directories to a broker that serves
//! * [`disk_work`] – turns of the writers, slow work
//! * [`progress`] – what a turn leads to: ends, commits, images, failed directories
//! * [`stop`] – the clean end
//! * [`figures`] – the node in numbers

mod disk_work;
mod figures;
mod progress;
mod start;
mod stop;

pub use figures::{
    ClusterFigures, Condition, DirectoryFigures, GroupsFigures, NodeFigures, PartitionFigures,
    SessionFigures, TopicFigures,
};

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use klamm_base::owned::Mutex;
use klamm_base::rng::Rng;
use klamm_base::{Mono, Now};
use klamm_config::Settings;
use klamm_log::{Disk, LogFault};

use crate::answer::Answer;
use crate::api::pipeline;
use crate::broker::Broker;
use crate::fault::NodeFault;
use crate::gather::Wakes;
use crate::housekeeping::Housekeeping;
use crate::lifecycle::{Lifecycle, Wish};
use crate::loggers::Loggers;
use crate::news::News;
use crate::partitions::Directory;
use crate::publisher::Publisher;
use crate::request::Connection;
use crate::workers::Workers;

/// Everything a node is made from.
pub struct NodeOptions {
    pub disk: Arc<dyn Disk>,
    /// Listeners with the ports they are really bound to: they are registered and told to clients.
    pub settings: Settings,
    pub rng: Box<dyn Rng + Send>,
    /// Open logs at the start.
    pub workers: Box<dyn Workers>,
    pub now: Now,
}

/// The broker without a network. Shared by all threads of a server.
pub struct Node {
    broker: Arc<Broker>,
    publisher: Publisher,
    /// Those of the broker, and the metadata log's if it is none of them.
    directories: Vec<Arc<Directory>>,
    lifecycle: Mutex<Lifecycle>,
    housekeeping: Mutex<Housekeeping>,
    /// When [`Node::advance`] has something to do besides ending long polls, in microseconds.
    next_chore: AtomicU64,
    /// The controller must hear of this broker before the next heartbeat is due.
    must_tell: AtomicBool,
    /// Something of the image could not be carried out: it is tried again with the next heartbeat.
    must_repeat: AtomicBool,
    repeat_is_due: AtomicBool,
    fault: Mutex<Option<NodeFault>>,
}

impl Node {
    /// Serves one request. `frame` is what follows the size field. The future appends, reads and registers at its
    /// first poll, and may be polled on any thread; dropping it gives up the answer, not what is already appended.
    /// Requests of one connection may be handed in before earlier ones are answered; their answers must be sent in
    /// order, and each future must be polled once before the next request is handed in.
    ///
    /// After polling, look at [`Node::write_work`] and [`Node::sync_work`].
    pub fn handle(
        self: &Arc<Self>,
        connection: &Arc<Connection>,
        frame: Bytes,
        now: Now,
    ) -> impl Future<Output = Answer> + Send + 'static {
        let (broker, connection) = (self.broker.clone(), connection.clone());
        async move { pipeline::serve(&broker, connection, frame, now).await }
    }

    /// The next point of time at which [`Node::advance`] has something to do. Three atomic reads.
    pub fn next_deadline(&self) -> Mono {
        let chore = Mono(self.next_chore.load(Ordering::Acquire));
        let groups = self.broker.group_coordinators.next_due();
        self.broker.timers.earliest().map_or(chore, |earliest| earliest.min(chore)).min(groups)
    }

    /// Time has passed: ends long polls, sends heartbeats, starts what is due. Cheap, no disk. Afterwards look at
    /// [`Node::write_work`], [`Node::sync_work`] and [`Node::background_work`].
    pub fn advance(&self, now: Now) {
        let mut wakes = Wakes::default();
        self.broker.timers.advance(now.mono, &mut wakes);
        wakes.wake_all();
        let coordinators = &self.broker.group_coordinators;
        if coordinators.next_due() <= now.mono {
            coordinators.advance(&self.broker.settings(), now);
        }
        if self.next_chore.load(Ordering::Acquire) > now.mono.0 {
            return;
        }
        let mut lifecycle = self.lifecycle.lock();
        if self.must_tell.swap(false, Ordering::AcqRel) || lifecycle.next_heartbeat <= now.mono {
            // A refusal means that the controller is going down with this node.
            let _ = lifecycle.refresh(&self.broker, &self.publisher.static_settings, now);
            let _ = lifecycle.heartbeat(&self.broker, Wish::Work, now);
            if self.must_repeat.swap(false, Ordering::AcqRel) {
                self.repeat_is_due.store(true, Ordering::Release);
            }
        }
        drop(lifecycle);
        self.broker.controller.advance(now);
        let disposal = self.publisher.disposal.next_due();
        self.housekeeping.lock().advance(now.mono, disposal);
        self.note_next_chore();
    }

    /// Sleeping requests by partition and kind: appends and fetches (Kafka: purgatory sizes).
    pub fn waiting(&self) -> (usize, usize) {
        let each = self.broker.partitions.all().into_iter().map(|partition| partition.waiting());
        each.fold((0, 0), |sum, (appends, fetches)| (sum.0 + appends, sum.1 + fetches))
    }

    /// Set once the node cannot go on: the process must end, without [`Node::stop`]. Look after each turn.
    pub fn fault(&self) -> Option<NodeFault> {
        self.fault.lock().clone()
    }

    /// The settings as they count now, dynamic ones included. They change as the cluster says; ask at each use.
    pub fn settings(&self) -> Arc<Settings> {
        self.broker.settings()
    }

    /// The levels of the loggers, which clients change.
    pub fn loggers(&self) -> &Arc<Loggers> {
        &self.broker.loggers
    }

    /// What has happened to disks and metadata since the last call, for the log. One atomic read when nothing has.
    pub fn take_news(&self) -> Vec<News> {
        self.broker.news.take()
    }

    fn note_next_chore(&self) {
        let next = [
            self.lifecycle.lock().next_heartbeat,
            self.broker.controller.next_deadline(),
            self.housekeeping.lock().next_due(self.publisher.disposal.next_due()),
        ];
        let next = next.into_iter().min().unwrap_or(Mono::NEVER);
        let next = if self.must_tell.load(Ordering::Acquire) { Mono::ZERO } else { next };
        self.next_chore.store(next.0, Ordering::Release);
    }
}

impl Drop for Node {
    /// Writes that nobody has carried out hold on to their partitions, and those to their directory and its lock.
    fn drop(&mut self) {
        for directory in &self.directories {
            let path = directory.path().into();
            directory.writer.fail(LogFault::Offline { path });
            directory.writer.turn();
            directory.writer.sync_turn();
            while directory.writer.flush_turn().is_some() {}
        }
    }
}
