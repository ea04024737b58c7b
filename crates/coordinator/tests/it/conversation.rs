//! A shard with a log that commits when it is told to, and commands in words.
//!
//! | Command | Means |
//! |---|---|
//! | `join CLIENT [member=M] [instance=I] [v=9] [session=10] [rebalance=60] [protocols=range:x,rr:y] [type=consumer]` | JoinGroup, seconds |
//! | `sync M generation=1 [instance=I] [give=M1:x,M2:y] [protocol=range]` | SyncGroup |
//! | `heartbeat M generation=1 [instance=I]` | Heartbeat |
//! | `leave M... [instance=I] [v=5]` | LeaveGroup; `-` is an empty member id |
//! | `commit [M] [generation=1] topic-partition=offset... [v=9] [retention=s]` | OffsetCommit |
//! | `fetch [topic-partition...] [stable] [member=M]` | OffsetFetch, all without names |
//! | `pending PRODUCER topic-partition=offset`, `end PRODUCER commit\|abort` | what a transaction leaves in the log |
//! | `delete-offsets topic-partition...`, `delete`, `expire`, `gone TOPIC` | removal |
//! | `describe [v=5]`, `list [states=a,b] [types=a,b]` | what is there |
//! | `left KIND [member]` | records of another kind of group that Kafka has left in the log |
//! | `time SECONDS` | time passes, and what is due happens |
//! | `hold`, `store`, `late ERROR` | what is appended is not committed any more; now it is; it may be, but nobody knows |
//! | `refuse ERROR` | the log refuses what the next command wants to append |
//! | `limit NAME=VALUE` | a setting |
//! | `restart` | another coordinator reads the log |
//!
//! All of it about the group `g`, or the one named by `group=`. Member ids are shown and given as `M1`, `M2`, ... in the
//! order in which they appear.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use klamm_base::rng::Rng;
use klamm_base::{ErrorCode, Mono, Now, Uuid};
use klamm_coordinator::group::contract::{Caller, GroupAfter, GroupLimits, GroupStep};
use klamm_coordinator::group::memory::GroupMemory;
use klamm_coordinator::group::record::{ForeignKind, GroupRecord};
use klamm_coordinator::group::records::{OffsetCommitKey, OffsetCommitValue};
use klamm_coordinator::group::shard::{GroupShard, ListFilter, memory_of};
use klamm_coordinator::step::RequestId;
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::leave_group::MemberIdentity;
use klamm_wire::list_groups::ListedGroup;
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::offset_delete::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use klamm_wire::offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{
    HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, OffsetCommitRequest, OffsetDeleteRequest,
    SyncGroupRequest,
};

use crate::shown;

/// A record with the producer of its batch, where that is in a transaction.
type Logged = (Option<i64>, Entry);

enum Entry {
    Record(GroupRecord),
    End { is_commit: bool },
}

pub struct Conversation {
    pub shard: GroupShard,
    limits: GroupLimits,
    rng: Counter,
    now_s: u64,
    log: Vec<Logged>,
    next_request: u64,
    /// `None`: what is appended is committed at once.
    held: Option<Vec<GroupAfter>>,
    refused: Option<ErrorCode>,
    /// Groups of which the log has refused the last record, or may have.
    log_is_behind: BTreeSet<String>,
    /// Groups of which a record is held.
    on_its_way: BTreeSet<String>,
    /// Of each group when it was last looked at; another life begins at what is stored.
    generations: BTreeMap<String, i32>,
    memory: GroupMemory,
    /// Real ids by their short names, in the order of their appearance.
    names: Vec<String>,
}

/// Ids that are the same every time.
struct Counter(u64);

impl Rng for Counter {
    fn next_u64(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// The words of a command.
struct Words<'a> {
    plain: Vec<&'a str>,
    named: BTreeMap<&'a str, &'a str>,
}

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Words<'a> {
        let mut words = Words { plain: Vec::new(), named: BTreeMap::new() };
        for word in line.split_whitespace() {
            match word.split_once('=') {
                Some((name, value)) if !name.contains('-') => drop(words.named.insert(name, value)),
                _ => words.plain.push(word),
            }
        }
        words
    }

    fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> T {
        let parse = |text: &&str| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number"));
        self.named.get(name).map_or(default, parse)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.named.get(name).copied()
    }
}

