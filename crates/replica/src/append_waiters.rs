//! Appends that wait until an end has passed them (Kafka: `DelayedProduce`).

use std::collections::VecDeque;

/// Waiting appends of one partition, by the offset that must be reached. Appends arrive in the order of their
/// offsets, so the queue is sorted by pushing at the end; only a repeated batch may have to go further forward.
#[derive(Clone, Debug)]
pub struct AppendWaiters<T> {
    queue: VecDeque<(i64, T)>,
}

impl<T> Default for AppendWaiters<T> {
    fn default() -> Self {
        AppendWaiters { queue: VecDeque::new() }
    }
}

impl<T> AppendWaiters<T> {
    /// Keeps `token` until the end is at least `required_offset` (the append's last offset + 1).
    pub fn push(&mut self, required_offset: i64, token: T) {
        if self.queue.back().is_none_or(|(last, _)| *last <= required_offset) {
            self.queue.push_back((required_offset, token));
        } else {
            let at = self.queue.partition_point(|(offset, _)| *offset <= required_offset);
            self.queue.insert(at, (required_offset, token));
        }
    }

    /// Hands out, in order, everything that `end` satisfies.
    pub fn release(&mut self, end: i64, mut released: impl FnMut(T)) {
        while self.queue.front().is_some_and(|(required, _)| *required <= end) {
            let (_, token) = self.queue.pop_front().expect("the front was just seen");
            released(token);
        }
    }

    /// Hands out everything, because the end will not get there any more.
    pub fn release_all(&mut self, mut released: impl FnMut(T)) {
        self.queue.drain(..).for_each(|(_, token)| released(token));
    }

    /// Removes the waiters of a request that has given up; `required_offset` is the one given to `push`.
    pub fn remove(&mut self, required_offset: i64, is_mine: impl Fn(&T) -> bool) {
        let from = self.queue.partition_point(|(offset, _)| *offset < required_offset);
        let found = self.queue.iter().skip(from).position(|(_, token)| is_mine(token));
        if let Some(at) = found {
            self.queue.remove(from + at);
        }
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(waiters: &mut AppendWaiters<&'static str>, end: i64) -> Vec<&'static str> {
        let mut out = Vec::new();
        waiters.release(end, |token| out.push(token));
        out
    }

    #[test]
    fn releases_in_order_of_offsets_and_each_once() {
        let mut waiters = AppendWaiters::default();
        waiters.push(10, "a");
        waiters.push(20, "b");
        waiters.push(15, "repeat");
        assert_eq!(released(&mut waiters, 9), Vec::<&str>::new());
        assert_eq!(released(&mut waiters, 15), ["a", "repeat"]);
        assert_eq!(released(&mut waiters, 30), ["b"]);
        assert!(waiters.is_empty());
    }

    #[test]
    fn a_request_that_gave_up_is_gone() {
        let mut waiters = AppendWaiters::default();
        for (required, token) in [(10, "a"), (10, "b"), (12, "c")] {
            waiters.push(required, token);
        }
        waiters.remove(10, |token| *token == "b");
        waiters.remove(11, |token| *token == "a");
        assert_eq!(released(&mut waiters, 99), ["a", "c"]);
    }
}
