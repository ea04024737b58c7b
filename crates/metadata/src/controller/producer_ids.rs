//! Blocks of producer ids for brokers. Kafka: `ProducerIdControlManager`, KIP-730.

use klamm_base::ErrorCode;
use klamm_wire::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};

use super::decision::{ApiError, Decision};
use super::heartbeat;
use super::view::View;
use crate::record::VersionedRecord;
use crate::records::ProducerIdsRecord;

/// How many ids a broker gets at a time.
pub const BLOCK_SIZE: i32 = 1_000;

pub(super) fn decide(
    view: &View<'_>,
    request: &AllocateProducerIdsRequest,
) -> Result<Decision<AllocateProducerIdsResponse>, ApiError> {
    let (broker_id, broker_epoch) = (request.broker_id, request.broker_epoch);
    heartbeat::check_broker_epoch(view, broker_id, broker_epoch)?;
    let start = view.image.producer_ids.next_producer_id();
    let Some(next_producer_id) = start.checked_add(i64::from(BLOCK_SIZE)) else {
        return Err(ApiError::new(
            ErrorCode::UnknownServerError,
            "Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit",
        ));
    };
    let record = ProducerIdsRecord { broker_id, broker_epoch, next_producer_id };
    let response = AllocateProducerIdsResponse {
        producer_id_start: start,
        producer_id_len: BLOCK_SIZE,
        ..AllocateProducerIdsResponse::default()
    };
    Ok(Decision::sequence(vec![VersionedRecord::new(record, 0)], response))
}