/// `topic-partition` and what follows an `=`.
fn place(word: &str) -> (String, i32, Option<i64>) {
    let (place, offset) = word.split_once('=').map_or((word, None), |(place, offset)| (place, Some(offset)));
    let (topic, partition) = place.rsplit_once('-').unwrap_or_else(|| panic!("{word} is no topic-partition"));
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{word} has no number"));
    (topic.to_owned(), number(partition) as i32, offset.map(number))
}

impl Conversation {
    pub fn new() -> Conversation {
        Conversation {
            shard: GroupShard::default(),
            limits: GroupLimits::default(),
            rng: Counter(0),
            now_s: 0,
            log: Vec::new(),
            next_request: 1,
            held: None,
            refused: None,
            log_is_behind: BTreeSet::new(),
            on_its_way: BTreeSet::new(),
            generations: BTreeMap::new(),
            memory: GroupMemory::default(),
            names: Vec::new(),
        }
    }

    fn now(&self) -> Now {
        Now { mono: Mono(self.now_s * 1_000_000), wall_ms: self.now_s as i64 * 1_000 }
    }

    /// Carries out one command; says what came of it.
    pub fn say(&mut self, line: &str) -> Vec<String> {
        let real = self.with_real_names(line);
        let (command, rest) = real.split_once(' ').unwrap_or((&real, ""));
        let words = Words::of(rest);
        let mut said = Vec::new();
        match command {
            "join" | "sync" | "heartbeat" | "leave" => self.membership(command, &words, &mut said),
            "commit" | "fetch" | "delete-offsets" | "delete" | "expire" | "gone" | "pending" | "end" => {
                self.offsets(command, &words, &mut said);
            }
            "describe" => said.push(self.describe(&words)),
            "list" => said.extend(self.list(&words)),
            "left" => self.left(&words),
            "time" => self.pass_time(words.plain[0].parse().expect("seconds"), &mut said),
            "hold" => self.held = Some(Vec::new()),
            "store" => self.settle(Ok(()), &mut said),
            "late" => self.settle(Err(code(words.plain[0])), &mut said),
            "refuse" => self.refused = Some(code(words.plain[0])),
            "limit" => self.limit(&words),
            "restart" => self.restart(&mut said),
            other => panic!("{other} is no command"),
        }
        let is_asked = !["restart", "left", "pending", "end"].contains(&command);
        self.check_memory(is_asked);
        self.check();
        said.iter().map(|line| self.with_short_names(line)).collect()
    }

    /// What must hold after each command: also that somebody who reads the log would know the same.
    fn check(&mut self) {
        self.shard.validate();
        self.shard.assert_read_as(&self.read_log(), &self.log_is_behind);
        for group_id in self.shard.group_ids() {
            let Some(group) = self.shard.classic(group_id) else { continue };
            let before = self.generations.insert(group_id.to_owned(), group.generation_id());
            assert!(before.is_none_or(|before| before <= group.generation_id()), "{group_id} goes back");
        }
        let ids = self.shard.group_ids();
        self.generations.retain(|group_id, _| ids.contains(group_id.as_str()));
    }

    /// Nothing that is asked for makes the shard grow beyond the limit; and no more is awaited than is held.
    fn check_memory(&mut self, is_asked: bool) {
        let now = self.shard.memory();
        let grows = |now: usize, before: usize, max: usize| is_asked && now > before && now > max;
        let (before, limits) = (self.memory, &self.limits);
        assert!(!grows(now.kept, before.kept, limits.memory_max), "{before:?} becomes {now:?}");
        // What is deleted is remembered until its tombstone is committed.
        let grows = grows(now.uncommitted, before.uncommitted, limits.uncommitted_max);
        assert!(!grows || now.kept < before.kept, "{before:?} becomes {now:?}");
        self.memory = now;
        let awaited = self.held.iter().flatten().filter_map(memory_of);
        let awaited = awaited.fold((0, 0), |sum, next| (sum.0 + next.kept, sum.1 + next.uncommitted));
        assert_eq!(self.shard.awaited(), GroupMemory { kept: awaited.0, uncommitted: awaited.1 });
    }

