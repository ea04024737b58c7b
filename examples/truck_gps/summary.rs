//! Who has seen what, in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::fleet::Sent;
use crate::services::Seen;

pub struct Summary {
    pub sent: Vec<Sent>,
    pub dashboard: Seen,
    pub notifications: Seen,
}

impl Summary {
    /// By truck: the partitions it was written to, and how many positions it sent.
    fn trucks(&self) -> BTreeMap<&str, (BTreeSet<i32>, usize)> {
        let mut trucks = BTreeMap::<&str, (BTreeSet<i32>, usize)>::new();
        for Sent { truck, partition } in &self.sent {
            let (partitions, count) = trucks.entry(truck).or_default();
            partitions.insert(*partition);
            *count += 1;
        }
        trucks
    }

    /// Both groups saw every position once, each truck's in the order in which it sent them, out of one partition.
    pub fn is_complete(&self) -> bool {
        self.trucks().iter().all(|(truck, (partitions, count))| {
            partitions.len() == 1
                && is_in_order(&self.dashboard, truck, *count)
                && is_in_order(&self.notifications, truck, *count)
        })
    }
}

/// Positions are numbered from 1 by the truck itself.
fn is_in_order(seen: &Seen, truck: &str, count: usize) -> bool {
    let numbers = seen.get(truck).into_iter().flatten().map(|position| position.number);
    numbers.eq(1..=count)
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n  truck     partition   sent   dashboard   notifications   in order")?;
        for (truck, (partitions, count)) in self.trucks() {
            let partitions: Vec<String> = partitions.iter().map(i32::to_string).collect();
            let seen = |seen: &Seen| seen.get(truck).map_or(0, Vec::len);
            let in_order =
                is_in_order(&self.dashboard, truck, count) && is_in_order(&self.notifications, truck, count);
            writeln!(
                f,
                "  {truck:<9} {:>9} {count:>6} {:>11} {:>15}   {}",
                partitions.join(","),
                seen(&self.dashboard),
                seen(&self.notifications),
                if in_order { "yes" } else { "NO" },
            )?;
        }
        let all = self.sent.len();
        match self.is_complete() {
            true => writeln!(f, "\n  Both groups saw all {all} positions, each truck's in their order.\n"),
            false => writeln!(f, "\n  Something is missing, twice there or out of order.\n"),
        }
    }
}
