//! The node as the server sees it: requests, time, disk work, stop.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use klamm_base::rng::Rng;
use klamm_base::{Mono, Now};
use klamm_config::Settings;
use klamm_log::Disk;

use crate::answer::Answer;
use crate::fault::{NodeFault, StartFault};
use crate::request::Connection;

/// Everything a node is made from.
pub struct NodeOptions {
    pub disk: Arc<dyn Disk>,
    /// Listeners with the ports they are really bound to: they are registered and told to clients.
    pub settings: Settings,
    pub rng: Box<dyn Rng + Send>,
    pub now: Now,
}

/// Who should carry out a directory's waiting writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteWork {
    None,
    /// Page-cache writes only: whoever asks may call [`Node::write_turn`] at once, on its own thread.
    Inline,
    /// Somebody asked for a sync: better on the directory's writer thread, where many share one.
    Sync,
}

/// The broker without a network. Shared by all threads of a server.
pub struct Node {}

impl Node {
    /// Starts a node: lock, recover, quorum, image, registration. Blocks on the disk until the node can serve;
    /// the listeners are opened after it.
    ///
    /// # Errors
    /// [`StartFault`]; all locks are given back.
    pub fn open(options: NodeOptions) -> Result<Arc<Node>, StartFault> {
        let dir = options.settings.metadata.log_dir;
        Err(StartFault::Unformatted { dir })
    }

    /// Serves one request. `frame` is what follows the size field. The future appends, reads and registers at its
    /// first poll, and may be polled on any thread; dropping it gives up the answer, not what is already appended.
    /// Requests of one connection may be handed in before earlier ones are answered; their answers must be sent in
    /// order, and each future must be polled once before the next request is handed in.
    ///
    /// After polling, look at [`Node::write_work`].
    pub fn handle(
        self: &Arc<Self>,
        connection: &Arc<Connection>,
        frame: Bytes,
        now: Now,
    ) -> impl Future<Output = Answer> + Send + 'static {
        let _ = (connection, frame, now);
        async { Answer::NoReply }
    }

    /// The next point of time at which [`Node::advance`] has something to do.
    pub fn next_deadline(&self) -> Mono {
        Mono::NEVER
    }

    /// Time has passed: ends long polls, sends heartbeats, starts what is due. Cheap, no disk. Afterwards look at
    /// [`Node::write_work`] and [`Node::background_work`].
    pub fn advance(&self, now: Now) {
        let _ = now;
    }

    /// Number of log directories; they are named 0, 1, ... below.
    pub fn directories(&self) -> usize {
        0
    }

    /// Whether appended data of a directory waits to be written, and who should do it. One atomic read.
    pub fn write_work(&self, dir: usize) -> WriteWork {
        let _ = dir;
        WriteWork::None
    }

    /// Writes what has arrived, moves ends, wakes who waited for them. Returns at once, with false, while another thread
    /// is in its turn for this directory: that one takes over what is queued.
    pub fn write_turn(&self, dir: usize, now: Now) -> bool {
        let _ = (dir, now);
        false
    }

    /// True while slow disk work waits (flush of rolled segments, checkpoints, removal of deleted partitions).
    pub fn background_work(&self) -> bool {
        false
    }

    /// Does one piece of slow disk work; false when there was none. Wants a thread of its own.
    pub fn background_turn(&self, now: Now) -> bool {
        let _ = now;
        false
    }

    /// Set once the node cannot go on: the process must end, without [`Node::stop`]. Look after each turn.
    pub fn fault(&self) -> Option<NodeFault> {
        None
    }

    /// Stops in good order: controlled shutdown, logs closed, checkpoints, clean-shutdown markers, locks given back.
    /// The listeners are closed and no other call is running. Blocks on the disk.
    ///
    /// # Errors
    /// What kept a directory from being left clean; the others are.
    pub fn stop(&self, now: Now) -> Result<(), NodeFault> {
        let _ = now;
        Ok(())
    }
}
