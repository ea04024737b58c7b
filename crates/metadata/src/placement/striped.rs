//! Replicas striped over racks, and over the brokers of a rack, from a random start.
//!
//! The aims, in this order: leaders spread evenly over the unfenced brokers, the replicas of a
//! partition over different racks, replicas evenly over all brokers. Fenced brokers take replicas
//! only when the unfenced ones of a rack are used up, and never the first. Kafka:
//! `StripedReplicaPlacer`.

use std::collections::BTreeMap;

use klamm_base::rng::Rng;

use super::broker_list::BrokerList;
use super::{PlacementFault, PlacementSpec, UsableBroker};

/// The replicas of each new partition, the leader first.
pub fn place(
    spec: PlacementSpec,
    brokers: impl IntoIterator<Item = UsableBroker>,
    rng: &mut dyn Rng,
) -> Result<Vec<Vec<i32>>, PlacementFault> {
    let mut racks = RackList::new(brokers, rng);
    let replication_factor = spec.replication_factor;
    if replication_factor <= 0 {
        return Err(PlacementFault::NotPositive { replication_factor });
    }
    if racks.unfenced_brokers == 0 {
        return Err(PlacementFault::AllFenced);
    }
    if replication_factor as usize > racks.brokers {
        return Err(PlacementFault::TooFewBrokers { replication_factor, brokers: racks.brokers });
    }
    Ok((0..spec.num_partitions).map(|_| racks.place(replication_factor as usize, rng)).collect())
}

#[derive(Debug, Default)]
struct Rack {
    unfenced: BrokerList,
    fenced: BrokerList,
}

impl Rack {
    fn next(&mut self, round: usize) -> Option<i32> {
        self.unfenced.next(round).or_else(|| self.fenced.next(round))
    }
}

struct RackList {
    racks: Vec<Rack>,
    brokers: usize,
    unfenced_brokers: usize,
    /// Counts partitions; the lists begin anew in each round.
    round: usize,
    /// The round that begins a new pattern.
    shuffle_at: usize,
    offset: usize,
}

impl RackList {
    fn new(brokers: impl IntoIterator<Item = UsableBroker>, rng: &mut dyn Rng) -> RackList {
        let mut racks: BTreeMap<Option<String>, Rack> = BTreeMap::new();
        let (mut total, mut unfenced_brokers) = (0, 0);
        for broker in brokers {
            let rack = racks.entry(broker.rack).or_default();
            if broker.fenced {
                rack.fenced.push(broker.id);
            } else {
                rack.unfenced.push(broker.id);
                unfenced_brokers += 1;
            }
            total += 1;
        }
        let mut racks: Vec<Rack> = racks.into_values().collect();
        for rack in &mut racks {
            rack.fenced.initialize(rng);
            rack.unfenced.initialize(rng);
        }
        let offset = if racks.is_empty() { 0 } else { below(rng, racks.len()) };
        let shuffle_at = unfenced_brokers;
        RackList { racks, brokers: total, unfenced_brokers, round: 0, shuffle_at, offset }
    }

    fn place(&mut self, replication_factor: usize, rng: &mut dyn Rng) -> Vec<i32> {
        // After as many partitions as there are unfenced brokers the pattern would repeat. With one
        // broker there is no other pattern.
        if self.round == self.shuffle_at && self.unfenced_brokers > 1 {
            self.shuffle(rng);
            self.shuffle_at += self.unfenced_brokers;
        }
        if self.offset == self.racks.len() {
            self.offset = 0;
        }
        let (leader, mut leader_rack) = self.leader();
        let mut replicas = Vec::with_capacity(replication_factor);
        replicas.push(leader);
        let mut rack = self.offset;
        while replicas.len() < replication_factor {
            // The leader's rack is passed over once: it has its replica already.
            if leader_rack == Some(rack) {
                leader_rack = None;
            } else if let Some(broker) = self.racks[rack].next(self.round) {
                replicas.push(broker);
            }
            rack = (rack + 1) % self.racks.len();
        }
        self.round += 1;
        self.offset += 1;
        replicas
    }

