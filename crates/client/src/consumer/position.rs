//! Where reading begins and goes on (Kafka: `SubscriptionState`).

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
}

impl Position {
    pub fn new(at: StartAt) -> Position {
        Position { at, last_epoch: None }
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
}
