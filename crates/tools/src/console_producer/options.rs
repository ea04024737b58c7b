//! The command line of the console producer (Kafka: `ConsoleProducerOptions`).

use klamm_config::Properties;

use super::reader;
use crate::World;
use crate::bootstrap::{command_config, validate_servers};
use crate::exit::Exit;
use crate::jopt::{Kind, Opt, Options, Parser, checks};

const TOPIC: Opt = Opt::new("topic", "REQUIRED: The topic to write to.").takes("topic");
const BOOTSTRAP_SERVER: Opt =
    Opt::new("bootstrap-server", "REQUIRED: Brokers to ask first, HOST1:PORT1,HOST2:PORT2.")
        .takes("server to connect to");
const SYNC: Opt = Opt::new("sync", "Send each record only when the one before it has its answer.");
const COMPRESSION_CODEC: Opt =
    Opt::new("compression-codec", "none, gzip, snappy, lz4 or zstd; gzip without a value.")
        .may_take("compression-codec");
const BATCH_SIZE: Opt =
    Opt::new("batch-size", "Bytes of a batch (batch.size).").takes("size").of(Kind::Integer).or("16384");
const MESSAGE_SEND_MAX_RETRIES: Opt =
    Opt::new("message-send-max-retries", "How often a batch is sent again (retries).")
        .takes("")
        .of(Kind::Integer)
        .or("3");
const RETRY_BACKOFF_MS: Opt = Opt::new("retry-backoff-ms", "The pause before that (retry.backoff.ms).")
    .takes("")
    .of(Kind::Long)
    .or("100");
const TIMEOUT: Opt = Opt::new("timeout", "How long a batch waits for more records (linger.ms).")
    .takes("timeout_ms")
    .of(Kind::Long)
    .or("1000");
const REQUEST_REQUIRED_ACKS: Opt = Opt::new("request-required-acks", "Whose answer is waited for (acks).")
    .takes("request required acks")
    .or("-1");
const REQUEST_TIMEOUT_MS: Opt =
    Opt::new("request-timeout-ms", "How long for (request.timeout.ms). More than 0.")
        .takes("request timeout ms")
        .of(Kind::Integer)
        .or("1500");
const METADATA_EXPIRY_MS: Opt =
    Opt::new("metadata-expiry-ms", "When leaders are asked for anew (metadata.max.age.ms).")
        .takes("metadata expiration interval")
        .of(Kind::Long)
        .or("300000");
const MAX_BLOCK_MS: Opt =
    Opt::new("max-block-ms", "How long a record waits for metadata and memory (max.block.ms).")
        .takes("max block on send")
        .of(Kind::Long)
        .or("60000");
const MAX_MEMORY_BYTES: Opt = Opt::new("max-memory-bytes", "Bytes of all records that wait (buffer.memory).")
    .takes("total memory in bytes")
    .of(Kind::Long)
    .or("33554432");
const MAX_PARTITION_MEMORY_BYTES: Opt =
    Opt::new("max-partition-memory-bytes", "(Deprecated) Another name of --batch-size.")
        .takes("memory in bytes per partition")
        .of(Kind::Integer)
        .or("16384");
const LINE_READER: Opt =
    Opt::new("line-reader", "The class that makes records of lines.").takes("reader_class").or(reader::CLASS);
const SOCKET_BUFFER_SIZE: Opt =
    Opt::new("socket-buffer-size", "Bytes of the socket's buffer (send.buffer.bytes).")
        .takes("size")
        .of(Kind::Integer)
        .or("102400");
const PROPERTY: Opt = Opt::new("property", "(DEPRECATED) An older name of --reader-property.").takes("prop");
const READER_PROPERTY: Opt = Opt::new(
    "reader-property",
    "A setting of the reader, key=value:\n parse.key=false\n parse.headers=false\n ignore.error=false\n \
     key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   \
     (what stands for null)\nWith headers and key a line is\n  \"h1:v1,h2:v2\\tkey\\tvalue\"",
)
.takes("prop");
const READER_CONFIG: Opt =
    Opt::new("reader-config", "A file of such settings; [reader-property] comes before it.")
        .takes("config file");
