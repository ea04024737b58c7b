//! A broker that means ill: whatever it answers, the client ends with a fault, soon and in little memory.

use std::time::{Duration, Instant};

use bytes::Bytes;
use klamm_base::rng::{Rng, SeededRng};
use klamm_client::admin::groups::committed_offsets;
use klamm_client::admin::topics::{describe_topics, list_topics};
use klamm_client::consumer::{ConsumerOptions, StartAt};
use klamm_client::{Address, Cluster, ClusterOptions, Consumer, TopicPartition};
use klamm_wire::ApiKey;
use tokio::io::AsyncWriteExt;

use crate::broker::{Broker, Reply};

fn impatient(broker: &Broker) -> Cluster {
    let mut options = broker.cluster().options().clone();
    options.api_timeout = Duration::from_millis(200);
    options.connection.request_timeout = Duration::from_millis(200);
    options.connection.setup_timeout = Duration::from_millis(200);
    Cluster::new(options)
}

/// Bytes that look like an answer now and then: few values, among them the largest counts.
fn noise(rng: &mut SeededRng) -> Bytes {
    let values = [0, 0, 0, 1, 2, 0x7f, 0x80, 0xff, b't'];
    let length = rng.next_u64() % 200;
    let byte = |rng: &mut SeededRng| values[(rng.next_u64() % values.len() as u64) as usize];
    (0..length).map(|_| byte(rng)).collect::<Vec<u8>>().into()
}

#[tokio::test]
async fn noise_is_no_answer_and_no_panic() {
    for seed in 0..60 {
        let mut rng = SeededRng::new(seed);
        // Some of the brokers begin well.
        let is_polite = seed % 3 > 0;
        let broker = Broker::start(&[("t", 1)], move |asked| {
            let usual = [ApiKey::ApiVersions, ApiKey::Metadata, ApiKey::FindCoordinator];
            let is_usual = is_polite && usual.contains(&asked.api) && !rng.next_u64().is_multiple_of(4);
            (!is_usual).then(|| Reply::Answer(noise(&mut rng)))
        })
        .await;
        let cluster = impatient(&broker);
        let started = Instant::now();
        let _ = list_topics(&cluster).await;
        let _ = describe_topics(&cluster, &["t".to_owned()], 10).await;
        let _ = committed_offsets(&cluster, "g").await;
        let mut consumer = Consumer::new(cluster, ConsumerOptions::default());
        consumer.assign([(TopicPartition::new("t", 0), StartAt::Offset(0))]);
        let read = consumer.poll(Duration::from_millis(100)).await;
        assert!(read.is_err() || read.is_ok_and(|records| records.len() < 1000));
        assert!(started.elapsed() < Duration::from_secs(10), "seed {seed}");
    }
}

/// An answer that is announced and never comes costs what has come.
#[tokio::test]
async fn an_announced_gigabyte_is_not_taken() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = Address::new("127.0.0.1", listener.local_addr().expect("an address").port());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            // The largest that is read at all, and one more.
            let size = if kept.is_empty() { 1 << 30 } else { i32::MAX };
            stream.write_all(&i32::to_be_bytes(size)).await.expect("a connection");
            kept.push(stream);
        }
    });
    let before = resident_kib();
    let mut options = ClusterOptions::new(vec![address]);
    options.api_timeout = Duration::from_millis(400);
    options.connection.setup_timeout = Duration::from_millis(150);
    let fault = list_topics(&Cluster::new(options)).await.expect_err("no answer");
    assert!(fault.is_retriable(), "{fault}");
    assert!(resident_kib() < before + (64 << 10), "memory follows what arrives");
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
