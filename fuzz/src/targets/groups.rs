//! `__consumer_offsets`: records as anybody with the right may have written them, replayed as at a start; then
//! the clock runs, and everything that can be asked is asked.

use crate::Target;
use crate::allocation::bounded;
use crate::input::{Input, put_piece};
use crate::seeds::golden;
use bytes::Bytes;
use klamm_base::{Mono, Now};
use klamm_coordinator::group::contract::{GroupLimits, GroupStep};
use klamm_coordinator::group::record::GroupRecord;
use klamm_coordinator::group::shard::{GroupShard, ListFilter};
use klamm_wire::offset_fetch::OffsetFetchRequestGroup;
use std::collections::BTreeMap;

pub const TARGET: Target = Target {
    name: "groups",
    meaning: "records of __consumer_offsets: replayed, then the clock runs and everything is asked",
    run: run,
    seeds,
};

const NOW: Now = Now { mono: Mono(1_000_000), wall_ms: 1_700_000_000_000 };
/// Things that become due, one after the other, before the clock is stopped.
const DUE_MAX: usize = 200;

/// A group and an offset are trees of small strings.
fn memory_max(len: usize) -> usize {
    256 * len + (1 << 20)
}

/// Records: a choice, then the key and the value as pieces.
pub fn run(input: &[u8]) {
    bounded(memory_max(input.len()), || {
        let mut shard = GroupShard::default();
        let mut offset = 0;
        let mut rest = Input::new(input);
        while !rest.is_empty() {
            let choice = rest.byte();
            let key = Bytes::copy_from_slice(rest.piece());
            let value = (choice & 1 == 0).then(|| Bytes::copy_from_slice(rest.piece()));
            let producer_id = i64::from(choice >> 6);
            if choice & 2 != 0 {
                shard.replay_end_of_transaction(offset, producer_id, choice & 4 != 0);
                offset += 1;
            }
            if let Ok(record) = GroupRecord::decode(Some(&key), value.as_ref()) {
                written_and_read(&record);
                let producer_id = (choice & 8 != 0).then_some(producer_id);
                shard.replay(offset, producer_id, record, NOW.wall_ms);
                offset += 1;
            }
            if choice & 16 != 0 {
                shard.commit(offset);
            }
        }
        shard.commit(offset);
        shard.validate();
        live(&mut shard, offset);
    });
}

/// What is read can be written and read, unless it is only read.
fn written_and_read(record: &GroupRecord) {
    let is_written = match record {
        GroupRecord::GroupMetadata(..) | GroupRecord::OffsetCommit(..) => true,
        GroupRecord::ForeignGroup { is_there, .. } | GroupRecord::ForeignPart { is_there, .. } => !is_there,
        GroupRecord::ForeignMember { .. } | GroupRecord::Other { .. } => false,
    };
    if is_written {
        let (key, value) = record.encode();
        let again = GroupRecord::decode(Some(&key), value.as_ref());
        let is_lost = |again: &GroupRecord| loses_a_field(record) && key == again.encode().0;
        assert!(
            again.as_ref().is_ok_and(|again| again == record || is_lost(again)),
            "{record:?} is read as {again:?}"
        );
    }
}

/// An offset with an expiry is written in the version that has one, which knows no leader epoch.
fn loses_a_field(record: &GroupRecord) -> bool {
    matches!(record, GroupRecord::OffsetCommit(_, Some(value)) if value.expire_timestamp != -1)
}

/// The sessions of all members end, offsets expire, everything is described.
fn live(shard: &mut GroupShard, end: i64) {
    let limits = GroupLimits::default();
    let _ = shard.loaded(&limits, NOW);
    shard.validate();
    ask(shard);
    let mut now = NOW;
    for _ in 0..DUE_MAX {
        let Some(due) = shard.next_due() else { break };
        now.mono = due.max(now.mono);
        while let Some(step) = shard.advance(&limits, now) {
            carry_out(shard, step, &limits, end, now);
        }
        shard.validate();
    }
    now.wall_ms += 2 * limits.offsets_retention_ms;
    let step = shard.expire_offsets(&limits, now);
    carry_out(shard, step, &limits, end, now);
    shard.validate();
    ask(shard);
}

/// As the node does with a log that takes everything.
fn carry_out(shard: &mut GroupShard, step: GroupStep, limits: &GroupLimits, end: i64, now: Now) {
    let mut steps = vec![step];
    while let Some(step) = steps.pop() {
        for record in step.records {
            let (key, value) = record.encode();
            let record = GroupRecord::decode(Some(&key), value.as_ref()).expect("just written");
            if step.is_replayed {
                shard.replay(end, None, record, now.wall_ms);
            }
        }
        shard.commit(end + 1);
        steps.extend(step.after.into_iter().map(|after| shard.after(after, Ok(()), limits, now)));
    }
}

fn ask(shard: &GroupShard) {
    let ids: Vec<String> = shard.group_ids().into_iter().map(str::to_owned).collect();
    let listed = shard.list(&ListFilter::new(&[], &[]));
    assert_eq!(listed.len(), ids.len());
    for group_id in ids {
        let _ = shard.describe(&group_id, 6);
        let fetch = OffsetFetchRequestGroup { group_id, member_id: None, member_epoch: -1, topics: None };
        let _ = shard.fetch_offsets(&fetch);
    }
}

/// Every golden key with a value of its type, alone and all in one log.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut keys = BTreeMap::new();
    let mut values: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for golden in golden::read(golden::RECORDS) {
        let Some(framed) = golden.framed else { continue };
        if let Some(name) = golden.name.strip_suffix("Key") {
            keys.insert(name.to_owned(), framed);
        } else if let Some(name) = golden.name.strip_suffix("Value") {
            values.entry(name.to_owned()).or_default().push(framed);
        }
    }
    let mut seeds = Vec::new();
    let mut all = Vec::new();
    for (name, key) in &keys {
        for (number, value) in values.get(name).into_iter().flatten().enumerate() {
            let mut seed = vec![if number & 1 == 0 { 16 } else { 8 + 64 }];
            put_piece(&mut seed, key);
            put_piece(&mut seed, value);
            let mut gone = seed.clone();
            gone.push(1 + 2 + 4 + 64);
            put_piece(&mut gone, key);
            if all.len() < 3000 {
                all.extend_from_slice(&seed);
            }
            seeds.extend([seed, gone]);
        }
    }
    seeds.push(all);
    seeds
}