const PRODUCER_PROPERTY: Opt =
    Opt::new("producer-property", "(DEPRECATED) An older name of --command-property.").takes("producer_prop");
const COMMAND_PROPERTY: Opt =
    Opt::new("command-property", "A setting of the producer, key=value.").takes("producer_prop");
const PRODUCER_CONFIG: Opt =
    Opt::new("producer.config", "(DEPRECATED) An older name of --command-config.").takes("config file");
const COMMAND_CONFIG: Opt =
    Opt::new("command-config", "A file of such settings; [command-property] comes before it.")
        .takes("config file");

pub const PARSER: Parser = Parser::new(&[
    TOPIC,
    BOOTSTRAP_SERVER,
    SYNC,
    COMPRESSION_CODEC,
    BATCH_SIZE,
    MESSAGE_SEND_MAX_RETRIES,
    RETRY_BACKOFF_MS,
    TIMEOUT,
    REQUEST_REQUIRED_ACKS,
    REQUEST_TIMEOUT_MS,
    METADATA_EXPIRY_MS,
    MAX_BLOCK_MS,
    MAX_MEMORY_BYTES,
    MAX_PARTITION_MEMORY_BYTES,
    LINE_READER,
    SOCKET_BUFFER_SIZE,
    PROPERTY,
    READER_PROPERTY,
    READER_CONFIG,
    PRODUCER_PROPERTY,
    COMMAND_PROPERTY,
    PRODUCER_CONFIG,
    COMMAND_CONFIG,
]);

/// How an option's value is read.
type ReadValue = fn(&Options, &Opt) -> Result<Option<String>, Exit>;

/// Options that set a property of the producer, in Kafka's order: a later one wins over an earlier of the same property.
const MERGED: [(&str, Opt, ReadValue); 11] = [
    ("linger.ms", TIMEOUT, long),
    ("acks", REQUEST_REQUIRED_ACKS, text),
    ("request.timeout.ms", REQUEST_TIMEOUT_MS, int),
    ("retries", MESSAGE_SEND_MAX_RETRIES, int),
    ("retry.backoff.ms", RETRY_BACKOFF_MS, long),
    ("send.buffer.bytes", SOCKET_BUFFER_SIZE, int),
    ("buffer.memory", MAX_MEMORY_BYTES, long),
    ("batch.size", BATCH_SIZE, int),
    ("batch.size", MAX_PARTITION_MEMORY_BYTES, int),
    ("metadata.max.age.ms", METADATA_EXPIRY_MS, long),
    ("max.block.ms", MAX_BLOCK_MS, long),
];

fn text(options: &Options, option: &Opt) -> Result<Option<String>, Exit> {
    Ok(options.value(option)?.map(str::to_owned))
}

fn int(options: &Options, option: &Opt) -> Result<Option<String>, Exit> {
    Ok(options.number::<i32>(option)?.map(|number| number.to_string()))
}

fn long(options: &Options, option: &Opt) -> Result<Option<String>, Exit> {
    Ok(options.number::<i64>(option)?.map(|number| number.to_string()))
}

/// A command line that holds.
pub struct ProducerCommand {
    options: Options,
    reader_property: Opt,
    command_property: Opt,
    command_config: Opt,
}

