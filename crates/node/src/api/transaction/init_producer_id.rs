//! InitProducerId (key 22), versions 0-5.
//!
//! | version | adds |
//! |---|---|
//! | 2 | flexible |
//! | 3 | resuming with id and epoch (KIP-360) |
//! | 4 | PRODUCER_FENCED |
//! | 5 | errors of KIP-890 |
//!
//! Version 6 (KIP-939) is unstable in Kafka 4.4. There is no coordinator of transactions yet: a transactional id is
//! answered as where `__transaction_state` does not exist. While the first block of ids is on its way a request waits
//! for it; Kafka sends the client away with COORDINATOR_LOAD_IN_PROGRESS.

use klamm_base::ErrorCode;
use klamm_wire::{ApiKey, InitProducerIdRequest, InitProducerIdResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::InitProducerId,
    versions: 0..=5,
    owner: Owner::TransactionCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[
        Authorisation::All(Operation::Write, ResourceType::TransactionalId),
        Authorisation::Either(
            (Operation::IdempotentWrite, ResourceType::Cluster),
            (Operation::Write, ResourceType::Topic),
        ),
    ],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    match init(broker, context, &request).await {
        Ok(producer_id) => {
            InitProducerIdResponse { producer_id, producer_epoch: 0, ..InitProducerIdResponse::default() }
        }
        Err(error) => InitProducerIdResponse {
            error_code: error.code(),
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdResponse::default()
        },
    }
}

async fn init(
    broker: &Broker,
    context: &RequestContext,
    request: &InitProducerIdRequest,
) -> Result<i64, ErrorCode> {
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return Err(ErrorCode::InvalidRequest);
    }
    let max_timeout_ms = broker.settings().transactions.max_timeout_ms;
    match request.transactional_id.as_deref() {
        None => broker.next_producer_id(context).await,
        Some("") => Err(ErrorCode::InvalidRequest),
        Some(_) if !(1..=max_timeout_ms).contains(&request.transaction_timeout_ms) => {
            Err(ErrorCode::InvalidTransactionTimeout)
        }
        Some(_) => Err(ErrorCode::NotCoordinator),
    }
}
