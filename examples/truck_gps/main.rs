//! A fleet of trucks says where it is, and two services read along.
//!
//!     cargo run --release --example truck_gps
//!     cargo run --release --example truck_gps -- --bootstrap-server localhost:9092
//!
//! Every truck sends its positions to the topic `truck_gps` with its id as the key, so that all positions of a truck
//! lie in one partition, in their order. A dashboard and a notification service each read all of them, because each
//! is a group of its own; the two consumers of the dashboard share the partitions between them.
//!
//! Without `--bootstrap-server` the example brings its own broker: `klamm dev --ephemeral` on a free port.

mod broker;
mod fleet;
mod services;
mod summary;

use std::process::ExitCode;
use std::time::Duration;

use klamm_client::admin::topics::{CreatableTopic, create_topics};
use klamm_client::{Address, Cluster, ClusterOptions};
use tokio::sync::watch;
use tokio::time::Instant;

use broker::Broker;
use summary::Summary;

const TOPIC: &str = "truck_gps";
const PARTITIONS: i32 = 3;

/// Anything that goes wrong ends the example with its text.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("truck_gps: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// True when everybody saw everything.
async fn run() -> Outcome<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let broker = match arguments.as_slice() {
        [] => Broker::start()?,
        [flag, server] if flag == "--bootstrap-server" => Broker::elsewhere(server.clone()),
        _ => return Err("usage: truck_gps [--bootstrap-server HOST:PORT]".into()),
    };
    let cluster = connect(&broker)?;
    create_topic(&cluster).await?;
    introduce(&broker);

    let started = Instant::now();
    // Tells the services how many positions there are in all, once the fleet is back.
    let (fleet_is_back, all) = watch::channel(None);
    let dashboard = tokio::spawn(services::dashboard(connect(&broker)?, started, all.clone()));
    let notifications = tokio::spawn(services::notifications(connect(&broker)?, started, all));
    // What is sent before a group has begun is not lost: its first members start at the earliest offset.
    let sent = fleet::drive(&cluster, Duration::from_secs(6)).await?;
    fleet_is_back.send_replace(Some(sent.len()));

    let summary = Summary { sent, dashboard: dashboard.await??, notifications: notifications.await?? };
    print!("{summary}");
    Ok(summary.is_complete())
}

/// Each program of the story has its own connections.
fn connect(broker: &Broker) -> Outcome<Cluster> {
    let addresses = Address::parse_list(broker.address());
    let addresses = addresses.map_err(|wrong| format!("not an address: {}", wrong.text))?;
    Ok(Cluster::new(ClusterOptions::new(addresses)))
}

async fn create_topic(cluster: &Cluster) -> Outcome<()> {
    let topic = CreatableTopic {
        name: TOPIC.to_owned(),
        num_partitions: PARTITIONS,
        replication_factor: -1,
        ..CreatableTopic::default()
    };
    for (name, created) in create_topics(cluster, vec![topic], false).await? {
        created.map_err(|fault| format!("topic {name}: {fault}"))?;
    }
    Ok(())
}

fn introduce(broker: &Broker) {
    println!();
    println!("  broker         {}", broker.address());
    println!("  topic          {TOPIC}, {PARTITIONS} partitions, the truck's id is the key");
    println!("  fleet          {} trucks, a position every {:?} each", fleet::TRUCKS, fleet::PACE);
    println!("  dashboard      a group of 2 consumers that share the partitions");
    println!("  notifications  a group of 1 consumer that reads them all");
    println!();
}
