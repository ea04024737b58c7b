//! From the first poll to leaving the group (Kafka: `ConsoleConsumer.process`, `ConsumerWrapper`).

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use klamm_base::ErrorCode;
use klamm_client::Cluster;
use klamm_client::consumer::ConsumedRecord;
use tokio::time::Instant;

use super::CLASS;
use super::options::ConsumerCommand;
use super::source::Source;
use crate::World;
use crate::bootstrap;
use crate::exception::{Exception, TIMEOUT};
use crate::exit::Exit;
use crate::interrupt::Interrupts;
use crate::log;

/// A poll without a time-out ends now and then, for nothing.
const POLL_MAX: Duration = Duration::from_secs(3600);
/// Bytes that are handed to standard output at once.
const WRITE_BYTES: usize = 64 << 10;

pub struct Session<'a> {
    command: &'a ConsumerCommand,
    cluster: Cluster,
    source: Source,
    /// As Java's client begins its log lines.
    who: String,
    interrupts: Interrupts,
    count: u64,
    text: Vec<u8>,
}

/// Why there is nothing more to show.
enum End {
    Enough,
    NobodyReads,
    Signal(u8),
    /// Told, and no failure of the command.
    Receiving(Exception),
    /// The command fails.
    Showing(Exception),
}

impl<'a> Session<'a> {
    /// Must be called on a runtime.
    ///
    /// # Errors
    /// What the system says about signals.
    pub fn new(
        command: &'a ConsumerCommand,
        cluster: Cluster,
        source: Source,
        who: String,
    ) -> io::Result<Session<'a>> {
        let interrupts = Interrupts::watch()?;
        Ok(Session { command, cluster, source, who, interrupts, count: 0, text: Vec::new() })
    }

    /// Shows records until the end, whatever that is; `topic` is looked for first.
    ///
    /// # Errors
    /// The end of the command.
    pub async fn run(mut self, topic: Option<String>, world: &mut World<'_>) -> Result<u8, Exit> {
        let mut left = VecDeque::new();
        let ended = match self.command.max_messages() {
            Ok(max) => Ok(self.show_all(topic, max, &mut left, world).await?),
            Err(exit) => Err(exit),
        };
        if let Ok(End::Receiving(exception)) = &ended {
            log::error(world, CLASS, "Error processing message, terminating consumer process: ")?;
            writeln!(world.err, "{exception}")?;
        }
        if let Ok(End::NobodyReads) = &ended {
            writeln!(world.err, "Unable to write to standard out, closing consumer.")?;
        }
        // A group that cannot be told finds out by itself.
        let closed = tokio::select! {
            closed = self.source.close(left) => closed,
            _ = self.interrupts.next() => Ok(()),
        };
        if let Err(fault) = closed {
            log::warn(world, CLASS, format!("[{}] The group was not left: {fault}", self.who))?;
        }
        writeln!(world.err, "Processed a total of {} messages", self.count)?;
        match ended? {
            End::Enough | End::NobodyReads | End::Receiving(_) => Ok(0),
            End::Signal(code) => Ok(code),
            End::Showing(exception) => Err(exception.into()),
        }
    }

    /// `left` is what was received and not shown.
    async fn show_all(
        &mut self,
        topic: Option<String>,
        max: Option<u64>,
        left: &mut VecDeque<ConsumedRecord>,
        world: &mut World<'_>,
    ) -> io::Result<End> {
        let mut deadline = self.deadline();
        if let Some(topic) = topic
            && max != Some(0)
            && let Some(end) = self.look_for_topic(&topic, world).await?
        {
            return Ok(end);
        }
        while max.is_none_or(|max| self.count < max) {
            match self.receive(deadline, world).await? {
                Ok(records) => *left = records,
                Err(end) => return Ok(end),
            }
            if let Some(end) = self.show(left, max, world)? {
                return Ok(end);
            }
            deadline = self.deadline();
        }
        Ok(End::Enough)
    }

    fn deadline(&self) -> Option<Instant> {
        self.command.timeout.and_then(|timeout| Instant::now().checked_add(timeout))
    }

    /// The next records, at least one.
    async fn receive(
        &mut self,
        deadline: Option<Instant>,
        world: &mut World<'_>,
    ) -> io::Result<Result<VecDeque<ConsumedRecord>, End>> {
        loop {
            let now = Instant::now();
            let at_last = deadline.unwrap_or(now + POLL_MAX);
            let polled = tokio::select! {
                biased;
                code = self.interrupts.next() => return Ok(Err(End::Signal(code))),
                polled = self.source.poll(at_last.saturating_duration_since(now)) => polled,
                () = tokio::time::sleep_until(at_last) => Ok(VecDeque::new()),
            };
            match polled {
                Ok(records) if !records.is_empty() => return Ok(Ok(records)),
                Ok(_) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                    return Ok(Err(End::Receiving(timed_out())));
                }
                Ok(_) => {}
                Err(fault) if fault.is_retriable() => {
                    bootstrap::warn_of_connection(&self.cluster, &self.who, &fault, world)?;
                }
                Err(fault) => return Ok(Err(End::Receiving(Exception::of_fault(fault, "poll")))),
            }
        }
    }

    /// Shows what was received; stops in the midst when there is an end.
    fn show(
        &mut self,
        records: &mut VecDeque<ConsumedRecord>,
        max: Option<u64>,
        world: &mut World<'_>,
    ) -> io::Result<Option<End>> {
        while max.is_none_or(|max| self.count < max) {
            let Some(record) = records.pop_front() else { break };
            self.count += 1;
            if let Err(exception) = self.command.formatter.print(&record, &mut self.text) {
                if !self.command.skips_errors() {
                    let is_read = self.hand_out(world);
                    return Ok(Some(if is_read { End::Showing(exception) } else { End::NobodyReads }));
                }
                log::error(world, CLASS, "Error processing message, skipping this message: ")?;
                writeln!(world.err, "{exception}")?;
            }
            if self.text.len() >= WRITE_BYTES && !self.hand_out(world) {
                return Ok(Some(End::NobodyReads));
            }
        }
        Ok((!self.hand_out(world)).then_some(End::NobodyReads))
    }

    /// Writes what was formatted; false when nobody reads it.
    fn hand_out(&mut self, world: &mut World<'_>) -> bool {
        let written = world.out.write_all(&self.text).and_then(|()| world.out.flush());
        self.text.clear();
        written.is_ok()
    }

    /// Java's client says so when a topic is not there at the first look, by which it may be made. Reading looks again.
    async fn look_for_topic(&mut self, topic: &str, world: &mut World<'_>) -> io::Result<Option<End>> {
        let looked = tokio::select! {
            looked = self.cluster.topic(topic, true) => looked,
            code = self.interrupts.next() => return Ok(Some(End::Signal(code))),
        };
        let Err(fault) = looked else { return Ok(None) };
        let Some(error) = fault.error_code() else {
            bootstrap::warn_of_connection(&self.cluster, &self.who, &fault, world)?;
            return Ok(None);
        };
        self.say_issue(topic, error, world)?;
        let invalid = || {
            let message = format!("Invalid topics: [{topic}]");
            End::Receiving(Exception::of_code(ErrorCode::InvalidTopicException, Some(message)))
        };
        Ok((error == ErrorCode::InvalidTopicException).then(invalid))
    }

    fn say_issue(&self, topic: &str, error: ErrorCode, world: &mut World<'_>) -> io::Result<()> {
        let who = &self.who;
        let issue = "The metadata response from the cluster reported a recoverable issue with correlation id";
        let text = format!("[{who}] {issue} 2 : {{{topic}={}}}", error.name());
        log::warn(world, "org.apache.kafka.clients.NetworkClient", text)?;
        if error == ErrorCode::InvalidTopicException {
            let text = format!("[{who}] Metadata response reported invalid topics [{topic}]");
            log::error(world, "org.apache.kafka.clients.Metadata", text)?;
        }
        Ok(())
    }
}

/// Kafka throws it without a word.
fn timed_out() -> Exception {
    Exception { class: TIMEOUT.into(), message: None, cause: None }
}
