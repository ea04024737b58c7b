//! From `--bootstrap-server` and its companions to a [`Cluster`], and from async to a command that simply waits.

use std::io;
use std::net::ToSocketAddrs;

use klamm_client::properties::{self, PropertiesFault, PropertiesNote};
use klamm_client::{Address, Cluster};
use klamm_config::{Properties, parse_properties};

use crate::exception::{CONFIG, Exception, ILLEGAL_ARGUMENT, KAFKA};
use crate::exit::Exit;
use crate::{World, log};

/// What Kafka says when its admin client cannot even be made.
const NO_ADMIN: &str = "Failed to create new KafkaAdminClient";
/// What it says when none of the hosts has an address.
pub const UNRESOLVABLE: &str = "No resolvable bootstrap urls given in bootstrap.servers";

/// What a `--command-config` file says (Kafka: `Utils.loadProps`).
///
/// # Errors
/// The exception that Kafka's tools end in.
pub fn load_properties(path: &str) -> Result<Properties, Exception> {
    let text = std::fs::read(path).map_err(|fault| unreadable(path, &fault))?;
    parse_properties(&text).map_err(|fault| Exception::illegal_argument(fault.to_string()))
}

/// A file that cannot be read, as Java says it.
pub fn unreadable(path: &str, fault: &io::Error) -> Exception {
    match fault.kind() {
        io::ErrorKind::NotFound => Exception::new("java.nio.file.NoSuchFileException", path),
        io::ErrorKind::PermissionDenied => Exception::new("java.nio.file.AccessDeniedException", path),
        _ => Exception::new("java.io.IOException", fault.to_string()),
    }
}

/// A cluster as an admin client's settings describe it: `bootstrap.servers` or `bootstrap.controllers`, and the rest.
/// Nothing is connected yet. What Kafka's client logs about settings is said on standard error.
///
/// # Errors
/// The exception that making Kafka's admin client ends in.
pub fn cluster(properties: &Properties, world: &mut World<'_>) -> Result<Cluster, Exit> {
    let settings = properties::admin(properties).map_err(|fault| no_admin(&fault))?;
    say_notes(&settings.notes, "org.apache.kafka.clients.admin.AdminClientConfig", world)?;
    if !is_resolvable(&settings.cluster.bootstrap, world)? {
        return Err(Exception::new(KAFKA, NO_ADMIN).caused_by(CONFIG, UNRESOLVABLE).into());
    }
    Ok(Cluster::new(settings.cluster))
}

/// Whether one of the hosts has an address. What Kafka's clients log about the others is said on standard error
/// (Kafka: `ClientUtils.parseAndValidateAddresses`).
pub fn is_resolvable(bootstrap: &[Address], world: &mut World<'_>) -> io::Result<bool> {
    let mut is_resolved = false;
    for Address { host, port } in bootstrap {
        let found = (host.as_str(), *port).to_socket_addrs();
        if found.is_ok_and(|mut addresses| addresses.next().is_some()) {
            is_resolved = true;
            continue;
        }
        let text = format!(
            "Couldn't resolve server {host}:{port} from bootstrap.servers as DNS resolution failed for {host}"
        );
        log::warn(world, "org.apache.kafka.clients.ClientUtils", text)?;
    }
    Ok(is_resolved)
}

/// What making Kafka's admin client ends in: addresses are looked at late, where every exception is wrapped.
fn no_admin(fault: &PropertiesFault) -> Exception {
    match fault {
        PropertiesFault::InvalidUrl { .. }
        | PropertiesFault::InvalidPort { .. }
        | PropertiesFault::NoBootstrap
        | PropertiesFault::BothBootstraps => {
            Exception::new(KAFKA, NO_ADMIN).caused_by(class_of(fault), fault)
        }
        _ => Exception::new(class_of(fault), fault.to_string()),
    }
}

/// Logs the notes that Kafka's tools show: warnings.
pub fn say_notes(notes: &[PropertiesNote], class: &str, world: &mut World<'_>) -> io::Result<()> {
    notes.iter().filter(|note| note.is_warning()).try_for_each(|note| log::warn(world, class, note))
}

/// The Java class of what is wrong with a client's settings.
pub fn class_of(fault: &PropertiesFault) -> &'static str {
    match fault {
        PropertiesFault::AutoCommitWithoutGroup => {
            "org.apache.kafka.common.errors.InvalidConfigurationException"
        }
        PropertiesFault::HeartbeatTooSlow => ILLEGAL_ARGUMENT,
        PropertiesFault::UnknownClass { .. } => KAFKA,
        _ => CONFIG,
    }
}

/// Runs `work` to its end on a runtime of this thread.
///
/// # Errors
/// What the system says when it gives no runtime.
pub fn block_on<F: Future>(work: F) -> Result<F::Output, Exception> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Exception::new(KAFKA, fault.to_string()))?;
    Ok(runtime.block_on(work))
}
