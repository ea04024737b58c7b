//! Where the next block of producer ids begins. Kafka: `ProducerIdsImage`.

use crate::record::VersionedRecord;
use crate::records::ProducerIdsRecord;
use crate::replay_fault::ReplayFault;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerIdsImage {
    next: Option<i64>,
}

impl ProducerIdsImage {
    /// The first id nobody was given yet.
    pub fn next_producer_id(&self) -> i64 {
        self.next.unwrap_or(0)
    }

    pub(crate) fn replay(&mut self, record: &ProducerIdsRecord) -> Result<(), ReplayFault> {
        let (current, next) = (self.next_producer_id(), record.next_producer_id);
        if self.next.is_some() && next <= current {
            return Err(ReplayFault::ProducerIdsBackwards { current, next });
        }
        self.next = Some(next);
        Ok(())
    }

    pub(crate) fn write(&self, out: &mut impl FnMut(VersionedRecord)) {
        if let Some(next_producer_id) = self.next {
            let record = ProducerIdsRecord { broker_id: -1, broker_epoch: -1, next_producer_id };
            out(VersionedRecord::new(record, 0));
        }
    }
}
