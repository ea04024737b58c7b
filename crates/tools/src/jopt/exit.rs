//! How a command ends before its end: with a code, and with what is to be said before.

use std::io;

use super::{JoptFault, Parser};
use crate::World;
use crate::exception::Exception;

/// The version that `--version` prints: the release whose tools the outputs were compared with.
pub const KAFKA_VERSION: &str = "4.4.0";

/// The end of a command, to be carried up by `?`.
#[derive(Debug)]
pub enum Exit {
    /// Everything has been said.
    Code(u8),
    /// A message and the usage on standard error, code 1 (Kafka: `printUsageAndExit`).
    Usage(String),
    /// A line on standard error, code 1 (Kafka: `printErrorAndExit`).
    Line(String),
    Version,
    /// The command line was not understood. Commands differ in what they say then.
    Option(JoptFault),
    /// What nobody catches in Kafka's tool: its first line, code 1.
    Exception(Exception),
    /// Nobody reads any more.
    Output(io::Error),
}

impl Exit {
    pub fn usage(message: impl Into<String>) -> Exit {
        Exit::Usage(message.into())
    }

    pub fn line(message: impl Into<String>) -> Exit {
        Exit::Line(message.into())
    }

    /// Says what is to be said, in the way of most commands, and gives the code.
    pub fn report(self, parser: &Parser, world: &mut World<'_>) -> io::Result<u8> {
        let err = &mut *world.err;
        match self {
            Exit::Code(code) => return Ok(code),
            Exit::Version => return writeln!(world.out, "{KAFKA_VERSION}").map(|()| 0),
            Exit::Output(fault) => return Err(fault),
            Exit::Usage(message) => write!(err, "{message}\n{}", parser.usage())?,
            Exit::Line(message) => writeln!(err, "{message}")?,
            Exit::Option(fault) => {
                writeln!(err, "Exception in thread \"main\" {}: {fault}", fault.class())?;
            }
            Exit::Exception(exception) => writeln!(err, "Exception in thread \"main\" {exception}")?,
        }
        Ok(1)
    }
}

impl From<JoptFault> for Exit {
    fn from(fault: JoptFault) -> Exit {
        Exit::Option(fault)
    }
}

impl From<Exception> for Exit {
    fn from(exception: Exception) -> Exit {
        Exit::Exception(exception)
    }
}

impl From<io::Error> for Exit {
    fn from(fault: io::Error) -> Exit {
        Exit::Output(fault)
    }
}
