//! Why a record was not sent, as Kafka's producer throws it.

use klamm_base::ErrorCode;
use klamm_client::ClientFault;
use klamm_client::producer::ProduceFault;

use crate::exception::{Exception, KAFKA, TIMEOUT};

/// The exception of a record's failure. `max_block_ms` is how long it waited for its topic.
pub fn exception(fault: ProduceFault, topic: &str, max_block_ms: u128) -> Exception {
    match fault {
        ProduceFault::Client(ClientFault::Refused { error: ErrorCode::InvalidTopicException, .. }) => {
            let message = format!("Invalid topics: [{topic}]");
            Exception::of_code(ErrorCode::InvalidTopicException, Some(message))
        }
        ProduceFault::Client(ClientFault::Refused {
            error: ErrorCode::UnknownTopicOrPartition | ErrorCode::LeaderNotAvailable,
            ..
        })
        | ProduceFault::Client(ClientFault::Unreachable { .. })
        | ProduceFault::NoMetadata { .. } => {
            Exception::new(TIMEOUT, format!("Topic {topic} not present in metadata after {max_block_ms} ms."))
        }
        ProduceFault::Client(fault) => Exception::of_fault(fault, "produce"),
        ProduceFault::Expired => Exception::new(
            TIMEOUT,
            format!("Expiring record(s) for {topic}: no answer before the delivery timeout"),
        ),
        fault @ (ProduceFault::TooLarge { .. } | ProduceFault::LargerThanMemory { .. }) => {
            Exception::of_code(ErrorCode::MessageTooLarge, Some(fault.to_string()))
        }
        fault @ ProduceFault::NoMemory { .. } => {
            Exception::new("org.apache.kafka.clients.producer.BufferExhaustedException", fault.to_string())
        }
        fault => Exception::new(KAFKA, fault.to_string()),
    }
}

/// What Kafka logs before it (Kafka: `ErrorLoggingCallback`).
pub fn headline(topic: &str, (key_len, value_len): (Option<usize>, Option<usize>)) -> String {
    let bytes = |len: Option<usize>| len.map_or("null".to_owned(), |len| format!("{len} bytes"));
    let (key, value) = (bytes(key_len), bytes(value_len));
    format!("Error when sending message to topic {topic} with key: {key}, value: {value} with error:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_print_as_in_java() {
        let shown = |fault| exception(fault, "t", 60_000).to_string();
        assert_eq!(
            shown(ProduceFault::NoMetadata { topic: "t".to_owned() }),
            "org.apache.kafka.common.errors.TimeoutException: Topic t not present in metadata after 60000 ms."
        );
        let refused = |error| ProduceFault::Client(ClientFault::refused(error));
        assert_eq!(
            shown(refused(ErrorCode::InvalidTopicException)),
            "org.apache.kafka.common.errors.InvalidTopicException: Invalid topics: [t]"
        );
        assert!(shown(refused(ErrorCode::MessageTooLarge)).starts_with(
            "org.apache.kafka.common.errors.RecordTooLargeException: The request included a message"
        ));
        assert_eq!(
            headline("t", (None, Some(1))),
            "Error when sending message to topic t with key: null, value: 1 bytes with error:"
        );
    }
}