    /// Nobody commits for a group that he is not, or no longer, a member of (invariant 43).
    fn check_committer(&self, commit: &OffsetCommitRequest, step: &GroupStep) {
        let group = self.shard.classic(&commit.group_id);
        if let Some(group) = group.filter(|_| !step.records.is_empty()) {
            let is_current = group.member(&commit.member_id).is_some()
                && group.generation_id() == commit.generation_id_or_member_epoch;
            let is_outside = commit.generation_id_or_member_epoch < 0 && group.members().len() == 0;
            assert!(is_current || is_outside, "{commit:?} is taken");
        }
    }

    fn read_log(&self) -> GroupShard {
        let mut shard = GroupShard::default();
        for (offset, (producer_id, entry)) in self.log.iter().enumerate() {
            replay(&mut shard, offset as i64, *producer_id, entry, self.now().wall_ms);
        }
        shard
    }

    fn membership(&mut self, command: &str, words: &Words<'_>, said: &mut Vec<String>) {
        let request = self.request();
        let group_id = words.text("group").unwrap_or("g").to_owned();
        let generation_id = words.number("generation", -1);
        let group_instance_id = words.text("instance").map(str::to_owned);
        let member_id = words.plain.first().copied().unwrap_or_default().to_owned();
        let (limits, now) = (self.limits, self.now());
        let step = match command {
            "join" => {
                let caller = caller(&member_id, words.number("v", 9));
                let join = join_request(group_id, group_instance_id, words);
                self.shard.join(request, &caller, &join, &limits, &mut self.rng, now)
            }
            "sync" => {
                let given = words.text("give").unwrap_or_default();
                let given = given.split(',').filter_map(|pair| pair.split_once(':'));
                let sync = SyncGroupRequest {
                    group_id,
                    generation_id,
                    member_id,
                    group_instance_id,
                    protocol_type: words.text("type").map(str::to_owned),
                    protocol_name: words.text("protocol").map(str::to_owned),
                    assignments: given
                        .map(|(member_id, assignment)| SyncGroupRequestAssignment {
                            member_id: member_id.to_owned(),
                            assignment: Bytes::copy_from_slice(assignment.as_bytes()),
                        })
                        .collect(),
                };
                self.shard.sync(request, &sync, &limits, now)
            }
            "heartbeat" => {
                let heartbeat = HeartbeatRequest { group_id, generation_id, member_id, group_instance_id };
                self.shard.heartbeat(request, &heartbeat, &limits, now)
            }
            _ => {
                let member = |id: &&str| MemberIdentity {
                    member_id: id.trim_start_matches('-').to_owned(),
                    group_instance_id: group_instance_id.clone(),
                    reason: None,
                };
                let members = words.plain.iter().map(member).collect();
                let leave = LeaveGroupRequest { group_id, member_id: member_id.clone(), members };
                self.shard.leave(request, &caller("", words.number("v", 5)), &leave, &limits, now)
            }
        };
        self.carry_out(step, said);
    }

