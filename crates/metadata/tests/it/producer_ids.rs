//! Blocks of producer ids.

use klamm_base::ErrorCode;
use klamm_metadata::VersionedRecord;
use klamm_metadata::batch::{self, Stamp};
use klamm_metadata::records::ProducerIdsRecord;
use klamm_wire::AllocateProducerIdsRequest;

use crate::cluster::Cluster;

fn request(broker_epoch: i64) -> AllocateProducerIdsRequest {
    AllocateProducerIdsRequest { broker_id: 1, broker_epoch }
}

#[test]
fn blocks_of_a_thousand_follow_each_other() {
    let mut cluster = Cluster::working(&[]);
    for start in [0, 1_000, 2_000] {
        let decision = cluster.controller.allocate_producer_ids(&request(10)).expect("accepted");
        let (response, lines) = cluster.apply(decision);
        assert_eq!((response.producer_id_start, response.producer_id_len), (start, 1_000));
        let next = start + 1_000;
        assert_eq!(
            lines,
            [format!(r#"ProducerIds v0 {{"brokerEpoch":10,"brokerId":1,"nextProducerId":{next}}}"#)]
        );
    }
}

#[test]
fn only_registered_brokers_get_ids() {
    let cluster = Cluster::working(&[]);
    let error = cluster.controller.allocate_producer_ids(&request(9)).expect_err("stale");
    assert_eq!(error.error, ErrorCode::StaleBrokerEpoch);
}

#[test]
fn the_last_block_is_not_given_away() {
    let mut cluster = Cluster::working(&[]);
    let stamp = Stamp { base_offset: cluster.controller.images().next_offset(), epoch: 1, append_time_ms: 0 };
    let record = ProducerIdsRecord { broker_id: 1, broker_epoch: 10, next_producer_id: i64::MAX - 999 };
    cluster.append(batch::encode_data(stamp, &[VersionedRecord::new(record, 0)]));
    let error = cluster.controller.allocate_producer_ids(&request(10)).expect_err("exhausted");
    assert_eq!(error.error, ErrorCode::UnknownServerError);
}
