//! What every decision returns. Kafka: `ControllerResult`, `ApiError`.

use klamm_base::ErrorCode;

use crate::batch::MAX_BATCH_BYTES;
use crate::record::VersionedRecord;

/// Most records one request may lead to, and most records in one batch.
pub const MAX_RECORDS_PER_BATCH: usize = 10_000;

/// What a record needs in a batch besides its value, at most.
const RECORD_OVERHEAD_BYTES: usize = 24;

/// POLICY_VIOLATION if the records of one request do not fit into one batch.
pub(super) fn check_fits_one_batch(records: &[VersionedRecord]) -> Result<(), ApiError> {
    let bytes: usize = records.iter().map(|record| record.encoded_size() + RECORD_OVERHEAD_BYTES).sum();
    if records.len() > MAX_RECORDS_PER_BATCH || bytes > MAX_BATCH_BYTES {
        let message = "Unable to perform excessively large batch operation.";
        return Err(ApiError::new(ErrorCode::PolicyViolation, message));
    }
    Ok(())
}

/// An answer of "no" with the text the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub error: ErrorCode,
    /// `None`: the client shows its own text for the code.
    pub message: Option<String>,
}

impl ApiError {
    pub fn new(error: ErrorCode, message: impl Into<String>) -> ApiError {
        ApiError { error, message: Some(message.into()) }
    }

    pub fn bare(error: ErrorCode) -> ApiError {
        ApiError { error, message: None }
    }
}

/// Records to append, and the answer to give once they are committed. Without records the answer may
/// still rest on state that is not committed: it waits for whatever is pending.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<R> {
    pub records: Vec<VersionedRecord>,
    /// The records stand or fall together: they go into one batch.
    pub atomic: bool,
    pub response: R,
}

impl<R> Decision<R> {
    /// Nothing changes.
    pub fn answer(response: R) -> Decision<R> {
        Decision { records: Vec::new(), atomic: true, response }
    }

    /// All records in one batch.
    pub fn atomic(records: Vec<VersionedRecord>, response: R) -> Decision<R> {
        assert!(
            records.len() <= MAX_RECORDS_PER_BATCH,
            "{} records of one decision do not fit into one batch",
            records.len()
        );
        Decision { records, atomic: true, response }
    }

    /// Records that make sense even if only the first of them survive.
    pub fn sequence(records: Vec<VersionedRecord>, response: R) -> Decision<R> {
        Decision { records, atomic: false, response }
    }

    /// The records as batches to append, in order.
    pub fn batches(&self) -> impl Iterator<Item = &[VersionedRecord]> {
        self.records.chunks(MAX_RECORDS_PER_BATCH)
    }

    pub fn map<T>(self, response: impl FnOnce(R) -> T) -> Decision<T> {
        Decision { records: self.records, atomic: self.atomic, response: response(self.response) }
    }
}
