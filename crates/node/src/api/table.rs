//! The table of APIs that this node serves.

use klamm_wire::ApiKey;

use super::{Api, cluster, config, connection, controller, group, partition, transaction};

/// Every row, by key. What is not here is neither served nor advertised.
pub static TABLE: &[&Api] = &[
    &partition::produce::API,
    &partition::fetch::API,
    &partition::list_offsets::API,
    &cluster::metadata::API,
    &group::offset_commit::API,
    &group::offset_fetch::API,
    &group::find_coordinator::API,
    &group::join_group::API,
    &group::heartbeat::API,
    &group::leave_group::API,
    &group::sync_group::API,
    &group::describe_groups::API,
    &group::list_groups::API,
    &connection::api_versions::API,
    &controller::create_topics::API,
    &controller::delete_topics::API,
    &partition::delete_records::API,
    &transaction::init_producer_id::API,
    &partition::offset_for_leader_epoch::API,
    &config::describe_configs::API,
    &config::alter_configs::API,
    &partition::describe_log_dirs::API,
    &controller::create_partitions::API,
    &group::delete_groups::API,
    &controller::elect_leaders::API,
    &config::incremental_alter_configs::API,
    &controller::alter_partition_reassignments::API,
    &controller::list_partition_reassignments::API,
    &group::offset_delete::API,
    &controller::describe_quorum::API,
    &controller::update_features::API,
    &cluster::describe_cluster::API,
    &partition::describe_producers::API,
    &controller::unregister_broker::API,
    &controller::allocate_producer_ids::API,
    &controller::assign_replicas_to_dirs::API,
    &config::list_config_resources::API,
    &cluster::describe_topic_partitions::API,
    &controller::unregister_controller::API,
];

/// The row of a key.
pub fn find(key: ApiKey) -> Option<&'static Api> {
    TABLE.iter().copied().find(|api| api.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use klamm_base::codec::Listener;

    #[test]
    fn rows_are_sorted_and_within_the_protocol() {
        assert!(TABLE.is_sorted_by_key(|api| api.key.key()));
        for api in TABLE {
            let all = api.key.stable_versions();
            assert!(all.min <= *api.versions.start() && *api.versions.end() <= all.max, "{}", api.key);
            assert!(!api.listeners.broker || api.key.is_served_on(Listener::Broker), "{}", api.key);
            assert!(!api.listeners.controller || api.key.is_served_on(Listener::Controller), "{}", api.key);
        }
    }
}
