//! One connection: requests out, answers in, in order.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::words::{Put, Take, api, malformed};

/// Longer than anything here takes: a server that hangs must not hang its benchmark.
const PATIENCE: Duration = Duration::from_secs(30);
const CLIENT: &str = "bench";

pub struct Connection {
    pub socket: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(port: u16) -> io::Result<Connection> {
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection { socket, buffer: Vec::new() })
    }

    pub fn twin(&self) -> io::Result<Connection> {
        Ok(Connection { socket: self.socket.try_clone()?, buffer: Vec::new() })
    }

    pub fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.socket.write_all(frame)
    }

    /// The next answer, behind its correlation id.
    pub fn receive(&mut self) -> io::Result<Take<'_>> {
        let mut len = [0; 4];
        self.socket.read_exact(&mut len)?;
        self.buffer.resize(u32::from_be_bytes(len) as usize, 0);
        self.socket.read_exact(&mut self.buffer)?;
        Ok(Take(self.buffer.get(4..).ok_or_else(malformed)?))
    }

    pub fn ask(&mut self, frame: &[u8]) -> io::Result<Take<'_>> {
        self.send(frame)?;
        self.receive()
    }

    /// The next answer to a Produce.
    pub fn produced(&mut self) -> io::Result<()> {
        let mut take = self.receive()?;
        for _ in 0..take.len()? {
            take.text()?;
            for _ in 0..take.len()? {
                // Index; then offset, time, log start.
                take.i32()?;
                check(take.i16()?)?;
                take.skip("qqq")?;
            }
        }
        Ok(())
    }

    /// The length of the answer to a Fetch, its records left unread in the socket.
    pub fn fetched(&mut self) -> io::Result<usize> {
        let mut head = [0; 8 + 4 + 4 + 2];
        self.socket.read_exact(&mut head)?;
        let name = Take(&head[16..]).i16()?;
        // One topic, one partition, aborted transactions none.
        self.buffer.resize(name as usize + 4 + 4 + 2 + 8 + 8 + 4 + 4, 0);
        self.socket.read_exact(&mut self.buffer)?;
        let mut take = Take(&self.buffer[name as usize + 8..]);
        check(take.i16()?)?;
        take.skip("qqi")?;
        take.len()
    }

    /// Makes a topic and waits until all of it can be written.
    pub fn create(&mut self, topic: &str, partitions: usize) -> io::Result<()> {
        let mut put = request(api::CREATE_TOPICS);
        put.i32(1).text(topic).i32(partitions as i32).i16(1).i32(0);
        // What is deleted goes at once: a benchmark's records are nobody's.
        put.i32(1).text("file.delete.delay.ms").text("0");
        put.i32(30_000).i8(0);
        let mut take = self.ask(&framed(put))?;
        take.skip("iit")?;
        check(take.i16()?)?;
        let mut put = request(api::METADATA);
        put.i32(1).text(topic);
        let ask = framed(put);
        while led_partitions(&mut self.ask(&ask)?)? < partitions {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub fn delete(&mut self, topic: &str) -> io::Result<()> {
        let mut put = request(api::DELETE_TOPICS);
        put.i32(1).text(topic).i32(30_000);
        let mut take = self.ask(&framed(put))?;
        take.skip("iit")?;
        check(take.i16()?)
    }
}

fn check(code: i16) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::other(format!("answered with error code {code}"))),
    }
}

fn led_partitions(take: &mut Take<'_>) -> io::Result<usize> {
    for _ in 0..take.len()? {
        take.skip("itit")?;
    }
    take.i32()?;
    let mut led = 0;
    for _ in 0..take.len()? {
        take.skip("htb")?;
        for _ in 0..take.len()? {
            let (code, _, leader) = (take.i16()?, take.i32()?, take.i32()?);
            led += usize::from(code == 0 && leader >= 0);
            for _ in 0..2 {
                let replicas = take.len()?;
                take.bytes(4 * replicas)?;
            }
        }
    }
    Ok(led)
}

/// A request up to its body.
pub fn request((key, version): (i16, i16)) -> Put {
    let mut put = Put::default();
    put.i32(0).i16(key).i16(version).i32(0).text(CLIENT);
    put
}

/// The request as it is sent.
pub fn framed(put: Put) -> Vec<u8> {
    let mut frame = put.0;
    let len = (frame.len() - 4) as u32;
    frame[..4].copy_from_slice(&len.to_be_bytes());
    frame
}

/// One batch to each of some partitions of a topic.
pub fn produce(topic: &str, partitions: std::ops::Range<usize>, batch: &[u8]) -> Vec<u8> {
    let mut put = request(api::PRODUCE);
    // No transaction, all replicas.
    put.i16(-1).i16(-1).i32(30_000).i32(1).text(topic).i32(partitions.len() as i32);
    for partition in partitions {
        put.i32(partition as i32).i32(batch.len() as i32).bytes(batch);
    }
    framed(put)
}

pub fn fetch(topic: &str, partition: usize, offset: i64, max_bytes: i32) -> Vec<u8> {
    let mut put = request(api::FETCH);
    // A client, half a second, one byte at least, read_uncommitted.
    put.i32(-1).i32(500).i32(1).i32(max_bytes).i8(0);
    put.i32(1).text(topic).i32(1).i32(partition as i32).i64(offset).i32(max_bytes);
    framed(put)
}

pub fn ping() -> Vec<u8> {
    framed(request(api::API_VERSIONS))
}