    fn offsets(&mut self, command: &str, words: &Words<'_>, said: &mut Vec<String>) {
        let group_id = words.text("group").unwrap_or("g").to_owned();
        let request = self.request();
        // Ids of members have dashes too, but are followed by nothing.
        let mark = if ["commit", "pending"].contains(&command) { '=' } else { '-' };
        let places = words.plain.iter().filter(|word| word.contains(mark)).map(|word| place(word));
        let places: Vec<(String, i32, Option<i64>)> = places.collect();
        let (limits, now) = (self.limits, self.now());
        let step = match command {
            "commit" => {
                let is_member = words.plain.first().is_some_and(|word| !word.contains('='));
                let commit = OffsetCommitRequest {
                    group_id,
                    generation_id_or_member_epoch: words.number("generation", -1),
                    member_id: if is_member { words.plain[0].to_owned() } else { String::new() },
                    group_instance_id: words.text("instance").map(str::to_owned),
                    retention_time_ms: words.number("retention", -1_i64).saturating_mul(1_000).max(-1),
                    topics: places.iter().filter(|(.., offset)| offset.is_some()).map(committed).collect(),
                };
                let caller = caller("", words.number("v", 9));
                let step = self.shard.commit_offsets(request, &caller, &commit, &limits, now);
                self.check_committer(&commit, &step);
                step
            }
            "fetch" => {
                let mut fetch = fetch_request(group_id, &places);
                fetch.member_id = words.text("member").map(str::to_owned);
                return self.fetch(request, &fetch, words.plain.contains(&"stable"), said);
            }
            "delete-offsets" => {
                let delete = OffsetDeleteRequest { group_id, topics: places.iter().map(deleted).collect() };
                self.shard.delete_offsets(request, &delete)
            }
            "delete" => self.shard.delete_groups(request, &[group_id]),
            "expire" => self.shard.expire_offsets(&limits, now),
            "gone" => self.shard.topics_deleted(&BTreeMap::from([(words.plain[0].to_owned(), Uuid::ONE)])),
            "pending" => {
                let producer_id = words.plain[0].parse().expect("a producer id");
                for (topic, partition, offset) in places {
                    let key = OffsetCommitKey { group: group_id.clone(), topic, partition };
                    let value =
                        OffsetCommitValue { offset: offset.expect("an offset"), ..Default::default() };
                    self.log_entry((
                        Some(producer_id),
                        Entry::Record(GroupRecord::OffsetCommit(key, Some(value))),
                    ));
                }
                return;
            }
            _ => {
                let is_commit = words.plain[1] == "commit";
                let producer_id = words.plain[0].parse().expect("a producer id");
                return self.log_entry((Some(producer_id), Entry::End { is_commit }));
            }
        };
        self.carry_out(step, said);
    }

    fn fetch(
        &mut self,
        request: RequestId,
        fetch: &OffsetFetchRequestGroup,
        is_stable: bool,
        said: &mut Vec<String>,
    ) {
        if is_stable {
            let step = self.shard.fetch_stable_offsets(request, fetch);
            return self.carry_out(step, said);
        }
        said.push(shown::fetched(&self.shard.fetch_offsets(fetch)));
    }

    fn describe(&self, words: &Words<'_>) -> String {
        let group = self.shard.describe(words.text("group").unwrap_or("g"), words.number("v", 5));
        let members = group.members.iter().map(|member| {
            let (id, client) = (&member.member_id, &member.client_id);
            format!("{id} {client} {:?}", String::from_utf8_lossy(&member.member_assignment))
        });
        let error = match ErrorCode::from_code(group.error_code) {
            ErrorCode::None => String::new(),
            error => format!(" {} {:?}", error.name(), group.error_message.unwrap_or_default()),
        };
        let (state, kind, protocol) = (group.group_state, group.protocol_type, group.protocol_data);
        format!(
            "{state}{error} type={kind:?} protocol={protocol:?} [{}]",
            members.collect::<Vec<_>>().join(", ")
        )
    }

    fn list(&self, words: &Words<'_>) -> Vec<String> {
        // Blanks may stand around the names of states.
        let names = |name: &str| words.text(name).map(|names| names.replace('_', " "));
        let names = |name: &str| -> Vec<String> {
            names(name).map(|names| names.split(',').map(str::to_owned).collect()).unwrap_or_default()
        };
        let filter = ListFilter::new(&names("states"), &names("types"));
        let shown = |group: &ListedGroup| {
            let ListedGroup { group_id, protocol_type, group_state, group_type } = group;
            format!("{group_id} {protocol_type} {group_state} {group_type}")
        };
        self.shard.list(&filter).iter().map(shown).collect()
    }

    fn left(&mut self, words: &Words<'_>) {
        let group_id = words.text("group").unwrap_or("g").to_owned();
        let kind = match words.plain[0] {
            "consumer" => ForeignKind::Consumer,
            "share" => ForeignKind::Share,
            _ => ForeignKind::Streams,
        };
        let record = match words.plain.get(1) {
            None => GroupRecord::ForeignGroup { group_id, kind, is_there: true },
            Some(member_id) => GroupRecord::ForeignMember {
                group_id,
                kind,
                member_id: (*member_id).to_owned(),
                is_there: true,
            },
        };
        self.log_entry((None, Entry::Record(record)));
    }

