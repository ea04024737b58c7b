//! Evenly, and as it was before as far as that goes (Kafka: `AbstractStickyAssignor`).
//!
//! Three steps: everybody keeps what it validly has; what nobody has goes to whoever has least; then partitions move
//! from members that have more to members that have less, while two or more lie between them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{BufMut, Bytes, BytesMut};
use klamm_base::TopicPartition;
use klamm_base::codec::Reader;

use super::{Assignment, Member};

/// Members by place, as they fill up.
struct Shares<'a> {
    members: &'a [Member],
    shares: Vec<BTreeSet<TopicPartition>>,
    /// Members by how much they have.
    by_load: BTreeSet<(usize, usize)>,
}

impl Shares<'_> {
    fn give(&mut self, place: usize, partition: TopicPartition) {
        self.change(place, |share| share.insert(partition));
    }

    fn take(&mut self, place: usize, partition: &TopicPartition) {
        self.change(place, |share| share.remove(partition));
    }

    fn change(&mut self, place: usize, change: impl FnOnce(&mut BTreeSet<TopicPartition>) -> bool) {
        self.by_load.remove(&(self.shares[place].len(), place));
        // Whether anything has changed shows in the length.
        let _ = change(&mut self.shares[place]);
        self.by_load.insert((self.shares[place].len(), place));
    }

    /// The member that has least among those that want the partition.
    fn lightest(&self, partition: &TopicPartition) -> Option<(usize, usize)> {
        let wants = |place: usize| self.members[place].topics.contains(&*partition.topic);
        self.by_load.iter().copied().find(|(_, place)| wants(*place))
    }

    /// Moves one partition from a member to one that has two less or fewer; false when there is none.
    fn move_one(&mut self) -> bool {
        for (load, from) in self.by_load.iter().rev().copied() {
            for partition in self.shares[from].iter().rev() {
                let Some((lighter, to)) = self.lightest(partition) else { continue };
                if lighter + 1 < load {
                    let partition = partition.clone();
                    self.take(from, &partition);
                    self.give(to, partition);
                    return true;
                }
            }
            // Nobody has less than the lightest, so nothing can leave a member that is hardly heavier.
            if self.by_load.first().is_some_and(|(least, _)| load <= least + 1) {
                return false;
            }
        }
        false
    }
}

/// Shares the partitions; `partitions` holds the counts of topics.
pub fn assign(members: &[Member], partitions: &BTreeMap<String, i32>) -> Assignment {
    let mut shares = Shares {
        members,
        shares: vec![BTreeSet::new(); members.len()],
        by_load: (0..members.len()).map(|place| (0, place)).collect(),
    };
    let wanted: BTreeSet<&String> = members.iter().flat_map(|member| &member.topics).collect();
    let topics = wanted.into_iter().filter_map(|topic| Some((topic, *partitions.get(topic)?)));
    let all = topics.flat_map(|(topic, count)| (0..count).map(|at| TopicPartition::new(topic.as_str(), at)));
    let owners = owners(members);
    let mut free = Vec::new();
    for partition in all {
        match owners.get(&partition) {
            Some(Some(place)) if members[*place].topics.contains(&*partition.topic) => {
                shares.give(*place, partition);
            }
            _ => free.push(partition),
        }
    }
    // What few want goes first: the others can make up for it.
    let takers = |topic: &str| members.iter().filter(|member| member.topics.contains(topic)).count();
    let takers: BTreeMap<&str, usize> =
        partitions.keys().map(|topic| (topic.as_str(), takers(topic))).collect();
    free.sort_by_key(|partition| takers.get(&*partition.topic).copied());
    for partition in free {
        if let Some((_, place)) = shares.lightest(&partition) {
            shares.give(place, partition);
        }
    }
    while shares.move_one() {}
    let shares = members.iter().zip(shares.shares);
    shares.map(|(member, share)| (member.member_id.clone(), share.into_iter().collect())).collect()
}

/// Who validly has what: claims of the newest generation, unless two of them contradict each other.
fn owners(members: &[Member]) -> BTreeMap<TopicPartition, Option<usize>> {
    let newest = members.iter().map(|member| member.generation_id).max().unwrap_or(-1);
    let mut owners = BTreeMap::new();
    for (place, member) in members.iter().enumerate().filter(|(_, member)| member.generation_id == newest) {
        for partition in &member.owned {
            owners.entry(partition.clone()).and_modify(|owner| *owner = None).or_insert(Some(place));
        }
    }
    owners
}

/// Leaves out what another member still has: it is given once that member has given it up, in the next generation.
pub fn without_transfers(members: &[Member], mut assignment: Assignment) -> Assignment {
    let mut leaving = BTreeSet::new();
    for member in members {
        let kept: BTreeSet<&TopicPartition> =
            assignment.get(&member.member_id).into_iter().flatten().collect();
        leaving.extend(member.owned.iter().filter(|partition| !kept.contains(partition)).cloned());
    }
    for member in members {
        if let Some(share) = assignment.get_mut(&member.member_id) {
            share.retain(|partition| member.owned.contains(partition) || !leaving.contains(partition));
        }
    }
    assignment
}

/// What an eager member says of its last share: topics with their partitions, and the generation
/// (Kafka: `StickyAssignor.serializeTopicPartitionAssignment`, version 1).
pub fn encode_user_data(last: &BTreeSet<TopicPartition>, generation_id: i32) -> Bytes {
    let mut topics = BTreeMap::<&str, Vec<i32>>::new();
    for partition in last {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let mut data = BytesMut::new();
    data.put_i32(topics.len() as i32);
    for (topic, partitions) in topics {
        data.put_i16(topic.len() as i16);
        data.put_slice(topic.as_bytes());
        data.put_i32(partitions.len() as i32);
        partitions.into_iter().for_each(|partition| data.put_i32(partition));
    }
    data.put_i32(generation_id);
    data.freeze()
}

/// `None` for what is none. Version 0 has no generation.
pub fn decode_user_data(data: Bytes) -> Option<(BTreeSet<TopicPartition>, i32)> {
    let (mut reader, mut last) = (Reader::new(data), BTreeSet::new());
    for _ in 0..reader.i32().ok()? {
        let length = usize::try_from(reader.i16().ok()?).ok()?;
        let topic = reader.slice(length).ok()?;
        let topic = std::str::from_utf8(&topic).ok()?;
        for _ in 0..reader.i32().ok()? {
            last.insert(TopicPartition::new(topic, reader.i32().ok()?));
        }
    }
    Some((last, reader.i32().unwrap_or(-1)))
}
