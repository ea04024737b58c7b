//! What Kafka's tools would have thrown: a Java class name and a message, for the places where they print it.

mod table;

use std::borrow::Cow;
use std::fmt;

use klamm_base::ErrorCode;
use klamm_client::ClientFault;
use klamm_client::fault::Unsupported;

/// What Java throws where an argument does not hold.
pub const ILLEGAL_ARGUMENT: &str = "java.lang.IllegalArgumentException";
/// Kafka's exception without a code.
pub const KAFKA: &str = "org.apache.kafka.common.KafkaException";
/// A client's setting that does not hold.
pub const CONFIG: &str = "org.apache.kafka.common.config.ConfigException";
/// What the client throws when it has waited long enough.
pub const TIMEOUT: &str = "org.apache.kafka.common.errors.TimeoutException";

/// A Java exception as it prints itself: `class: message`, or `class` alone, and a line with what caused it, where
/// that is more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub class: Cow<'static, str>,
    pub message: Option<String>,
    /// `class: message` of another one.
    pub cause: Option<String>,
}

impl Exception {
    pub fn new(class: &'static str, message: impl Into<String>) -> Exception {
        Exception { class: Cow::Borrowed(class), message: Some(message.into()), cause: None }
    }

    pub fn illegal_argument(message: impl Into<String>) -> Exception {
        Exception::new(ILLEGAL_ARGUMENT, message)
    }

    /// The exception of a code, with the words of the answer where it has any (Kafka: `ApiError.exception`).
    pub fn of_code(error: ErrorCode, message: Option<String>) -> Exception {
        let message = message.unwrap_or_else(|| default_message(error).to_owned());
        Exception::new(class(error), message)
    }

    /// The exception of an answer's code; `None` for no error.
    pub fn of_answer(code: i16, message: Option<String>) -> Option<Exception> {
        match ErrorCode::from_code(code) {
            ErrorCode::None => None,
            error => Some(Exception::of_code(error, message)),
        }
    }

    /// What Kafka's admin client would have thrown from the call that it names `call`, such as `createTopics`.
    pub fn of_fault(fault: ClientFault, call: &str) -> Exception {
        match fault {
            ClientFault::Refused { error, message } => Exception::of_code(error, message),
            ClientFault::UnsupportedVersion { api, why } => {
                let reason = match why {
                    Unsupported::NotServed => format!("The node does not support {}", constant(api.name())),
                    Unsupported::NoCommonVersion => {
                        format!(
                            "The node does not support a version of {} that this tool speaks",
                            constant(api.name())
                        )
                    }
                    Unsupported::Inexpressible(error) => error.to_string(),
                };
                Exception::of_code(ErrorCode::UnsupportedVersion, Some(reason))
            }
            ClientFault::TimedOut { .. } | ClientFault::Disconnected { .. } => {
                Exception::new(TIMEOUT, format!("Timed out waiting to send the call. Call: {call}"))
            }
            ClientFault::Unresolvable { .. }
            | ClientFault::Unreachable { .. }
            | ClientFault::UnknownNode { .. } => {
                Exception::new(TIMEOUT, format!("Timed out waiting for a node assignment. Call: {call}"))
            }
            ClientFault::Malformed { .. } => Exception::new(KAFKA, fault.to_string()),
        }
    }

    /// The same, thrown because of another one.
    pub fn caused_by(self, class: &str, message: impl fmt::Display) -> Exception {
        Exception { cause: Some(format!("{class}: {message}")), ..self }
    }

    /// As `Throwable.getMessage` is printed, which may be nothing.
    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or("null")
    }

    /// The exception that a future throws because of this one.
    pub fn in_future(&self) -> Exception {
        Exception::new("java.util.concurrent.ExecutionException", self.to_string())
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.class)?,
            None => f.write_str(&self.class)?,
        }
        match &self.cause {
            Some(cause) => write!(f, "\nCaused by: {cause}"),
            None => Ok(()),
        }
    }
}

/// `DESCRIBE_CLIENT_QUOTAS` of `DescribeClientQuotas`: an API as Java names it.
fn constant(name: &str) -> String {
    let mut constant = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !constant.is_empty() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}

/// `org.apache.kafka.common.errors.NotLeaderOrFollowerException`.
pub fn class(error: ErrorCode) -> &'static str {
    row(error).1
}

/// What a Java client says of a code that came without words (Kafka: `Errors.message`).
pub fn default_message(error: ErrorCode) -> &'static str {
    row(error).2
}

/// The first row is the one of errors that nobody has listed.
fn row(error: ErrorCode) -> &'static (ErrorCode, &'static str, &'static str) {
    table::ROWS.iter().find(|row| row.0 == error).unwrap_or(&table::ROWS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_class_and_a_message() {
        let named: Vec<ErrorCode> = table::ROWS.iter().map(|row| row.0).collect();
        let all: Vec<ErrorCode> = ErrorCode::ALL.iter().copied().filter(|error| !error.is_none()).collect();
        assert_eq!(named, all);
        assert!(table::ROWS.iter().all(|row| row.1.rsplit('.').count() >= 5 && row.2.ends_with('.')));
    }

    #[test]
    fn exceptions_print_themselves_as_java_does() {
        let refused = Exception::of_code(ErrorCode::GroupIdNotFound, Some("Group g not found.".to_owned()));
        let text = "org.apache.kafka.common.errors.GroupIdNotFoundException: Group g not found.";
        assert_eq!(refused.to_string(), text);
        assert_eq!(
            refused.in_future().to_string(),
            format!("java.util.concurrent.ExecutionException: {text}")
        );
        let silent = Exception::of_answer(68, None).expect("an error");
        assert_eq!(
            silent.to_string(),
            "org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty."
        );
        assert_eq!(Exception::of_answer(0, None), None);
        let api = klamm_wire::ApiKey::DescribeClientQuotas;
        let fault = ClientFault::UnsupportedVersion { api, why: Unsupported::NotServed };
        assert_eq!(
            Exception::of_fault(fault, "describeClientQuotas").to_string(),
            "org.apache.kafka.common.errors.UnsupportedVersionException: The node does not support \
             DESCRIBE_CLIENT_QUOTAS"
        );
    }
}
