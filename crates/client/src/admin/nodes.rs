//! Taking a node off a cluster's list (Kafka: `KafkaAdminClient.unregisterBroker`, `unregisterController`).

use klamm_base::ErrorCode;
use klamm_wire::{UnregisterBrokerRequest, UnregisterControllerRequest};

use crate::{ClientFault, Cluster};

/// Forgets a broker that will not come back.
///
/// # Errors
/// [`ClientFault`]
pub async fn unregister_broker(cluster: &Cluster, broker_id: i32) -> Result<(), ClientFault> {
    let request = UnregisterBrokerRequest { broker_id };
    let ask = || async {
        let answer = cluster.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, answer.error_message)
    };
    retry_timeouts(cluster, ask).await
}

/// Forgets a controller that is no voter any more.
///
/// # Errors
/// [`ClientFault`]
pub async fn unregister_controller(cluster: &Cluster, controller_id: i32) -> Result<(), ClientFault> {
    let request = UnregisterControllerRequest { controller_id };
    let ask = || async {
        let answer = cluster.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, answer.error_message)
    };
    retry_timeouts(cluster, ask).await
}

/// Of the codes of an answer only REQUEST_TIMED_OUT is worth another try.
async fn retry_timeouts<F: Future<Output = Result<(), ClientFault>>>(
    cluster: &Cluster,
    mut ask: impl FnMut() -> F,
) -> Result<(), ClientFault> {
    let attempt = || {
        let asked = ask();
        async move {
            match asked.await {
                Err(ClientFault::Refused { error, message }) if error != ErrorCode::RequestTimedOut => {
                    Ok(Err(ClientFault::Refused { error, message }))
                }
                outcome => outcome.map(Ok),
            }
        }
    };
    cluster.retry(attempt).await?
}
