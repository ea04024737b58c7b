//! What this build does not serve yet but keeps: access control entries, SCRAM credentials, client
//! quotas and delegation tokens, as the records said them. Kafka: `AclsImage`, `ScramImage`,
//! `ClientQuotasImage`, `DelegationTokenImage`.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::Uuid;

use super::SharedMap;
use crate::RecordOptions;
use crate::record::VersionedRecord;
use crate::records::{
    AccessControlEntryRecord, ClientQuotaRecord, DelegationTokenRecord, RemoveAccessControlEntryRecord,
    RemoveDelegationTokenRecord, RemoveUserScramCredentialRecord, UserScramCredentialRecord,
    quota::EntityData,
};
use crate::replay_fault::ReplayFault;

/// Access control entries by their id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AclsImage {
    by_id: SharedMap<Uuid, Arc<AccessControlEntryRecord>>,
}

impl AclsImage {
    pub fn iter(&self) -> impl Iterator<Item = &Arc<AccessControlEntryRecord>> {
        self.by_id.values()
    }

    pub(crate) fn replay(&mut self, record: &AccessControlEntryRecord) {
        self.by_id.insert_mut(record.id, Arc::new(record.clone()));
    }

    pub(crate) fn replay_remove(
        &mut self,
        record: &RemoveAccessControlEntryRecord,
    ) -> Result<(), ReplayFault> {
        match self.by_id.remove_mut(&record.id) {
            true => Ok(()),
            false => Err(ReplayFault::UnknownAcl { id: record.id }),
        }
    }

    pub(crate) fn write(&self, out: &mut impl FnMut(VersionedRecord)) {
        self.iter().for_each(|acl| out(VersionedRecord::new((**acl).clone(), 0)));
    }
}

/// SCRAM credentials by mechanism number and user name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScramImage {
    by_user: SharedMap<(i8, String), Arc<UserScramCredentialRecord>>,
}

impl ScramImage {
    pub fn get(&self, mechanism: i8, user: &str) -> Option<&Arc<UserScramCredentialRecord>> {
        self.by_user.get(&(mechanism, user.to_owned()))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<UserScramCredentialRecord>> {
        self.by_user.values()
    }

    pub(crate) fn replay(&mut self, record: &UserScramCredentialRecord) {
        self.by_user.insert_mut((record.mechanism, record.name.clone()), Arc::new(record.clone()));
    }

    pub(crate) fn replay_remove(&mut self, record: &RemoveUserScramCredentialRecord) {
        self.by_user.remove_mut(&(record.mechanism, record.name.clone()));
    }

    pub(crate) fn write(&self, options: &RecordOptions, out: &mut impl FnMut(VersionedRecord)) {
        if options.metadata_version.is_scram_supported() {
            self.iter().for_each(|credential| out(VersionedRecord::new((**credential).clone(), 0)));
        }
    }
}

/// The parts of a quota's entity: names by type, where `None` is the type's default.
pub type QuotaEntity = BTreeMap<String, Option<String>>;

/// Client quotas: values by key, by entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientQuotasImage {
    by_entity: SharedMap<QuotaEntity, Arc<BTreeMap<String, f64>>>,
}

impl ClientQuotasImage {
    pub fn iter(&self) -> impl Iterator<Item = (&QuotaEntity, &Arc<BTreeMap<String, f64>>)> {
        self.by_entity.iter()
    }

    pub(crate) fn replay(&mut self, record: &ClientQuotaRecord) {
        let entity: QuotaEntity =
            record.entity.iter().map(|part| (part.entity_type.clone(), part.entity_name.clone())).collect();
        let mut quotas = self.by_entity.get(&entity).map(|quotas| (**quotas).clone()).unwrap_or_default();
        match record.remove {
            true => quotas.remove(&record.key),
            false => quotas.insert(record.key.clone(), record.value),
        };
        if quotas.is_empty() {
            self.by_entity.remove_mut(&entity);
        } else {
            self.by_entity.insert_mut(entity, Arc::new(quotas));
        }
    }

    pub(crate) fn write(&self, out: &mut impl FnMut(VersionedRecord)) {
        for (entity, quotas) in self.iter() {
            let part = |(entity_type, entity_name): (&String, &Option<String>)| EntityData {
                entity_type: entity_type.clone(),
                entity_name: entity_name.clone(),
            };
            for (key, &value) in quotas.iter() {
                let entity = entity.iter().map(part).collect();
                let record = ClientQuotaRecord { entity, key: key.clone(), value, remove: false };
                out(VersionedRecord::new(record, 0));
            }
        }
    }
}

/// Delegation tokens by their id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelegationTokensImage {
    by_id: SharedMap<String, Arc<DelegationTokenRecord>>,
}

impl DelegationTokensImage {
    pub fn iter(&self) -> impl Iterator<Item = &Arc<DelegationTokenRecord>> {
        self.by_id.values()
    }

    pub(crate) fn replay(&mut self, record: &DelegationTokenRecord) {
        self.by_id.insert_mut(record.token_id.clone(), Arc::new(record.clone()));
    }

    pub(crate) fn replay_remove(&mut self, record: &RemoveDelegationTokenRecord) {
        self.by_id.remove_mut(&record.token_id);
    }

    pub(crate) fn write(&self, options: &RecordOptions, out: &mut impl FnMut(VersionedRecord)) {
        if options.metadata_version.is_delegation_token_supported() {
            self.iter().for_each(|token| out(VersionedRecord::new((**token).clone(), 0)));
        }
    }
}
