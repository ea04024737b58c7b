//! Where records come from: one partition, or a share of what a group reads.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use klamm_client::ClientFault;
use klamm_client::consumer::{ConsumedRecord, Consumer, StartAt};
use klamm_client::group::GroupConsumer;

pub enum Source {
    Alone(Box<Consumer>),
    Member(Box<GroupConsumer>),
}

impl Source {
    /// Records that are there, or come within `timeout`.
    ///
    /// # Errors
    /// [`ClientFault`]
    pub async fn poll(&mut self, timeout: Duration) -> Result<VecDeque<ConsumedRecord>, ClientFault> {
        match self {
            Source::Alone(consumer) => consumer.poll(timeout).await,
            Source::Member(member) => member.poll(timeout).await,
        }
    }

    /// Gives back what was not shown, so that it is not committed, and leaves the group.
    ///
    /// # Errors
    /// [`ClientFault`]: the group will find out by itself.
    pub async fn close(self, left: VecDeque<ConsumedRecord>) -> Result<(), ClientFault> {
        let Source::Member(mut member) = self else { return Ok(()) };
        let mut first = BTreeMap::new();
        for record in left {
            first.entry(record.partition).or_insert(record.offset);
        }
        for (partition, offset) in first {
            member.seek(&partition, StartAt::Offset(offset));
        }
        member.close().await
    }
}
