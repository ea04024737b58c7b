//! From the first record to the last answer (Kafka: `ConsoleProducer.loopReader`).

use std::io;

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_client::Cluster;
use klamm_client::producer::{Delivery, NewRecord, ProduceFault, Producer};
use klamm_client::properties::ProducerSettings;
use tokio::sync::mpsc;

use super::failure;
use super::input::{self, Piece};
use super::reader::{LineMessageReader, ReadRecord};
use crate::World;
use crate::bootstrap;
use crate::exit::Exit;
use crate::interrupt::Interrupts;
use crate::log;

pub struct Session {
    cluster: Cluster,
    producer: Producer,
    topic: String,
    is_sync: bool,
    max_block_ms: u128,
    /// As Java's client begins its log lines.
    who: String,
    interrupts: Interrupts,
    failed: mpsc::UnboundedSender<Failed>,
    failures: mpsc::UnboundedReceiver<Failed>,
}

/// A record that was given up.
struct Failed {
    key_len: Option<usize>,
    value_len: Option<usize>,
    fault: ProduceFault,
}

impl Session {
    /// Must be called on a runtime.
    ///
    /// # Errors
    /// What the system says about signals.
    pub fn new(
        settings: ProducerSettings,
        topic: String,
        is_sync: bool,
        rng: Box<dyn Rng + Send>,
    ) -> io::Result<Session> {
        let who = format!("Producer clientId={}", settings.cluster.connection.client_id);
        let max_block_ms = settings.producer.block_timeout.as_millis();
        let cluster = Cluster::new(settings.cluster);
        let producer = Producer::new(cluster.clone(), settings.producer, rng);
        let (failed, failures) = mpsc::unbounded_channel();
        let interrupts = Interrupts::watch()?;
        Ok(Session { cluster, producer, topic, is_sync, max_block_ms, who, interrupts, failed, failures })
    }

    /// Sends what the input says, and waits for all answers, whatever ends it.
    ///
    /// # Errors
    /// The end of the command.
    pub async fn run(mut self, reader: LineMessageReader, world: &mut World<'_>) -> Result<u8, Exit> {
        let mut pieces = input::read_records(world.take_input(), reader);
        prompt(world)?;
        let outcome = self.send_all(&mut pieces, world).await;
        self.producer.flush().await;
        drop(self.failed);
        while let Some(failed) = self.failures.recv().await {
            tell(&self.topic, self.max_block_ms, failed, world)?;
        }
        outcome
    }

    async fn send_all(
        &mut self,
        pieces: &mut mpsc::Receiver<Piece>,
        world: &mut World<'_>,
    ) -> Result<u8, Exit> {
        let mut is_first = true;
        loop {
            tokio::select! {
                biased;
                code = self.interrupts.next() => return Ok(code),
                Some(failed) = self.failures.recv() => tell(&self.topic, self.max_block_ms, failed, world)?,
                piece = pieces.recv() => {
                    let Some(piece) = piece else { return Ok(0) };
                    let records = piece?;
                    if std::mem::take(&mut is_first) {
                        self.look_for_topic(world).await?;
                    }
                    match self.is_sync {
                        true => self.send_one_by_one(records, world).await?,
                        false => self.send_piece(records, world).await?,
                    }
                }
            }
        }
    }

    /// Java's client says so when a topic is not there at the first look. Sending looks again.
    async fn look_for_topic(&self, world: &mut World<'_>) -> io::Result<()> {
        let Err(fault) = self.cluster.topic(&self.topic, true).await else { return Ok(()) };
        let Some(error) = fault.error_code() else {
            return bootstrap::warn_of_connection(&self.cluster, &self.who, &fault, world);
        };
        let issue = "The metadata response from the cluster reported a recoverable issue with correlation id";
        let text = format!("[{}] {issue} 1 : {{{}={}}}", self.who, self.topic, error.name());
        log::warn(world, "org.apache.kafka.clients.NetworkClient", text)?;
        if error == ErrorCode::InvalidTopicException {
            let text = format!("[{}] Metadata response reported invalid topics [{}]", self.who, self.topic);
            log::error(world, "org.apache.kafka.clients.Metadata", text)?;
        }
        Ok(())
    }

    /// Hands over the records of a piece; their answers are waited for by a task.
    async fn send_piece(&mut self, records: Vec<ReadRecord>, world: &mut World<'_>) -> Result<(), Exit> {
        let mut under_way = Vec::with_capacity(records.len());
        for record in records {
            let lens = lens(&record);
            tokio::select! {
                sent = self.producer.send(new_record(&self.topic, record)) => match sent {
                    Ok(delivery) => under_way.push((lens, delivery)),
                    Err(fault) => self.give_up(lens, fault),
                },
                _ = self.interrupts.next() => return Err(Exit::Code(INTERRUPTED)),
            }
            prompt(world)?;
        }
        let failed = self.failed.clone();
        tokio::spawn(async move {
            for ((key_len, value_len), delivery) in under_way {
                if let Err(fault) = Delivery::delivered(delivery).await {
                    // Nobody listens any more when the command has ended.
                    let _ = failed.send(Failed { key_len, value_len, fault });
                }
            }
        });
        Ok(())
    }

    fn give_up(&self, (key_len, value_len): (Option<usize>, Option<usize>), fault: ProduceFault) {
        // The other end is in the same struct.
        let _ = self.failed.send(Failed { key_len, value_len, fault });
    }

    /// `--sync`: the first failure ends the command.
    async fn send_one_by_one(&mut self, records: Vec<ReadRecord>, world: &mut World<'_>) -> Result<(), Exit> {
        for record in records {
            let sent = async { self.producer.send(new_record(&self.topic, record)).await?.delivered().await };
            if let Err(fault) = sent.await {
                let exception = failure::exception(fault, &self.topic, self.max_block_ms);
                return Err(exception.in_future().into());
            }
            prompt(world)?;
        }
        Ok(())
    }
}

/// What a process that ends by SIGINT ends with.
const INTERRUPTED: u8 = 130;

fn new_record(topic: &str, record: ReadRecord) -> NewRecord {
    NewRecord {
        topic: topic.to_owned(),
        key: record.key,
        value: record.value,
        headers: record.headers,
        ..NewRecord::default()
    }
}

fn lens(record: &ReadRecord) -> (Option<usize>, Option<usize>) {
    (record.key.as_ref().map(bytes::Bytes::len), record.value.as_ref().map(bytes::Bytes::len))
}

/// Asks for a line, if there is anybody to ask.
fn prompt(world: &mut World<'_>) -> io::Result<()> {
    if world.is_interactive {
        write!(world.out, ">")?;
        world.out.flush()?;
    }
    Ok(())
}

fn tell(topic: &str, max_block_ms: u128, failed: Failed, world: &mut World<'_>) -> io::Result<()> {
    let Failed { key_len, value_len, fault } = failed;
    let class = "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";
    log::error(world, class, failure::headline(topic, key_len, value_len))?;
    writeln!(world.err, "{}", failure::exception(fault, topic, max_block_ms))
}