impl ProducerCommand {
    /// Reads and checks; warns of old names on standard output.
    ///
    /// # Errors
    /// The end of the command.
    pub fn read(arguments: &[String], world: &mut World<'_>) -> Result<ProducerCommand, Exit> {
        let options = PARSER.parse(arguments).map_err(|fault| Exit::usage(fault.to_string()))?;
        let purpose = "This tool helps to read data from standard input and publish it to Kafka.";
        checks::maybe_print_help_or_version(&options, purpose)?;
        checks::check_required_args(&options, &[&TOPIC])?;
        for (new, old) in [
            (COMMAND_CONFIG, PRODUCER_CONFIG),
            (COMMAND_PROPERTY, PRODUCER_PROPERTY),
            (READER_PROPERTY, PROPERTY),
        ] {
            if options.has(&new) && options.has(&old) {
                let message =
                    format!("Options --{} and --{} cannot be specified together.", new.name, old.name);
                return Err(Exit::Usage(message));
            }
        }
        let mut command = ProducerCommand {
            options,
            reader_property: READER_PROPERTY,
            command_property: COMMAND_PROPERTY,
            command_config: COMMAND_CONFIG,
        };
        command.command_property = command.newest(COMMAND_PROPERTY, PRODUCER_PROPERTY, world)?;
        command.command_config = command.newest(COMMAND_CONFIG, PRODUCER_CONFIG, world)?;
        command.reader_property = command.newest(READER_PROPERTY, PROPERTY, world)?;
        if command.options.has(&MAX_PARTITION_MEMORY_BYTES) {
            writeln!(
                world.out,
                "Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka 5.0. Use \
                 --batch-size instead."
            )?;
        }
        let server = command.options.value(&BOOTSTRAP_SERVER)?;
        validate_servers(server)?;
        Ok(command)
    }

    /// The old name when it was used, with its warning.
    fn newest(&self, new: Opt, old: Opt, world: &mut World<'_>) -> Result<Opt, Exit> {
        if !self.options.has(&old) {
            return Ok(new);
        }
        let (old_name, new_name) = (old.name, new.name);
        writeln!(
            world.out,
            "Warning: --{old_name} is deprecated and will be removed in a future version. Use --{new_name} instead."
        )?;
        Ok(old)
    }

    pub fn is_sync(&self) -> bool {
        self.options.has(&SYNC)
    }

    /// # Errors
    /// The end of the command: more than one.
    pub fn topic(&self) -> Result<String, Exit> {
        Ok(self.options.value(&TOPIC)?.unwrap_or_default().to_owned())
    }

    /// # Errors
    /// The end of the command: more than one.
    pub fn reader_class(&self) -> Result<&str, Exit> {
        Ok(self.options.value(&LINE_READER)?.unwrap_or_default())
    }

    /// # Errors
    /// The end of the command: a file that cannot be read.
    pub fn reader_properties(&self) -> Result<Properties, Exit> {
        let mut properties = command_config(&self.options, &READER_CONFIG)?;
        self.topic()?;
        properties.extend(checks::parse_key_value_args(&self.options.values(&self.reader_property), true)?);
        Ok(properties)
    }

    /// # Errors
    /// The end of the command: a file that cannot be read, a number that is none.
    pub fn producer_properties(&self) -> Result<Properties, Exit> {
        let mut properties = command_config(&self.options, &self.command_config)?;
        properties.extend(checks::parse_key_value_args(&self.options.values(&self.command_property), true)?);
        let mut set = |key: &str, value: &str| properties.insert(key.to_owned(), value.to_owned());
        set("bootstrap.servers", self.options.value(&BOOTSTRAP_SERVER)?.unwrap_or_default());
        set("compression.type", self.compression()?);
        properties.entry("client.id".to_owned()).or_insert_with(|| "console-producer".to_owned());
        for serializer in ["key.serializer", "value.serializer"] {
            let class = "org.apache.kafka.common.serialization.ByteArraySerializer";
            properties.insert(serializer.to_owned(), class.to_owned());
        }
        for (key, option, value) in MERGED {
            if (self.options.has(&option) || !properties.contains_key(key))
                && let Some(value) = value(&self.options, &option)?
            {
                properties.insert(key.to_owned(), value);
            }
        }
        Ok(properties)
    }

    fn compression(&self) -> Result<&str, Exit> {
        if !self.options.has(&COMPRESSION_CODEC) {
            return Ok("none");
        }
        Ok(self.options.value(&COMPRESSION_CODEC)?.filter(|codec| !codec.is_empty()).unwrap_or("gzip"))
    }
}
