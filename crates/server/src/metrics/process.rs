//! What the system knows of the process: processor time, memory, descriptors, disk (Prometheus' `process_*`; Kafka:
//! `LinuxIoMetricsCollector`). From /proc; elsewhere there are no such figures.

use std::collections::BTreeMap;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use klamm_base::Mono;

use super::text::Text;

/// Threads whose idle time is told; a number follows.
const SHARD_THREAD: &str = "klamm-shard-";
/// Of /proc (`USER_HZ`), on every machine that matters.
const TICKS_PER_SECOND: f64 = 100.0;
/// Of /proc/self/io, which Kafka shows too.
const DISK: [&str; 7] =
    ["rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes", "cancelled_write_bytes"];
/// Idle times are those since a look so long ago.
const APART_MS: i64 = 1_000;

/// What was found at the last look.
#[derive(Debug, Default)]
pub struct Process {
    /// When the process began, in seconds since 1970.
    start_seconds: Option<f64>,
    looked: Mono,
    /// Nanoseconds that each shard's thread has run.
    shards_ran: BTreeMap<usize, u64>,
    shards_idle: Vec<f64>,
}

/// One look. What is not known is left out.
#[derive(Debug, Default)]
pub struct Look {
    pub start_seconds: Option<f64>,
    /// Parts of the time between two looks, by shard.
    pub shards_idle: Vec<f64>,
    cpu_seconds: Option<f64>,
    resident_bytes: Option<u64>,
    virtual_bytes: Option<u64>,
    open_fds: Option<usize>,
    max_fds: Option<u64>,
    /// What /proc calls them, and how much.
    disk: Vec<(&'static str, u64)>,
}

impl Process {
    pub fn look(&mut self, now: Mono) -> Look {
        if self.shards_ran.is_empty() || now.ms_since(self.looked) >= APART_MS {
            self.look_at_shards(now);
        }
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The name before it may hold blanks.
        let stat: Vec<&str> = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ').collect();
        let number = |at: usize| stat.get(at).and_then(|text| text.parse::<u64>().ok());
        let seconds = |ticks: u64| ticks as f64 / TICKS_PER_SECOND;
        if self.start_seconds.is_none() {
            self.start_seconds = number(19).and_then(|ticks| Some(boot_seconds()? + seconds(ticks)));
        }
        let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Look {
            start_seconds: self.start_seconds,
            shards_idle: self.shards_idle.clone(),
            cpu_seconds: number(11).zip(number(12)).map(|(user, system)| seconds(user + system)),
            resident_bytes: kilobytes(&status, "VmRSS:"),
            virtual_bytes: kilobytes(&status, "VmSize:"),
            open_fds: fs::read_dir("/proc/self/fd").ok().map(Iterator::count),
            max_fds: rustix::process::getrlimit(rustix::process::Resource::Nofile).current,
            disk: DISK.iter().filter_map(|name| Some((*name, field(&io, name)?))).collect(),
        }
    }

    fn look_at_shards(&mut self, now: Mono) {
        let ran = shards_ran();
        let passed = now.micros_since(self.looked) as f64 * 1_000.0;
        let idle = |(shard, ran): (&usize, &u64)| {
            let before = self.shards_ran.get(shard).copied().unwrap_or(0);
            (1.0 - ran.saturating_sub(before) as f64 / passed.max(1.0)).clamp(0.0, 1.0)
        };
        self.shards_idle = ran.iter().map(idle).collect();
        (self.looked, self.shards_ran) = (now, ran);
    }
}

/// By number of the shard.
fn shards_ran() -> BTreeMap<usize, u64> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of_task = |task: fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let shard = name.trim_end().strip_prefix(SHARD_THREAD)?.parse().ok()?;
        let times = fs::read_to_string(task.path().join("schedstat")).ok()?;
        Some((shard, times.split(' ').next()?.parse().ok()?))
    };
    tasks.filter_map(of_task).collect()
}

/// When the machine began, in seconds since 1970.
fn boot_seconds() -> Option<f64> {
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let up: f64 = uptime.split(' ').next()?.parse().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(now.as_secs_f64() - up)
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.trim().parse().ok())
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

pub fn write(text: &mut Text, look: &Look, with_kafkas: bool) {
    if let Some(seconds) = look.cpu_seconds {
        text.counter("process_cpu_seconds", "Processor time in seconds.").add(&[], seconds);
    }
    let mut gauge = |name: &str, help: &str, value: Option<f64>| {
        if let Some(value) = value {
            text.number(name, help, value);
        }
    };
    let number = |value: Option<u64>| value.map(|value| value as f64);
    gauge("process_resident_memory_bytes", "Resident memory.", number(look.resident_bytes));
    gauge("process_virtual_memory_bytes", "Address space.", number(look.virtual_bytes));
    gauge("process_open_fds", "Open descriptors.", look.open_fds.map(|fds| fds as f64));
    gauge("process_max_fds", "Descriptors that may be open.", number(look.max_fds));
    gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", look.start_seconds);
    if with_kafkas {
        for (name, value) in &look.disk {
            let name = format!("kafka_server_kafkaserver_linux_disk_{name}");
            gauge(&name, "What /proc/self/io says.", Some(*value as f64));
        }
        let ms = look.start_seconds.map(|seconds| (seconds * 1_000.0).round());
        gauge("kafka_server_app_info_start_time_ms", "When the process began, in ms since 1970.", ms);
    }
    let mut info = text.gauge("klamm_build_info", "The version of Klamm, and of Kafka that it stands for.");
    info.add(&[("kafka", "4.4.0"), ("version", env!("CARGO_PKG_VERSION"))], 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_knows_this_process() {
        let mut process = Process::default();
        let look = process.look(Mono(5_000_000));
        assert!(look.resident_bytes.is_some_and(|bytes| bytes > 100_000), "{look:?}");
        assert!(look.cpu_seconds.is_some() && look.open_fds.is_some_and(|fds| fds >= 3), "{look:?}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
        assert!(
            look.start_seconds.is_some_and(|start| start <= now + 1.0 && start > now - 3_600.0),
            "{look:?}"
        );
        assert_eq!(field("rchar: 7\nread_bytes: 12\n", "read_bytes"), Some(12));
    }

    #[test]
    fn idle_is_what_a_thread_did_not_run() {
        let mut process = Process::default();
        process.look(Mono(0));
        process.shards_ran = BTreeMap::from([(0, 0)]);
        let spin = std::thread::Builder::new().name(format!("{SHARD_THREAD}0"));
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = spin.spawn(move || stopped.recv().is_err()).expect("a thread");
        while shards_ran().is_empty() {
            std::thread::yield_now();
        }
        assert!(process.look(Mono(3_600_000_000)).shards_idle[0] > 0.9);
        drop(stop);
        assert!(thread.join().expect("it ends"));
    }
}