    /// The first unfenced broker from the current rack on, and its rack.
    fn leader(&mut self) -> (i32, Option<usize>) {
        let racks = self.racks.len();
        (0..racks)
            .map(|step| (self.offset + step) % racks)
            .find_map(|rack| Some((self.racks[rack].unfenced.next(self.round)?, Some(rack))))
            .expect("there is an unfenced broker, and no round asks for more leaders than there are")
    }

    fn shuffle(&mut self, rng: &mut dyn Rng) {
        shuffle(rng, &mut self.racks);
        for rack in &mut self.racks {
            rack.fenced.shuffle(rng);
            rack.unfenced.shuffle(rng);
        }
    }
}

pub(super) fn below(rng: &mut dyn Rng, bound: usize) -> usize {
    rng.below(bound as u64) as usize
}

pub(super) fn shuffle<T>(rng: &mut dyn Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last + 1));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use klamm_base::rng::SeededRng;

    use super::*;

    fn broker(id: i32, rack: &str, fenced: bool) -> UsableBroker {
        let rack = (!rack.is_empty()).then(|| rack.to_owned());
        UsableBroker { id, rack, fenced }
    }

    fn placed(
        partitions: i32,
        factor: i16,
        brokers: &[UsableBroker],
    ) -> Result<Vec<Vec<i32>>, PlacementFault> {
        let spec = PlacementSpec { num_partitions: partitions, replication_factor: factor };
        place(spec, brokers.iter().cloned(), &mut SeededRng::new(1))
    }

    fn count(ids: impl IntoIterator<Item = i32>) -> BTreeMap<i32, usize> {
        ids.into_iter().fold(BTreeMap::new(), |mut counts, id| {
            *counts.entry(id).or_default() += 1;
            counts
        })
    }

    #[test]
    fn one_broker_takes_everything() {
        assert_eq!(placed(3, 1, &[broker(7, "", false)]), Ok(vec![vec![7]; 3]));
    }

    #[test]
    fn impossible_factors_are_refused() {
        let brokers = [broker(1, "", false), broker(2, "", true)];
        for factor in [0, -1] {
            let fault = PlacementFault::NotPositive { replication_factor: factor };
            assert_eq!(placed(1, factor, &brokers), Err(fault));
        }
        let fault = PlacementFault::TooFewBrokers { replication_factor: 3, brokers: 2 };
        assert_eq!(placed(1, 3, &brokers), Err(fault));
        assert_eq!(placed(1, 1, &brokers[1..]), Err(PlacementFault::AllFenced));
        assert_eq!(placed(1, 1, &[]), Err(PlacementFault::AllFenced));
    }

    #[test]
    fn leaders_and_replicas_are_spread_evenly_and_replicas_are_distinct() {
        let brokers: Vec<_> = (0..6).map(|id| broker(id, ["a", "b", "c"][id as usize % 3], false)).collect();
        let placements = placed(600, 3, &brokers).expect("possible");
        for replicas in &placements {
            let racks = count(replicas.iter().map(|id| id % 3));
            assert_eq!(racks.len(), 3, "{replicas:?} share a rack");
        }
        let leaders = count(placements.iter().map(|replicas| replicas[0]));
        assert!(leaders.values().all(|&n| n == 100), "{leaders:?}");
        let replicas = count(placements.into_iter().flatten());
        assert!(replicas.values().all(|&n| (290..=310).contains(&n)), "{replicas:?}");
    }

    #[test]
    fn fenced_brokers_never_lead_and_fill_up_only_when_needed() {
        let brokers = [broker(1, "", false), broker(2, "", false), broker(3, "", true)];
        for replicas in placed(50, 2, &brokers).expect("possible") {
            assert!(!replicas.contains(&3), "{replicas:?}");
        }
        for replicas in placed(50, 3, &brokers).expect("possible") {
            assert_eq!(replicas[2], 3, "{replicas:?}");
        }
    }

    #[test]
    fn the_same_seed_places_the_same_and_another_one_differently() {
        let brokers: Vec<_> = (0..5).map(|id| broker(id, "", false)).collect();
        let spec = PlacementSpec { num_partitions: 20, replication_factor: 2 };
        let with_seed = |seed| place(spec, brokers.iter().cloned(), &mut SeededRng::new(seed));
        assert_eq!(with_seed(3), with_seed(3));
        assert_ne!(with_seed(3), with_seed(4));
    }
}
