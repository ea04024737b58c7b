//! Where reading begins and goes on (Kafka: `SubscriptionState`).
//!
//! | State | Event | Next |
//! |---|---|---|
//! | sought: by a [`OffsetSpec`] | the leader names the offset | known |
//! | known | records up to an offset are read | known, behind them |
//! | known | OFFSET_OUT_OF_RANGE, with a place to go on at | sought |
//! | any | seek | sought or known |
//!
//! A known position may have a preferred replica (KIP-392), which is forgotten with age, with a fault, and when the
//! place is sought anew.

use tokio::time::Instant;

use super::OffsetSpec;
use crate::clock::now_ms;

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartAt {
    Offset(i64),
    Spec(OffsetSpec),
}

/// Where to go on when an offset is not there (Kafka: `auto.offset.reset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    To(OffsetSpec),
    /// The first record that is not older than so many ms (KIP-1106).
    ByDuration {
        ago_ms: u64,
    },
    /// Nowhere: it is an error.
    Fail,
}

impl OffsetReset {
    /// `None`: an error.
    pub fn spec(self) -> Option<OffsetSpec> {
        match self {
            OffsetReset::To(spec) => Some(spec),
            OffsetReset::ByDuration { ago_ms } => {
                let ago_ms = i64::try_from(ago_ms).unwrap_or(i64::MAX);
                Some(OffsetSpec::Timestamp(now_ms().saturating_sub(ago_ms).max(0)))
            }
            OffsetReset::Fail => None,
        }
    }
}

/// How far one partition has been read.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    at: StartAt,
    last_epoch: Option<i32>,
    preferred: Option<(i32, Instant)>,
}

impl Position {
    pub fn new(at: StartAt) -> Position {
        Position { at, last_epoch: None, preferred: None }
    }

    /// Offset of the next record; `None` until somebody has asked where that is.
    pub fn next_offset(&self) -> Option<i64> {
        match self.at {
            StartAt::Offset(offset) => Some(offset),
            StartAt::Spec(_) => None,
        }
    }

    /// What is to be asked.
    pub fn sought(&self) -> Option<OffsetSpec> {
        match self.at {
            StartAt::Offset(_) => None,
            StartAt::Spec(spec) => Some(spec),
        }
    }

    pub fn last_epoch(&self) -> Option<i32> {
        self.last_epoch
    }

    pub fn advance(&mut self, next_offset: i64, last_epoch: Option<i32>) {
        self.at = StartAt::Offset(next_offset);
        self.last_epoch = last_epoch.or(self.last_epoch);
    }

    /// The replica nearby that shall be read, if one was named and that is not too long ago.
    pub fn preferred(&self, now: Instant) -> Option<i32> {
        self.preferred.filter(|(_, until)| now < *until).map(|(node, _)| node)
    }

    pub fn prefer(&mut self, node: i32, until: Instant) {
        self.preferred = Some((node, until));
    }

    pub fn prefer_leader(&mut self) {
        self.preferred = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_place_that_is_described_becomes_an_offset_and_moves_on() {
        let mut position = Position::new(StartAt::Spec(OffsetSpec::Earliest));
        assert_eq!((position.next_offset(), position.sought()), (None, Some(OffsetSpec::Earliest)));
        position.advance(7, None);
        assert_eq!((position.next_offset(), position.sought(), position.last_epoch()), (Some(7), None, None));
        position.advance(9, Some(2));
        position.advance(12, None);
        assert_eq!((position.next_offset(), position.last_epoch()), (Some(12), Some(2)));
    }

    #[test]
    fn a_preferred_replica_is_forgotten_with_age() {
        let (mut position, now) = (Position::new(StartAt::Offset(0)), Instant::now());
        position.prefer(3, now + Duration::from_secs(1));
        assert_eq!(position.preferred(now), Some(3));
        assert_eq!(position.preferred(now + Duration::from_secs(1)), None);
        position.prefer_leader();
        assert_eq!(position.preferred(now), None);
    }

    #[test]
    fn a_reset_by_duration_looks_back() {
        let spec = OffsetReset::ByDuration { ago_ms: 1000 }.spec();
        let Some(OffsetSpec::Timestamp(at)) = spec else { panic!("{spec:?}") };
        assert!((900..=1_100_000).contains(&(now_ms() - at)), "{at}");
        assert_eq!(OffsetReset::ByDuration { ago_ms: u64::MAX }.spec(), Some(OffsetSpec::Timestamp(0)));
        assert_eq!(OffsetReset::Fail.spec(), None);
    }
}
