//! How one connection stands towards the memory that all share: seen by its task and by the shard's keeper.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::wakeup::Wakeup;

/// A client that sent so much since the last mark moves; whoever dribbles does not.
const PROGRESS_BYTES: usize = 16 * 1024;

/// While memory is short, a client that should send or take something and does not move for so long is closed.
const STALL_MAX: Duration = Duration::from_secs(1);

/// The same for one whose requests are being answered: it may not be its fault.
const ANSWERING_MAX: Duration = Duration::from_secs(10);

/// Below this nobody is closed for what is being answered.
const ANSWERED_BYTES_MIN: usize = 64 * 1024;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// To read on, when fewer bytes of the requests' pool than this are used.
    Read { below: usize },
    /// To begin a request, when the answers' pool has room.
    Answer,
}

/// What a connection has in its receive buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    Nothing,
    /// Whole requests that have to wait for those before them.
    Queued,
    /// Part of a request, of which the rest is to come.
    Unfinished,
}

/// One connection, as the keeper sees it.
pub struct Standing {
    pub id: u64,
    pub wakeup: Arc<Wakeup>,
    /// Bytes of its requests, arriving or being answered.
    pub held: Cell<usize>,
    /// Bytes of its answers that it did not take.
    pub unsent: Cell<usize>,
    pub arrived: Cell<Arrived>,
    pub wants: Cell<Option<Want>>,
    /// Its last turn left requests that could have begun.
    pub is_behind: Cell<bool>,
    /// To be closed at its next turn.
    pub is_condemned: Cell<bool>,
    moved_bytes: Cell<usize>,
    moved: Cell<Instant>,
    took: Cell<Instant>,
}

impl Standing {
    pub fn new(id: u64, wakeup: Arc<Wakeup>, now: Instant) -> Standing {
        Standing {
            id,
            wakeup,
            held: Cell::new(0),
            unsent: Cell::new(0),
            arrived: Cell::new(Arrived::Nothing),
            wants: Cell::new(None),
            is_behind: Cell::new(false),
            is_condemned: Cell::new(false),
            moved_bytes: Cell::new(0),
            moved: Cell::new(now),
            took: Cell::new(now),
        }
    }

    /// So many bytes were read; `is_mark` when that ended a request, or when the client could not send meanwhile.
    pub fn note_read(&self, bytes: usize, is_mark: bool, now: Instant) {
        let moved = self.moved_bytes.get() + bytes;
        if is_mark || moved >= PROGRESS_BYTES {
            self.moved_bytes.set(0);
            self.moved.set(now);
        } else {
            self.moved_bytes.set(moved);
        }
    }

    /// The client took something of its answers, or has none to take.
    pub fn note_sent(&self, now: Instant) {
        self.took.set(now);
    }

    /// How much closing it for its requests would help; none when it shall stay. `is_full` when nobody can read
    /// any more: then everything counts that is not being answered.
    pub fn weight_of_requests(&self, is_full: bool, now: Instant) -> Option<u128> {
        let (held, age) = (self.held.get(), now.saturating_duration_since(self.moved.get()));
        let stalled = match self.arrived.get() {
            Arrived::Unfinished => is_full || (self.wants.get().is_none() && age >= STALL_MAX),
            Arrived::Queued => is_full || age >= ANSWERING_MAX,
            Arrived::Nothing => held >= ANSWERED_BYTES_MIN && age >= ANSWERING_MAX,
        };
        (held > 0 && stalled).then(|| weight(held, age))
    }

    /// The same for its answers.
    pub fn weight_of_answers(&self, is_full: bool, now: Instant) -> Option<u128> {
        let (unsent, age) = (self.unsent.get(), now.saturating_duration_since(self.took.get()));
        (unsent > 0 && (is_full || age >= STALL_MAX)).then(|| weight(unsent, age))
    }

    pub fn condemn(&self) {
        self.is_condemned.set(true);
        self.wakeup.wake_connection();
    }
}

/// Who holds most for longest goes first.
fn weight(bytes: usize, age: Duration) -> u128 {
    bytes as u128 * (age.as_millis() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(now: Instant) -> Standing {
        let standing = Standing::new(1, Wakeup::new(), now);
        standing.held.set(100_000);
        standing.arrived.set(Arrived::Unfinished);
        standing
    }

    #[test]
    fn dribbling_is_no_progress() {
        let start = Instant::now();
        let one = standing(start);
        for tenths in 1..=10 {
            one.note_read(1, false, start + Duration::from_millis(100 * tenths));
        }
        assert!(one.weight_of_requests(false, start + STALL_MAX).is_some());
        one.note_read(PROGRESS_BYTES, false, start + STALL_MAX);
        assert_eq!(one.weight_of_requests(false, start + STALL_MAX), None);
        assert!(one.weight_of_requests(true, start + STALL_MAX).is_some(), "unless there is no other way");
    }

    #[test]
    fn whoever_waits_for_room_is_not_to_blame() {
        let start = Instant::now();
        let one = standing(start);
        one.wants.set(Some(Want::Read { below: 10 }));
        assert_eq!(one.weight_of_requests(false, start + 5 * STALL_MAX), None);
        assert!(one.weight_of_requests(true, start).is_some());
    }

    #[test]
    fn being_answered_takes_its_time() {
        let start = Instant::now();
        let one = standing(start);
        one.arrived.set(Arrived::Queued);
        assert_eq!(one.weight_of_requests(false, start + STALL_MAX), None);
        assert!(one.weight_of_requests(true, start).is_some(), "unless nobody can read any more");
        one.arrived.set(Arrived::Nothing);
        assert_eq!(one.weight_of_requests(true, start + STALL_MAX), None);
        assert!(one.weight_of_requests(false, start + ANSWERING_MAX).is_some());
        one.held.set(1000);
        assert_eq!(one.weight_of_requests(true, start + ANSWERING_MAX), None);
    }

    #[test]
    fn a_mute_reader_weighs_more_the_longer_it_takes_nothing() {
        let start = Instant::now();
        let one = standing(start);
        assert_eq!(one.weight_of_answers(true, start + STALL_MAX), None, "it has all");
        one.unsent.set(1000);
        assert_eq!(one.weight_of_answers(false, start), None);
        let after = |times| one.weight_of_answers(false, start + times * STALL_MAX).expect("stalled");
        assert!(after(1) < after(2));
        one.note_sent(start + 2 * STALL_MAX);
        assert_eq!(one.weight_of_answers(false, start + 2 * STALL_MAX), None);
    }
}
