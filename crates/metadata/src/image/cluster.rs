//! The registered brokers and controllers. Kafka: `ClusterImage`, `ClusterDelta`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{BrokerRegistration, ControllerRegistration};
use crate::RecordOptions;
use crate::record::VersionedRecord;
use crate::records::{
    BrokerRegistrationChangeRecord, RegisterBrokerRecord, RegisterControllerRecord, UnregisterBrokerRecord,
    UnregisterControllerRecord,
};
use crate::replay_fault::ReplayFault;

/// Brokers and controllers by id. There are few, so a change copies the list of pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterImage {
    brokers: Arc<BTreeMap<i32, Arc<BrokerRegistration>>>,
    controllers: Arc<BTreeMap<i32, Arc<ControllerRegistration>>>,
}

impl ClusterImage {
    pub fn broker(&self, id: i32) -> Option<&Arc<BrokerRegistration>> {
        self.brokers.get(&id)
    }

    /// In order of their ids.
    pub fn brokers(&self) -> impl Iterator<Item = &Arc<BrokerRegistration>> {
        self.brokers.values()
    }

    /// Brokers clients may see: those that are not fenced.
    pub fn alive_brokers(&self) -> impl Iterator<Item = &Arc<BrokerRegistration>> {
        self.brokers().filter(|broker| !broker.fenced)
    }

    /// True if the broker is registered, unfenced and not shutting down.
    pub fn is_active(&self, id: i32) -> bool {
        self.broker(id).is_some_and(|broker| broker.is_active())
    }

    pub fn controller(&self, id: i32) -> Option<&Arc<ControllerRegistration>> {
        self.controllers.get(&id)
    }

    /// In order of their ids.
    pub fn controllers(&self) -> impl Iterator<Item = &Arc<ControllerRegistration>> {
        self.controllers.values()
    }

    pub(crate) fn replay_register_broker(&mut self, record: &RegisterBrokerRecord) {
        self.put(BrokerRegistration::from_record(record));
    }

    pub(crate) fn replay_unregister_broker(
        &mut self,
        record: &UnregisterBrokerRecord,
    ) -> Result<(), ReplayFault> {
        self.at_epoch(record.broker_id, record.broker_epoch)?;
        Arc::make_mut(&mut self.brokers).remove(&record.broker_id);
        Ok(())
    }

    pub(crate) fn replay_change(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
    ) -> Result<(), ReplayFault> {
        let next = self.at_epoch(record.broker_id, record.broker_epoch)?.merge(record)?;
        self.put(next);
        Ok(())
    }

    /// The records of before 3.4 that say nothing else.
    pub(crate) fn replay_fencing(&mut self, id: i32, epoch: i64, fenced: bool) -> Result<(), ReplayFault> {
        let next = BrokerRegistration { fenced, ..(**self.at_epoch(id, epoch)?).clone() };
        self.put(next);
        Ok(())
    }

    pub(crate) fn replay_register_controller(&mut self, record: &RegisterControllerRecord) {
        let controller = ControllerRegistration::from_record(record);
        Arc::make_mut(&mut self.controllers).insert(controller.id, Arc::new(controller));
    }

    pub(crate) fn replay_unregister_controller(
        &mut self,
        record: &UnregisterControllerRecord,
    ) -> Result<(), ReplayFault> {
        let removed = Arc::make_mut(&mut self.controllers).remove(&record.controller_id);
        removed.map(|_| ()).ok_or(ReplayFault::UnknownController { id: record.controller_id })
    }

    pub(crate) fn write(&self, options: &RecordOptions, out: &mut impl FnMut(VersionedRecord)) {
        self.brokers().for_each(|broker| out(broker.to_record(options)));
        if options.metadata_version.is_controller_registration_supported() {
            self.controllers().for_each(|controller| out(controller.to_record()));
        }
    }

    fn at_epoch(&self, id: i32, epoch: i64) -> Result<&Arc<BrokerRegistration>, ReplayFault> {
        let broker = self.broker(id).ok_or(ReplayFault::UnknownBroker { id })?;
        match broker.epoch == epoch {
            true => Ok(broker),
            false => Err(ReplayFault::BrokerEpoch { id, epoch, registered: broker.epoch }),
        }
    }

    fn put(&mut self, broker: BrokerRegistration) {
        Arc::make_mut(&mut self.brokers).insert(broker.id, Arc::new(broker));
    }
}
