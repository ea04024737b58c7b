//! The smallest executor: tasks in slots, polled in the order in which they were woken.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A task by the order in which tasks were spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(u64);

type Queue = Arc<Mutex<VecDeque<TaskId>>>;

/// Runs futures that give a `T`.
pub struct Executor<T> {
    tasks: BTreeMap<TaskId, Pin<Box<dyn Future<Output = T>>>>,
    done: BTreeMap<TaskId, T>,
    woken: Queue,
    spawned: u64,
}

struct Alarm {
    task: TaskId,
    woken: Queue,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.task);
    }
}

impl<T> Default for Executor<T> {
    fn default() -> Self {
        Executor { tasks: BTreeMap::new(), done: BTreeMap::new(), woken: Queue::default(), spawned: 0 }
    }
}

impl<T> Executor<T> {
    /// Takes a future and polls it once, as a connection does with each request.
    pub fn spawn(&mut self, future: impl Future<Output = T> + 'static) -> TaskId {
        let task = TaskId(self.spawned);
        self.spawned += 1;
        self.tasks.insert(task, Box::pin(future));
        self.poll(task);
        task
    }

    /// Polls everything that has been woken; false when there was nothing.
    pub fn turn(&mut self) -> bool {
        let woken = std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner));
        let any = !woken.is_empty();
        woken.into_iter().for_each(|task| self.poll(task));
        any
    }

    /// The result of a task that is over.
    pub fn take(&mut self, task: TaskId) -> Option<T> {
        self.done.remove(&task)
    }

    /// Gives up a task, as a connection that goes away does.
    pub fn drop_task(&mut self, task: TaskId) {
        self.tasks.remove(&task);
        self.done.remove(&task);
    }

    /// Gives up everything, as a process that ends does.
    pub fn clear(&mut self) {
        self.tasks.clear();
        self.done.clear();
    }

    pub fn is_waiting(&self, task: TaskId) -> bool {
        self.tasks.contains_key(&task)
    }

    fn poll(&mut self, task: TaskId) {
        let Some(future) = self.tasks.get_mut(&task) else { return };
        let waker = Waker::from(Arc::new(Alarm { task, woken: self.woken.clone() }));
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.tasks.remove(&task);
            self.done.insert(task, result);
        }
    }
}
