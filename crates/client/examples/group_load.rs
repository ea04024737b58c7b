//! Load on a group coordinator: one group of many members, or many groups of one member.
//!
//!     cargo run --release -p klamm-client --example group_load -- HOST:PORT members 500 [--pid BROKER]
//!     cargo run --release -p klamm-client --example group_load -- HOST:PORT groups 1000 [--pid BROKER]
//!
//! Every member is a client of its own, with its own connections. The time counts from the first member's start to
//! the moment at which every member has its share of the newest generation and every partition an owner. Then the
//! group is left alone for ten seconds, with its heartbeats, one record to each partition and one commit of each
//! member; and closed. With `--pid` (Linux) the broker's CPU time and memory are told with each step.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use klamm_client::admin::groups::{GroupFilter, list_groups};
use klamm_client::admin::topics::{CreatableTopic, create_topics, delete_topics};
use klamm_client::consumer::{OffsetReset, OffsetSpec};
use klamm_client::group::{GroupConsumer, GroupOptions, Subscription};
use klamm_client::producer::{Producer, ProducerOptions, RecordRef};
use klamm_client::{Address, Cluster, ClusterOptions, Consumer, ConsumerOptions, SeededRng};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How long a group is left alone.
const QUIET: Duration = Duration::from_secs(10);
/// Nobody waits longer for a stable group.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is asked of the program.
struct Load {
    server: String,
    /// Groups, and members of each.
    groups: usize,
    members: usize,
    pid: Option<u32>,
}

/// What a member has come to, for the one who watches.
#[derive(Clone, Copy, Default)]
struct State {
    generation_id: i32,
    partitions: usize,
    read: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let load = parse(&arguments).ok_or("usage: group_load HOST:PORT members|groups COUNT [--pid BROKER]")?;
    tokio::task::LocalSet::new().run_until(run(load)).await
}

fn parse(arguments: &[String]) -> Option<Load> {
    let (server, kind, count, rest) = match arguments {
        [server, kind, count, rest @ ..] => (server.clone(), kind.as_str(), count.parse().ok()?, rest),
        _ => return None,
    };
    let pid = match rest {
        [] => None,
        [flag, pid] if flag == "--pid" => Some(pid.parse().ok()?),
        _ => return None,
    };
    match kind {
        "members" => Some(Load { server, groups: 1, members: count, pid }),
        "groups" => Some(Load { server, groups: count, members: 1, pid }),
        _ => None,
    }
}

async fn run(load: Load) -> Outcome<()> {
    let topic = format!("group-load-{}", std::process::id());
    let partitions = load.members.max(3);
    let admin = connect(&load.server)?;
    create_topic(&admin, &topic, partitions).await?;
    let mut watch = Stopwatch::new(load.pid);
    let mut members = Vec::new();
    for group in 0..load.groups {
        for _ in 0..load.members {
            let member = member(&load.server, &format!("{topic}-{group}"), &topic)?;
            members.push(Member::start(member));
        }
    }
    wait_until_stable(&mut members, load.groups * partitions).await?;
    watch.tell("stable");
    let listed = list_groups(&admin, &GroupFilter::default()).await?;
    let mut ours = 0;
    for (_, groups) in listed {
        ours += groups?.iter().filter(|group| group.group_id.starts_with(&topic)).count();
    }
    send_to_all(&admin, &topic, partitions).await?;
    tokio::time::sleep(QUIET).await;
    watch.tell("ten quiet seconds");
    let read: usize = members.iter().map(|member| member.state.get().read).sum();
    let generations = members.iter().map(|member| member.state.get().generation_id).max().unwrap_or(0);
    for member in &members {
        member.stop.notify_one();
    }
    for member in members {
        member.task.await??;
    }
    watch.tell("all have left");
    let expected = load.groups * partitions;
    println!(
        "groups listed {ours} of {}, records read {read} of {expected}, generation {generations}",
        load.groups
    );
    delete_topics(&admin, &[topic]).await?;
    Ok(())
}

fn connect(server: &str) -> Outcome<Cluster> {
    let addresses = Address::parse_list(server).map_err(|wrong| format!("not an address: {}", wrong.text))?;
    Ok(Cluster::new(ClusterOptions::new(addresses)))
}