    fn request(&mut self) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        request
    }

    /// What a step says; its records go to the log.
    fn carry_out(&mut self, step: GroupStep, said: &mut Vec<String>) {
        let mut answers = step.answers;
        answers.sort_by_key(|(request, _)| *request);
        said.extend(
            answers.iter().map(|(request, answer)| format!("{}: {}", request.0, shown::answer(answer))),
        );
        if !step.records.is_empty()
            && let Some(error) = self.refused.take()
        {
            self.log_is_behind.extend(step.records.iter().filter_map(group_of));
            return self.follow(step.after, Err(error), said);
        }
        for record in step.records {
            if let Some(group_id) = group_of(&record) {
                self.log_is_behind.remove(&group_id);
                self.on_its_way.insert(group_id);
            }
            said.push(shown::record(&record));
            // What is written must be readable, and say the same.
            let (key, value) = record.encode();
            assert_eq!(GroupRecord::decode(Some(&key), value.as_ref()), Ok(record.clone()));
            match step.is_replayed {
                true => self.log_entry((None, Entry::Record(record))),
                false => self.log.push((None, Entry::Record(record))),
            }
        }
        match &mut self.held {
            Some(held) => held.extend(step.after),
            None => {
                self.on_its_way.clear();
                self.shard.commit(self.log.len() as i64);
                self.follow(step.after, Ok(()), said);
            }
        }
    }

    fn log_entry(&mut self, entry: Logged) {
        self.log.push(entry);
        let (offset, now_ms) = (self.log.len() as i64 - 1, self.now().wall_ms);
        let (producer_id, entry) = self.log.last().expect("just pushed");
        replay(&mut self.shard, offset, *producer_id, entry, now_ms);
        if self.held.is_none() {
            self.shard.commit(offset + 1);
        }
    }

    fn settle(&mut self, outcome: Result<(), ErrorCode>, said: &mut Vec<String>) {
        let held = self.held.take().expect("the log holds nothing back");
        let groups = std::mem::take(&mut self.on_its_way);
        match outcome {
            Ok(()) => self.shard.commit(self.log.len() as i64),
            Err(_) => self.log_is_behind.extend(groups),
        }
        self.follow(held, outcome, said);
    }

    fn follow(&mut self, after: Vec<GroupAfter>, outcome: Result<(), ErrorCode>, said: &mut Vec<String>) {
        for after in after {
            let (limits, now) = (self.limits, self.now());
            let step = self.shard.after(after, outcome, &limits, now);
            self.carry_out(step, said);
        }
    }

    fn pass_time(&mut self, seconds: u64, said: &mut Vec<String>) {
        let end = self.now_s + seconds;
        while let Some(due) =
            self.shard.next_due().map(|due| due.0.div_ceil(1_000_000)).filter(|due| *due <= end)
        {
            self.now_s = due.max(self.now_s);
            let (limits, now) = (self.limits, self.now());
            while let Some(step) = self.shard.advance(&limits, now) {
                if !step.is_empty() {
                    said.push(format!("at {} s", self.now_s));
                    self.carry_out(step, said);
                }
            }
        }
        self.now_s = end;
    }

    fn limit(&mut self, words: &Words<'_>) {
        let limits = &mut self.limits;
        limits.initial_rebalance_delay_ms = words.number("delay", limits.initial_rebalance_delay_ms);
        limits.members_max = words.number("members", limits.members_max);
        limits.offset_metadata_bytes_max = words.number("metadata", limits.offset_metadata_bytes_max);
        limits.offsets_retention_ms = words.number("retention", limits.offsets_retention_ms);
        limits.memory_max = words.number("memory", limits.memory_max);
        limits.uncommitted_max = words.number("uncommitted", limits.uncommitted_max);
    }

    fn restart(&mut self, said: &mut Vec<String>) {
        let mut shard = self.read_log();
        shard.commit(self.log.len() as i64);
        self.log_is_behind.clear();
        self.generations.clear();
        // What follows in the old one is over with it.
        let answers = |after: &GroupAfter| matches!(after, GroupAfter::Answer(..));
        self.held.iter_mut().for_each(|held| held.retain(answers));
        let unloaded = std::mem::replace(&mut self.shard, shard).unload();
        self.carry_out(unloaded, said);
        let (limits, now) = (self.limits, self.now());
        let step = self.shard.loaded(&limits, now);
        self.carry_out(step, said);
    }

    fn with_real_names(&self, line: &str) -> String {
        // The longest first: M1 is the beginning of M10.
        let names = self.names.iter().enumerate().rev();
        names.fold(line.to_owned(), |line, (index, real)| line.replace(&format!("M{}", index + 1), real))
    }

    fn with_short_names(&mut self, line: &str) -> String {
        for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
            let is_id =
                word.len() > 36 && word.as_bytes()[word.len() - 37] == b'-' && word.matches('-').count() >= 5;
            if is_id && !self.names.iter().any(|name| name == word) {
                self.names.push(word.to_owned());
            }
        }
        let names = self.names.iter().enumerate();
        names.fold(line.to_owned(), |line, (index, real)| line.replace(real, &format!("M{}", index + 1)))
    }
}

