//! Who does the node's waiting work, looked at after every call into it.
//!
//! The node starts no thread. Page-cache writes are done by whoever caused them, at the end of its turn; syncs by one
//! thread for each log directory, where many share one; flushes and checkpoints by one thread for all; time passes in
//! the timer task. All of them sleep until there is something.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle, Thread};

use klamm_node::Node;
use klamm_wire::ApiKey;
use tokio::sync::Notify;

use crate::answer::RequestKind;
use crate::clock::Clock;
use crate::counting::Histogram;
use crate::news;
use crate::panics::{in_answer, in_owned_state};

/// The node with everything that moves it. Shared by all threads.
pub struct Work {
    pub node: Arc<Node>,
    pub clock: Clock,
    threads: OnceLock<Threads>,
    stopping: AtomicBool,
    /// When the timer task will wake by itself, in microseconds.
    armed: AtomicU64,
    nearer_deadline: Notify,
    fault: Notify,
    /// How long syncs took, in microseconds, by log directory.
    pub flushes: Vec<Histogram>,
}

/// The threads that do disk work: one writer for each log directory, and one for what is slow. And one for what would
/// hold a shard for too long.
struct Threads {
    writers: Vec<Thread>,
    background: Thread,
    slow_lane: Thread,
}

impl Work {
    /// Starts the disk threads of an open node. They are joined after [`Work::stop_threads`].
    pub fn start(node: Arc<Node>, clock: Clock) -> io::Result<(Arc<Work>, Vec<JoinHandle<()>>)> {
        let flushes = (0..node.directories()).map(|_| Histogram::default()).collect();
        let work = Arc::new(Work {
            node,
            clock,
            threads: OnceLock::new(),
            stopping: AtomicBool::new(false),
            armed: AtomicU64::new(0),
            nearer_deadline: Notify::new(),
            fault: Notify::new(),
            flushes,
        });
        let spawn = |name: String, dir: Option<usize>| {
            let work = work.clone();
            thread::Builder::new().name(name).spawn(move || work.run(dir))
        };
        let background = spawn("klamm-background".to_owned(), None)?;
        let mut joins = Vec::with_capacity(work.node.directories() + 1);
        for dir in 0..work.node.directories() {
            joins.push(spawn(format!("klamm-writer-{dir}"), Some(dir))?);
        }
        let writers = joins.iter().map(|join| join.thread().clone()).collect();
        let slow_lane = {
            let work = work.clone();
            thread::Builder::new().name("klamm-slow-lane".to_owned()).spawn(move || work.run_slow_lane())?
        };
        let (background_thread, slow_lane_thread) = (background.thread().clone(), slow_lane.thread().clone());
        let threads = Threads { writers, background: background_thread, slow_lane: slow_lane_thread };
        assert!(work.threads.set(threads).is_ok(), "the disk threads are started once");
        joins.extend([background, slow_lane]);
        Ok((work, joins))
    }

    /// Lets the disk threads end after the turn they are in.
    pub fn stop_threads(&self) {
        self.stopping.store(true, Ordering::Release);
        if let Some(threads) = self.threads.get() {
            threads.writers.iter().for_each(Thread::unpark);
            threads.background.unpark();
            threads.slow_lane.unpark();
        }
    }

    /// Looks at what the last calls into the node left to do.
    pub fn look_after(&self) {
        in_owned_state(|| self.write_what_waits());
        news::write(&self.node);
        if self.node.next_deadline().0 < self.armed.load(Ordering::SeqCst) {
            self.nearer_deadline.notify_one();
        }
    }

    fn write_what_waits(&self) {
        let mut wrote = false;
        for dir in 0..self.node.directories() {
            wrote |= self.node.write_work(dir) && self.node.write_turn(dir, self.clock.now());
            if self.node.sync_work(dir) {
                self.wake(|threads| &threads.writers[dir]);
            }
        }
        if self.node.background_work() {
            self.wake(|threads| &threads.background);
        }
        if self.node.slow_work() {
            self.wake(|threads| &threads.slow_lane);
        }
        if wrote {
            self.tell_fault();
        }
    }

    /// Lets time pass for the node. Never ends.
    pub async fn run_timers(&self) {
        loop {
            in_owned_state(|| self.node.advance(self.clock.now()));
            let deadline = self.node.next_deadline();
            self.armed.store(deadline.0, Ordering::SeqCst);
            self.look_after();
            let sleep = tokio::time::sleep(self.clock.until(deadline));
            tokio::select! {
                () = sleep => {}
                () = self.nearer_deadline.notified() => {}
            }
        }
    }

    /// Ends when the node cannot go on.
    pub async fn fault(&self) {
        while self.node.fault().is_none() {
            self.fault.notified().await;
        }
    }

    fn wake(&self, which: impl FnOnce(&Threads) -> &Thread) {
        // A thread that is not known yet looks for work by itself when it starts.
        if let Some(threads) = self.threads.get() {
            which(threads).unpark();
        }
    }

    /// The life of a disk thread: of a directory's writer, which syncs, or of the one for slow work.
    fn run(&self, dir: Option<usize>) {
        while !self.stopping.load(Ordering::Acquire) {
            let worked = in_owned_state(|| match dir {
                Some(dir) => self.sync_turn(dir),
                None => self.node.background_turn(self.clock.now()),
            });
            if worked {
                self.look_after();
                self.tell_fault();
            } else {
                thread::park();
            }
        }
    }

    /// The life of the thread that looks at large batches of Produce requests. It holds nothing of the node meanwhile, so
    /// that a panic is the request's.
    fn run_slow_lane(&self) {
        let kind = RequestKind { api_key: ApiKey::Produce.key(), api_version: 0 };
        while !self.stopping.load(Ordering::Acquire) {
            if let Ok(false) = in_answer(kind, || self.node.slow_turn()) {
                thread::park();
            }
        }
    }

    fn sync_turn(&self, dir: usize) -> bool {
        let begin = self.clock.now();
        let worked = self.node.sync_turn(dir, begin);
        if worked {
            self.flushes[dir].add(self.clock.mono().micros_since(begin.mono));
        }
        worked
    }

    fn tell_fault(&self) {
        if self.node.fault().is_some() {
            self.fault.notify_one();
        }
    }
}
