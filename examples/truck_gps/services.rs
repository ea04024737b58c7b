//! The two services: a dashboard that shows where everybody is, and one that warns of fast trucks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use klamm_client::consumer::{ConsumerOptions, OffsetReset, OffsetSpec};
use klamm_client::group::{GroupConsumer, GroupOptions, Subscription};
use klamm_client::{Cluster, Consumer};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::fleet::Position;
use crate::{Outcome, TOPIC};

/// A truck that is faster than this is warned of.
const TOO_FAST_KMH: u32 = 70;
/// How often the dashboard is drawn.
const FRAME: Duration = Duration::from_secs(1);
/// Nobody waits longer for the last position.
const PATIENCE: Duration = Duration::from_secs(30);

/// The positions that a service has seen, in the order in which it saw those of each truck.
pub type Seen = BTreeMap<String, Vec<Position>>;
/// How many positions there are in all, once that is known.
pub type All = watch::Receiver<Option<usize>>;

fn member(cluster: &Cluster, group: &str) -> GroupConsumer {
    let options =
        ConsumerOptions { offset_reset: OffsetReset::To(OffsetSpec::Earliest), ..ConsumerOptions::default() };
    let topics = Subscription::Topics(BTreeSet::from([TOPIC.to_owned()]));
    GroupConsumer::new(Consumer::new(cluster.clone(), options), GroupOptions::new(group), topics)
}

/// What one consumer has read since the last look.
async fn read(consumer: &mut GroupConsumer) -> Outcome<Vec<Position>> {
    let records = consumer.poll(Duration::from_millis(100)).await?;
    let position = |key: Option<_>, value: Option<_>| -> Option<Position> {
        let (key, value): (&[u8], &[u8]) = (key?, value?);
        Position::from_record(key, value)
    };
    Ok(records.iter().filter_map(|r| position(r.key.as_deref(), r.value.as_deref())).collect())
}

/// Whether the service has seen all there is.
fn is_done(seen: &Seen, all: &All, started: Instant) -> bool {
    let count: usize = seen.values().map(Vec::len).sum();
    all.borrow().is_some_and(|all| count >= all) || started.elapsed() > PATIENCE
}

/// Two consumers, each with its own share of the partitions, and one picture of the fleet.
pub async fn dashboard(cluster: Cluster, started: Instant, all: All) -> Outcome<Seen> {
    // Members of a group have their own connections, as if they were on two machines.
    let mut consumers = [member(&cluster, "dashboard"), {
        let another = Cluster::new(cluster.options().clone());
        member(&another, "dashboard")
    }];
    let (mut seen, mut next_frame) = (Seen::new(), started + FRAME);
    while !is_done(&seen, &all, started) {
        let [first, second] = &mut consumers;
        let (first, second) = tokio::join!(read(first), read(second));
        for position in first?.into_iter().chain(second?) {
            seen.entry(position.truck.clone()).or_default().push(position);
        }
        if Instant::now() >= next_frame {
            next_frame += FRAME;
            draw(&seen, &consumers, started);
        }
    }
    for consumer in consumers {
        consumer.close().await?;
    }
    Ok(seen)
}

fn draw(seen: &Seen, consumers: &[GroupConsumer], started: Instant) {
    let at = started.elapsed().as_secs_f64();
    let shares: Vec<String> = consumers.iter().map(partitions).collect();
    println!("{at:5.1} s  dashboard      partitions {}", shares.join(" and "));
    let last = seen.values().filter_map(|positions| positions.last());
    let shown: Vec<String> = last
        .map(|p| format!("{} {:.2},{:.2} {:2} km/h", p.truck, p.latitude, p.longitude, p.speed_kmh))
        .collect();
    for row in shown.chunks(3) {
        println!("                        {}", row.join("   "));
    }
}

fn partitions(consumer: &GroupConsumer) -> String {
    let partitions = consumer.assignment();
    let partitions: Vec<String> = partitions.iter().map(|at| at.partition.to_string()).collect();
    if partitions.is_empty() { "none yet".to_owned() } else { partitions.join("+") }
}

/// One consumer that reads everything, and speaks up when a truck becomes too fast.
pub async fn notifications(cluster: Cluster, started: Instant, all: All) -> Outcome<Seen> {
    let mut consumer = member(&cluster, "notifications");
    let mut seen = Seen::new();
    while !is_done(&seen, &all, started) {
        for position in read(&mut consumer).await? {
            let of_truck = seen.entry(position.truck.clone()).or_default();
            let was_fast = of_truck.last().is_some_and(|before| before.speed_kmh > TOO_FAST_KMH);
            if position.speed_kmh > TOO_FAST_KMH && !was_fast {
                let at = started.elapsed().as_secs_f64();
                println!("{at:5.1} s  notifications  {} drives {} km/h", position.truck, position.speed_kmh);
            }
            of_truck.push(position);
        }
    }
    consumer.close().await?;
    Ok(seen)
}
