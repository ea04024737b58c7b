//! The trucks: each drives, and says where it is.

use std::time::Duration;

use klamm_client::producer::{NewRecord, Producer, ProducerOptions};
use klamm_client::{Cluster, Rng, SeededRng};
use tokio::time::{Instant, MissedTickBehavior};

use crate::{Outcome, TOPIC};

pub const TRUCKS: usize = 6;
/// Between two positions of a truck.
pub const PACE: Duration = Duration::from_millis(100);

/// Where a truck was, as its how manieth word.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    pub truck: String,
    pub number: usize,
    pub latitude: f64,
    pub longitude: f64,
    pub speed_kmh: u32,
}

impl Position {
    /// As it is written into a record, beside the key: `17;48.1374;11.5755;83`.
    fn to_value(&self) -> String {
        format!("{};{:.4};{:.4};{}", self.number, self.latitude, self.longitude, self.speed_kmh)
    }

    /// `None` for what is no position.
    pub fn from_record(key: &[u8], value: &[u8]) -> Option<Position> {
        let truck = String::from_utf8(key.to_vec()).ok()?;
        let mut fields = std::str::from_utf8(value).ok()?.split(';');
        Some(Position {
            truck,
            number: fields.next()?.parse().ok()?,
            latitude: fields.next()?.parse().ok()?,
            longitude: fields.next()?.parse().ok()?,
            speed_kmh: fields.next()?.parse().ok()?,
        })
    }
}

/// What was sent, and where it lies.
pub struct Sent {
    pub truck: String,
    pub partition: i32,
}

/// Lets all trucks drive for a while; returns once every position is safely written.
pub async fn drive(cluster: &Cluster, time: Duration) -> Outcome<Vec<Sent>> {
    let mut chance = SeededRng::new(std::process::id().into());
    let producer = Producer::new(cluster.clone(), ProducerOptions::default(), Box::new(chance.clone()));
    let mut trucks: Vec<Truck> = (1..=TRUCKS).map(|id| Truck::new(id, &mut chance)).collect();
    let (mut ticks, end) = (tokio::time::interval(PACE), Instant::now() + time);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut on_their_way = Vec::new();
    while Instant::now() < end {
        ticks.tick().await;
        for truck in &mut trucks {
            let position = truck.drive(&mut chance);
            let record = NewRecord {
                topic: TOPIC.to_owned(),
                key: Some(position.truck.clone().into()),
                value: Some(position.to_value().into()),
                ..NewRecord::default()
            };
            on_their_way.push((position.truck, producer.send(record).await?));
        }
    }
    let mut sent = Vec::new();
    for (truck, delivery) in on_their_way {
        sent.push(Sent { truck, partition: delivery.delivered().await?.partition });
    }
    Ok(sent)
}

struct Truck {
    position: Position,
    /// Where it heads, in radians.
    heading: f64,
}

impl Truck {
    fn new(id: usize, chance: &mut SeededRng) -> Truck {
        let position = Position {
            truck: format!("lorry-{id}"),
            number: 0,
            latitude: 47.0 + part(chance) * 2.0,
            longitude: 9.0 + part(chance) * 4.0,
            speed_kmh: 60,
        };
        Truck { position, heading: part(chance) * std::f64::consts::TAU }
    }

    /// A stretch of road; the clock of the story runs a thousand times faster than ours.
    fn drive(&mut self, chance: &mut SeededRng) -> Position {
        let Position { number, latitude, longitude, speed_kmh, .. } = &mut self.position;
        *number += 1;
        *speed_kmh = (*speed_kmh + (part(chance) * 9.0) as u32).saturating_sub(4).clamp(0, 99);
        self.heading += (part(chance) - 0.5) / 4.0;
        let degrees = f64::from(*speed_kmh) * PACE.as_secs_f64() * 1000.0 / 3600.0 / 111.0;
        *latitude += degrees * self.heading.sin();
        *longitude += degrees * self.heading.cos();
        self.position.clone()
    }
}

/// Between 0 and 1.
fn part(chance: &mut SeededRng) -> f64 {
    (chance.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}
