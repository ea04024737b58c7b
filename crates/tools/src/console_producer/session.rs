//! From the first record to the last answer (Kafka: `ConsoleProducer.loopReader`).

use std::io;

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_client::Cluster;
use klamm_client::producer::{Deliveries, ProduceFault, Producer, RecordRef};
use klamm_client::properties::ProducerSettings;
use tokio::sync::mpsc;

use super::failure;
use super::input::{self, Piece};
use super::lines::lines;
use super::reader::{LineMessageReader, ReadRecord};
use crate::World;
use crate::bootstrap;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::interrupt::Interrupts;
use crate::log;

pub struct Session {
    reader: LineMessageReader,
    cluster: Cluster,
    producer: Producer,
    topic: String,
    is_sync: bool,
    max_block_ms: u128,
    /// As Java's client begins its log lines.
    who: String,
    interrupts: Interrupts,
    /// The way of failures from the tasks that wait for answers.
    failed: mpsc::UnboundedSender<Failed>,
    failures: mpsc::UnboundedReceiver<Failed>,
}

/// A record that was given up.
struct Failed {
    lens: Lens,
    fault: ProduceFault,
}

/// How long key and value are, where there are any.
type Lens = (Option<usize>, Option<usize>);

impl Session {
    /// Must be called on a runtime.
    ///
    /// # Errors
    /// What the system says about signals.
    pub fn new(
        settings: ProducerSettings,
        reader: LineMessageReader,
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
        Ok(Session {
            reader,
            cluster,
            producer,
            topic,
            is_sync,
            max_block_ms,
            who,
            interrupts,
            failed,
            failures,
        })
    }

    /// Sends what the input says, and waits for all answers, whatever ends it.
    ///
    /// # Errors
    /// The end of the command.
    pub async fn run(mut self, world: &mut World<'_>) -> Result<u8, Exit> {
        let mut pieces = input::read_lines(world.take_input());
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
                    let piece = piece?;
                    if std::mem::take(&mut is_first) {
                        self.look_for_topic(world).await?;
                    }
                    self.send_piece(&piece, world).await?;
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

    /// Sends the records of a piece of lines; those before a line that is none, too.
    async fn send_piece(&mut self, piece: &[u8], world: &mut World<'_>) -> Result<(), Exit> {
        let mut records = Vec::new();
        let mut outcome = Ok(());
        for line in lines(piece) {
            match self.reader.read(line) {
                Ok(record) => records.push(record),
                Err(fault) => {
                    outcome = Err(Exception::from(fault).into());
                    break;
                }
            }
        }
        let sent: Vec<RecordRef<'_>> = records.iter().map(to_send).collect();
        match self.is_sync {
            true => self.send_one_by_one(&sent).await?,
            false => self.send(&sent).await?,
        }
        for _ in &records {
            prompt(world)?;
        }
        outcome
    }

    /// Their answers are waited for by a task.
    async fn send(&mut self, records: &[RecordRef<'_>]) -> Result<(), Exit> {
        let sent = tokio::select! {
            sent = self.producer.send_all(&self.topic, records) => sent,
            code = self.interrupts.next() => return Err(Exit::Code(code)),
        };
        let lens: Vec<Lens> = records.iter().map(lens).collect();
        let failed = self.failed.clone();
        // Nobody listens any more when the command has ended.
        let tell = move |lens: Lens, fault| drop(failed.send(Failed { lens, fault }));
        match sent {
            Ok(deliveries) => drop(tokio::spawn(tell_failed(deliveries, lens, tell))),
            Err(fault) => lens.into_iter().for_each(|lens| tell(lens, fault.clone())),
        }
        Ok(())
    }

    /// `--sync`: the first failure ends the command.
    async fn send_one_by_one(&mut self, records: &[RecordRef<'_>]) -> Result<(), Exit> {
        for record in records {
            let sent = async {
                let failed = self.producer.send_all(&self.topic, &[*record]).await?.failed().await;
                failed.into_iter().next().map_or(Ok(()), |(_, fault)| Err(fault))
            };
            if let Err(fault) = sent.await {
                let exception = failure::exception(fault, &self.topic, self.max_block_ms);
                return Err(exception.in_future().into());
            }
        }
        Ok(())
    }
}

async fn tell_failed(deliveries: Deliveries, lens: Vec<Lens>, tell: impl Fn(Lens, ProduceFault)) {
    for (place, fault) in deliveries.failed().await {
        tell(lens.get(place).copied().unwrap_or_default(), fault);
    }
}

fn to_send<'a>(record: &'a ReadRecord<'a>) -> RecordRef<'a> {
    RecordRef { key: record.key, value: record.value, headers: &record.headers, ..RecordRef::default() }
}

fn lens(record: &RecordRef<'_>) -> Lens {
    (record.key.map(<[u8]>::len), record.value.map(<[u8]>::len))
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
    let Failed { lens, fault } = failed;
    let class = "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";
    log::error(world, class, failure::headline(topic, lens))?;
    writeln!(world.err, "{}", failure::exception(fault, topic, max_block_ms))
}
