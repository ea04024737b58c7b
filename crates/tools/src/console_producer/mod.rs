//! `kafka-console-producer`: lines of standard input become records (Kafka: `ConsoleProducer`).
//!
//! ```text
//! thread: input ─► pieces of lines ─► here: reader ─► producer ─► answers, of which failures are logged
//! ```
//!
//! - [`options`]: the command line; [`input`]: the thread that reads
//! - [`lines`]: lines out of bytes; [`reader`]: a record out of a line
//! - [`session`]: from the first record to the last answer; [`failure`]: what Java would have thrown

mod failure;
mod input;
mod lines;
mod options;
mod reader;
mod session;

use std::io;

use klamm_base::rng::SeededRng;
use klamm_client::properties;

use crate::World;
use crate::bootstrap;
use crate::connect;
use crate::exception::Exception;
use crate::exit::Exit;
use options::{PARSER, ProducerCommand};
use reader::LineMessageReader;
use session::Session;

/// One run of the tool: 0, 1, or 128 and the number of a signal.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    match perform(arguments, world) {
        Ok(code) => return Ok(code),
        Err(Exit::Option(fault)) => writeln!(world.err, "{fault}")?,
        Err(Exit::Exception(exception)) => writeln!(world.err, "{exception}")?,
        Err(exit) => return exit.report(&PARSER, world),
    }
    Ok(1)
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<u8, Exit> {
    let command = ProducerCommand::read(arguments, world)?;
    // Before anything is waited for.
    world.out.flush()?;
    let class = command.reader_class()?;
    if class != reader::CLASS {
        return Err(Exception::new("java.lang.ClassNotFoundException", class).into());
    }
    let reader = LineMessageReader::new(&command.reader_properties()?).map_err(Exception::from)?;
    let properties = command.producer_properties()?;
    let settings =
        properties::producer(&properties).map_err(|fault| bootstrap::of_settings(&fault, "producer"))?;
    connect::say_notes(&settings.notes, "org.apache.kafka.clients.producer.ProducerConfig", world)?;
    bootstrap::check_names(&settings.cluster, "producer", world)?;
    let topic = command.topic()?;
    let rng = Box::new(SeededRng::new(world.rng.next_u64()));
    connect::block_on(async {
        Session::new(settings, reader, topic, command.is_sync(), rng)?.run(world).await
    })?
}
