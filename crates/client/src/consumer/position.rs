//! Where reading begins and goes on (Kafka: `SubscriptionState`).

use super::OffsetSpec;

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartAt {
    Offset(i64),
    Spec(OffsetSpec),
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
