//! Who coordinates a group or a transaction, and what only that node answers
//! (Kafka: `AbstractCoordinator`, `CoordinatorStrategy`).

use klamm_base::ErrorCode;
use klamm_wire::{ApiKey, FindCoordinatorRequest};

use super::{Cluster, Use};
use crate::{ClientFault, Connection, Request};

/// Kinds of coordinators (Kafka: `FindCoordinatorRequest.CoordinatorType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoordinatorType {
    Group = 0,
    Transaction = 1,
}

impl Cluster {
    /// The node that coordinates a group or a transaction.
    ///
    /// # Errors
    /// [`ClientFault`]: COORDINATOR_NOT_AVAILABLE passes by itself.
    pub async fn coordinator(&self, kind: CoordinatorType, key: &str) -> Result<Connection, ClientFault> {
        let known = self.known().coordinators.get(&(kind, key.to_owned())).copied();
        let id = match known {
            Some(id) => id,
            None => self.find_coordinator(kind, key).await?,
        };
        self.node_for(Use::Coordination, id).await
    }

    async fn find_coordinator(&self, kind: CoordinatorType, key: &str) -> Result<i32, ClientFault> {
        let any = self.any().await?;
        let batched = any.ranges().serves(ApiKey::FindCoordinator, 4);
        let request = FindCoordinatorRequest {
            key: if batched { String::new() } else { key.to_owned() },
            key_type: kind as i8,
            coordinator_keys: if batched { vec![key.to_owned()] } else { Vec::new() },
        };
        let answer = any.call(&request).await?;
        let (error, message, id) = match answer.coordinators.into_iter().next() {
            Some(found) => (found.error_code, found.error_message, found.node_id),
            None => (answer.error_code, answer.error_message, answer.node_id),
        };
        ClientFault::check(error, message)?;
        self.known().coordinators.insert((kind, key.to_owned()), id);
        Ok(id)
    }

    /// Forgets who coordinates, after NOT_COORDINATOR and its like.
    pub fn forget_coordinator(&self, kind: CoordinatorType, key: &str) {
        self.known().coordinators.remove(&(kind, key.to_owned()));
    }

    /// Sends to a coordinator, with retries. `error_of` finds the answer's own code.
    ///
    /// # Errors
    /// [`ClientFault`]; codes that do not concern the place are the caller's.
    pub async fn ask_coordinator<Q: Request>(
        &self,
        kind: CoordinatorType,
        key: &str,
        request: &Q,
        error_of: impl Fn(&Q::Response) -> i16,
    ) -> Result<Q::Response, ClientFault> {
        self.ask_coordinator_at_most(kind, key, request, i16::MAX, error_of).await
    }

    /// As [`Cluster::ask_coordinator`], with no version above `version_max`.
    pub async fn ask_coordinator_at_most<Q: Request>(
        &self,
        kind: CoordinatorType,
        key: &str,
        request: &Q,
        version_max: i16,
        error_of: impl Fn(&Q::Response) -> i16,
    ) -> Result<Q::Response, ClientFault> {
        let ask = || async {
            let coordinator = self.coordinator(kind, key).await?;
            let answer = coordinator.call_at_most(request, version_max).await.map(|(answer, _)| answer);
            self.watch_coordinator(kind, key, answer, &error_of)
        };
        self.retry(ask).await
    }

    /// Looks at what came from a coordinator: one that is none, or is not there, is forgotten, and its answer is a
    /// fault that passes by itself.
    pub(crate) fn watch_coordinator<A>(
        &self,
        kind: CoordinatorType,
        key: &str,
        answer: Result<A, ClientFault>,
        error_of: impl Fn(&A) -> i16,
    ) -> Result<A, ClientFault> {
        let fault = match answer {
            Ok(answer) => {
                let error = ErrorCode::from_code(error_of(&answer));
                if !is_misplaced(error) {
                    return Ok(answer);
                }
                ClientFault::refused(error)
            }
            Err(fault) => fault,
        };
        self.forget_coordinator(kind, key);
        Err(fault)
    }
}

fn is_misplaced(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress
    )
}