async fn create_topic(admin: &Cluster, name: &str, partitions: usize) -> Outcome<()> {
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: i32::try_from(partitions)?,
        replication_factor: -1,
        ..CreatableTopic::default()
    };
    for created in create_topics(admin, vec![topic], false).await?.into_values() {
        created?;
    }
    Ok(())
}

fn member(server: &str, group: &str, topic: &str) -> Outcome<GroupConsumer> {
    // Idle readers ask seldom: what is measured is the coordinator.
    let options = ConsumerOptions {
        offset_reset: OffsetReset::To(OffsetSpec::Earliest),
        fetch_max_wait: Duration::from_secs(5),
        ..ConsumerOptions::default()
    };
    let consumer = Consumer::new(connect(server)?, options);
    let topics = Subscription::Topics(BTreeSet::from([topic.to_owned()]));
    Ok(GroupConsumer::new(consumer, GroupOptions::new(group), topics))
}

/// A member at work.
struct Member {
    state: Rc<Cell<State>>,
    stop: Rc<tokio::sync::Notify>,
    task: tokio::task::JoinHandle<Result<(), klamm_client::ClientFault>>,
}

impl Member {
    fn start(mut consumer: GroupConsumer) -> Member {
        let (state, stop) = (Rc::new(Cell::new(State::default())), Rc::new(tokio::sync::Notify::new()));
        let (told, stopped) = (state.clone(), stop.clone());
        let task = tokio::task::spawn_local(async move {
            loop {
                let records = tokio::select! {
                    records = consumer.poll(Duration::from_secs(1)) => records?,
                    () = stopped.notified() => return consumer.close().await,
                };
                let mut state = told.get();
                state.generation_id = consumer.generation_id();
                state.partitions = consumer.member_id().map_or(0, |_| consumer.assignment().len());
                state.read += records.len();
                told.set(state);
            }
        });
        Member { state, stop, task }
    }
}

/// Every member in the newest generation, every partition with an owner.
fn is_stable(members: &[Member], partitions: usize) -> bool {
    let states = members.iter().map(|member| member.state.get());
    let newest = states.clone().map(|state| state.generation_id).max();
    let is_newest = |state: State| Some(state.generation_id) == newest && state.generation_id > 0;
    states.clone().all(is_newest) && states.map(|state| state.partitions).sum::<usize>() == partitions
}

async fn wait_until_stable(members: &mut [Member], partitions: usize) -> Outcome<()> {
    let started = Instant::now();
    while !is_stable(members, partitions) {
        if let Some(ended) = members.iter_mut().find(|member| member.task.is_finished()) {
            (&mut ended.task).await??;
        }
        if started.elapsed() > PATIENCE {
            let stable = members.iter().filter(|member| member.state.get().generation_id > 0).count();
            return Err(format!("{stable} of {} are members after {PATIENCE:?}", members.len()).into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn send_to_all(admin: &Cluster, topic: &str, partitions: usize) -> Outcome<()> {
    let producer = Producer::new(admin.clone(), ProducerOptions::default(), Box::new(SeededRng::new(1)));
    let record =
        |partition| RecordRef { partition: Some(partition), value: Some(b"x"), ..RecordRef::default() };
    let records: Vec<RecordRef<'_>> = (0..i32::try_from(partitions)?).map(record).collect();
    match producer.send_all(topic, &records).await?.failed().await.into_iter().next() {
        Some((_, fault)) => Err(fault.into()),
        None => Ok(()),
    }
}

/// Time, and what the broker has spent in it.
struct Stopwatch {
    pid: Option<u32>,
    since: Instant,
    cpu: Duration,
}

impl Stopwatch {
    fn new(pid: Option<u32>) -> Stopwatch {
        Stopwatch { pid, since: Instant::now(), cpu: pid.and_then(cpu_time).unwrap_or_default() }
    }

    /// Says what a step took, and begins the next one.
    fn tell(&mut self, step: &str) {
        print!("{step:<18} {:7.2} s", self.since.elapsed().as_secs_f64());
        if let Some((pid, cpu)) = self.pid.and_then(|pid| Some((pid, cpu_time(pid)?))) {
            let spent = cpu.saturating_sub(self.cpu).as_secs_f64();
            print!("   broker: {spent:6.2} s CPU, {} MiB resident", resident_mib(pid).unwrap_or(0));
            self.cpu = cpu;
        }
        println!();
        self.since = Instant::now();
    }
}

/// User and system time of a process, in ticks of 10 ms (`proc_pid_stat(5)`).
fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn resident_mib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}
