//! A consumer that is killed in the middle, by counts.
//!
//! The consumer is a process of its own: this test program, told by a variable to be one. It takes records in tens.
//! Who commits before it processes them loses what it had not done when it died; who commits after it repeats what it
//! had done.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use klamm_client::admin::groups::committed_offsets;
use klamm_client::consumer::ConsumedRecord;
use klamm_client::group::{Committed, GroupConsumer, GroupOptions};

use super::{cluster, counts, create, dev, member_of, number, poll_until, write_numbers};
use crate::process::{Node, PATIENCE};

const RECORDS: i32 = 100;
/// Records that are committed together.
const TEN: usize = 10;
/// The first consumer is killed when it has processed so many: in the middle of the third ten.
const KILLED_AFTER: usize = 24;
const VARIABLE: &str = "KLAMM_TEST_CONSUMER";

#[derive(Clone, Copy, PartialEq)]
enum Commit {
    Before,
    After,
}

/// The consumer process.
#[test]
#[ignore = "started by the others"]
fn consumer_process() {
    let told = std::env::var(VARIABLE).expect("started by another test");
    let told: Vec<&str> = told.split('|').collect();
    let [port, when, instance, done] = told[..] else { panic!("{told:?}") };
    let commit = if when == "before" { Commit::Before } else { Commit::After };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let options = GroupOptions {
        auto_commit_interval: None,
        group_instance_id: (!instance.is_empty()).then(|| instance.to_owned()),
        session_timeout: Duration::from_secs(6),
        ..GroupOptions::new("g")
    };
    let port = port.parse().expect("a port");
    runtime.block_on(consume(member_of(cluster(port), options, "crash"), commit, Path::new(done)));
}

/// Processes all there is, in tens: each record takes a while, and is a line in the end.
async fn consume(mut member: GroupConsumer, commit: Commit, done: &Path) {
    let mut waiting = Vec::new();
    loop {
        waiting.extend(member.poll(Duration::from_millis(100)).await.expect("a member"));
        while waiting.len() >= TEN {
            let ten: Vec<ConsumedRecord> = waiting.drain(..TEN).collect();
            let last = ten.last().expect("ten");
            let behind = Committed { offset: last.offset + 1, leader_epoch: -1, metadata: String::new() };
            let behind = BTreeMap::from([(last.partition.clone(), behind)]);
            if commit == Commit::Before {
                member.commit_offsets(behind.clone()).await.expect("a member");
            }
            for record in &ten {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let mut file = OpenOptions::new().append(true).create(true).open(done).expect("a file");
                file.write_all(format!("{}\n", number(record)).as_bytes()).expect("a line");
            }
            if commit == Commit::After {
                member.commit_offsets(behind).await.expect("a member");
            }
        }
    }
}

/// A running consumer process.
struct Process {
    process: Child,
    done: PathBuf,
}

impl Process {
    fn start(node: &Node, commit: Commit, instance: &str, done: PathBuf) -> Process {
        let when = if commit == Commit::Before { "before" } else { "after" };
        let told = format!("{}|{when}|{instance}|{}", node.port, done.display());
        let process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "clients::crash::consumer_process", "--test-threads=1"])
            .env(VARIABLE, told)
            .stdout(Stdio::null())
            .spawn()
            .expect("it runs");
        Process { process, done }
    }

    /// What it has processed so far.
    fn done(&self) -> Vec<i32> {
        let lines = std::fs::read_to_string(&self.done).unwrap_or_default();
        lines.lines().map(|line| line.parse().expect("a number")).collect()
    }

    fn wait_for(&self, count: usize) {
        let end = Instant::now() + PATIENCE;
        while self.done().len() < count {
            assert!(Instant::now() < end, "{:?}", self.done());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// `kill -9`; returns what it has processed.
    fn kill(mut self) -> Vec<i32> {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it is gone");
        self.done()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn committed(node: &Node) -> i64 {
    let offsets = committed_offsets(&cluster(node.port), "g").await.expect("a group");
    offsets.values().map(|committed| committed.offset).sum()
}

/// Runs a consumer until it is killed in the middle of a ten, and another one to the end; returns what each has
/// processed, and where the group was between them.
async fn crash(commit: Commit) -> (Vec<i32>, i64, Vec<i32>) {
    let (dir, node) = dev();
    create(&cluster(node.port), "crash", 1).await;
    write_numbers(&cluster(node.port), "crash", 1, RECORDS).await;
    // With a name the second is taken for the first, come back: nobody has to wait for the end of its session.
    let first = Process::start(&node, commit, "one", dir.path().join("first"));
    first.wait_for(KILLED_AFTER);
    let first = first.kill();
    assert!((KILLED_AFTER..KILLED_AFTER + 6).contains(&first.len()), "in the middle: {}", first.len());
    assert!(first.iter().copied().eq(0..first.len() as i32));
    let committed = committed(&node).await;
    let second = Process::start(&node, commit, "one", dir.path().join("second"));
    second.wait_for(RECORDS as usize - committed as usize);
    (first, committed, second.kill())
}

#[tokio::test]
async fn commit_before_processing_loses() {
    let (first, committed, second) = crash(Commit::Before).await;
    assert_eq!(committed, 30, "the ten in whose middle it died was committed");
    assert!(second.iter().copied().eq(30..RECORDS), "goes on at the committed offset");
    let lost = RECORDS as usize - first.len() - second.len();
    assert_eq!(lost, 30 - first.len(), "what it had not done of its ten");
    assert!(lost > 0);
}

#[tokio::test]
async fn commit_after_processing_repeats() {
    let (first, committed, second) = crash(Commit::After).await;
    assert_eq!(committed, 20, "the ten in whose middle it died was not committed");
    assert!(second.iter().copied().eq(20..RECORDS), "goes on at the committed offset");
    let repeated = first.len() + second.len() - RECORDS as usize;
    assert_eq!(repeated, first.len() - 20, "what it had done of its ten");
    assert!(repeated > 0);
}

#[tokio::test]
async fn another_member_takes_over_when_the_session_is_over() {
    let (dir, node) = dev();
    create(&cluster(node.port), "crash", 1).await;
    write_numbers(&cluster(node.port), "crash", 1, RECORDS).await;
    let first = Process::start(&node, Commit::After, "", dir.path().join("first"));
    first.wait_for(KILLED_AFTER);
    let options = GroupOptions { session_timeout: Duration::from_secs(6), ..GroupOptions::new("g") };
    let mut idle = member_of(cluster(node.port), options, "crash");
    let killed = Instant::now();
    let first = first.kill();
    let read = poll_until(&mut [&mut idle], |members, read| {
        counts(members) == Some(vec![1]) && read.contains_key(&(RECORDS - 1))
    })
    .await;
    assert!(killed.elapsed() > Duration::from_secs(3), "a killed member is waited for");
    let resumed_at = read.keys().next().copied().expect("records");
    assert_eq!(resumed_at, first.len() as i32 / 10 * 10, "at the committed offset");
    assert!(read.keys().copied().eq(resumed_at..RECORDS) && read.values().all(|times| *times == 1));
}