/// Whose record it is, if it is a group's.
fn group_of(record: &GroupRecord) -> Option<String> {
    match record {
        GroupRecord::GroupMetadata(key, _) => Some(key.group.clone()),
        _ => None,
    }
}

fn replay(shard: &mut GroupShard, offset: i64, producer_id: Option<i64>, entry: &Entry, now_ms: i64) {
    match entry {
        Entry::Record(record) => shard.replay(offset, producer_id, record.clone(), now_ms),
        Entry::End { is_commit } => {
            shard.replay_end_of_transaction(offset, producer_id.expect("a transaction's"), *is_commit);
        }
    }
}

fn caller(client_id: &str, version: i16) -> Caller {
    Caller { client_id: client_id.to_owned(), client_host: "/127.0.0.1".to_owned(), version }
}

fn join_request(group_id: String, group_instance_id: Option<String>, words: &Words<'_>) -> JoinGroupRequest {
    let protocols =
        words.text("protocols").unwrap_or("range:x").split(',').filter_map(|pair| pair.split_once(':'));
    JoinGroupRequest {
        group_id,
        session_timeout_ms: words.number("session", 10) * 1_000,
        rebalance_timeout_ms: words.number("rebalance", 60) * 1_000,
        member_id: words.text("member").unwrap_or_default().to_owned(),
        group_instance_id,
        protocol_type: words.text("type").unwrap_or("consumer").to_owned(),
        protocols: protocols
            .map(|(name, metadata)| JoinGroupRequestProtocol {
                name: name.to_owned(),
                metadata: Bytes::copy_from_slice(metadata.as_bytes()),
            })
            .collect(),
        reason: None,
    }
}

fn fetch_request(group_id: String, places: &[(String, i32, Option<i64>)]) -> OffsetFetchRequestGroup {
    let topics = places.iter().map(|(topic, partition, _)| OffsetFetchRequestTopics {
        name: topic.clone(),
        partition_indexes: vec![*partition],
        ..Default::default()
    });
    let topics: Vec<_> = topics.collect();
    OffsetFetchRequestGroup { group_id, topics: (!topics.is_empty()).then_some(topics), ..Default::default() }
}

fn committed((topic, partition, offset): &(String, i32, Option<i64>)) -> OffsetCommitRequestTopic {
    // An offset of 999 comes with more metadata than most would allow.
    let metadata = if *offset == Some(999) { "m".repeat(5_000) } else { String::new() };
    OffsetCommitRequestTopic {
        name: topic.clone(),
        partitions: vec![OffsetCommitRequestPartition {
            partition_index: *partition,
            committed_offset: offset.unwrap_or(-1),
            committed_leader_epoch: -1,
            committed_metadata: Some(metadata),
        }],
        ..OffsetCommitRequestTopic::default()
    }
}

fn deleted((topic, partition, _): &(String, i32, Option<i64>)) -> OffsetDeleteRequestTopic {
    OffsetDeleteRequestTopic {
        name: topic.clone(),
        partitions: vec![OffsetDeleteRequestPartition { partition_index: *partition }],
    }
}

fn code(name: &str) -> ErrorCode {
    *ErrorCode::ALL.iter().find(|code| code.name() == name).unwrap_or_else(|| panic!("{name} is no error"))
}
