//! What each request does, each API in the one version of [`api`].

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::partition::Partition;
use crate::words::{Put, Take, api, malformed};

type Topic = Arc<Vec<Partition>>;

pub struct Broker {
    dir: PathBuf,
    port: i32,
    topics: RwLock<HashMap<String, Topic>>,
    made: Mutex<u64>,
}

/// Where an answer is.
pub enum Reply {
    /// In the buffer, to be sent with others.
    Put,
    /// On its way, with everything that was in the buffer.
    Sent,
}

impl Broker {
    pub fn new(dir: PathBuf, port: i32) -> Broker {
        Broker { dir, port, topics: RwLock::default(), made: Mutex::new(0) }
    }

    fn topic(&self, name: &str) -> io::Result<Topic> {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        topics.get(name).cloned().ok_or_else(malformed)
    }

    fn create(&self, name: &str, partitions: i32) -> io::Result<()> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut topic = Vec::new();
        for _ in 0..partitions {
            *made += 1;
            topic.push(Partition::create(&self.dir.join(made.to_string()))?);
        }
        drop(made);
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.insert(name.to_owned(), Arc::new(topic));
        Ok(())
    }
}

/// Answers one frame, which begins behind its length. Batches in it are stamped in place.
pub fn answer(
    broker: &Broker,
    frame: &mut [u8],
    out: &mut Vec<u8>,
    socket: &mut TcpStream,
) -> io::Result<Reply> {
    let mut take = Take(frame);
    let api = (take.i16()?, take.i16()?);
    let correlation_id = take.i32()?;
    take.text()?;
    let body = frame.len() - take.0.len();
    let start = out.len();
    let mut put = Put(std::mem::take(out));
    put.i32(0).i32(correlation_id);
    match api {
        api::PRODUCE => produce(broker, &mut frame[body..], &mut put)?,
        api::FETCH => {
            fetch(broker, &mut Take(&frame[body..]), put, start, socket)?;
            return Ok(Reply::Sent);
        }
        api::API_VERSIONS => versions(&mut put),
        api::METADATA => metadata(broker, &mut Take(&frame[body..]), &mut put)?,
        api::CREATE_TOPICS => create_topics(broker, &mut Take(&frame[body..]), &mut put)?,
        api::DELETE_TOPICS => delete_topics(broker, &mut Take(&frame[body..]), &mut put)?,
        _ => return Err(malformed()),
    }
    *out = put.0;
    set_size(out, start, 0);
    Ok(Reply::Put)
}

/// Writes the length of the answer that begins at `start`, with so many bytes behind the buffer.
fn set_size(out: &mut [u8], start: usize, behind: usize) {
    let size = (out.len() - start - 4 + behind) as u32;
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

fn produce(broker: &Broker, body: &mut [u8], put: &mut Put) -> io::Result<()> {
    let whole = body.len();
    let mut take = Take(body);
    // Transactional id, acks, timeout.
    take.skip("thi")?;
    let topics = take.len()?;
    put.i32(topics as i32);
    let mut at = whole - take.0.len();
    for _ in 0..topics {
        let mut take = Take(&body[at..]);
        let name = take.text()?;
        let (topic, partitions) = (broker.topic(name)?, take.len()?);
        put.text(name).i32(partitions as i32);
        at = whole - take.0.len();
        for _ in 0..partitions {
            let mut take = Take(&body[at..]);
            let (index, len) = (take.i32()?, take.len()?);
            at = whole - take.0.len();
            let batch = body.get_mut(at..at + len).ok_or_else(malformed)?;
            let partition = topic.get(index as usize).ok_or_else(malformed)?;
            let base_offset = partition.append(batch)?;
            put.i32(index).i16(0).i64(base_offset).i64(-1).i64(0);
            at += len;
        }
    }
    put.i32(0);
    Ok(())
}

/// One partition only.
fn fetch(
    broker: &Broker,
    take: &mut Take<'_>,
    mut put: Put,
    start: usize,
    socket: &mut TcpStream,
) -> io::Result<()> {
    // Replica; then least bytes, most bytes, isolation.
    take.skip("i")?;
    let max_wait = take.i32()?;
    take.skip("iib")?;
    take.skip("i")?;
    let name = take.text()?;
    take.skip("i")?;
    let (index, offset, max_bytes) = (take.i32()?, take.i64()?, take.len()?);
    let topic = broker.topic(name)?;
    let partition = topic.get(index as usize).ok_or_else(malformed)?;
    let slice = partition.find(offset, max_bytes, Duration::from_millis(max_wait.max(0) as u64));
    put.i32(0).i32(1).text(name).i32(1).i32(index).i16(0);
    put.i64(slice.end_offset).i64(slice.end_offset).i32(-1).i32(slice.len as i32);
    set_size(&mut put.0, start, slice.len);
    socket.write_all(&put.0)?;
    partition.send(&slice, socket)
}

fn versions(put: &mut Put) {
    let all =
        [api::PRODUCE, api::FETCH, api::METADATA, api::API_VERSIONS, api::CREATE_TOPICS, api::DELETE_TOPICS];
    put.i16(0).i32(all.len() as i32);
    for (key, version) in all {
        put.i16(key).i16(version).i16(version);
    }
}

fn metadata(broker: &Broker, take: &mut Take<'_>, put: &mut Put) -> io::Result<()> {
    let names: Vec<&str> = (0..take.len()?).map(|_| take.text()).collect::<io::Result<_>>()?;
    put.i32(1).i32(1).text("127.0.0.1").i32(broker.port).i16(-1).i32(1);
    put.i32(names.len() as i32);
    for name in names {
        let partitions = broker.topic(name)?.len() as i32;
        put.i16(0).text(name).i8(0).i32(partitions);
        for index in 0..partitions {
            // No error, index, leader, replicas, those in sync.
            put.i16(0).i32(index).i32(1).i32(1).i32(1).i32(1).i32(1);
        }
    }
    Ok(())
}

fn create_topics(broker: &Broker, take: &mut Take<'_>, put: &mut Put) -> io::Result<()> {
    let topics = take.len()?;
    put.i32(0).i32(topics as i32);
    for _ in 0..topics {
        let (name, partitions) = (take.text()?, take.i32()?);
        // Replicas, assignments; settings.
        take.skip("hi")?;
        for _ in 0..take.len()? {
            take.skip("tt")?;
        }
        broker.create(name, partitions)?;
        put.text(name).i16(0).i16(-1);
    }
    Ok(())
}

fn delete_topics(broker: &Broker, take: &mut Take<'_>, put: &mut Put) -> io::Result<()> {
    let names = take.len()?;
    put.i32(0).i32(names as i32);
    for _ in 0..names {
        let name = take.text()?;
        broker.topics.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        put.text(name).i16(0);
    }
    Ok(())
}
