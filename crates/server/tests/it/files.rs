//! Answers whose records lie in files.

use std::io::{self, IoSlice, Read};
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use klamm_base::rng::{Rng, SeededRng};
use klamm_log::DiskFile;
use klamm_log::disk::real::RealDisk;
use klamm_log::disk::{Disk, OpenMode};
use tempfile::TempDir;

use crate::harness::{Client, ECHO, FILE, MARK, Server, limits, request};

const FILE_BYTES: usize = 9_000_000;

/// Around the bound from which sendfile is used, tiny ones, and some that no socket buffer takes at once.
const SIZES: [usize; 8] = [1, 100, 131_071, 131_072, 131_073, 600_000, 2_000_000, 5_000_000];

fn file(dir: &Path) -> (Vec<u8>, Arc<dyn DiskFile>) {
    let mut rng = SeededRng::new(7);
    let content: Vec<u8> = (0..FILE_BYTES / 8).flat_map(|_| rng.next_u64().to_be_bytes()).collect();
    let file = RealDisk.open(&dir.join("00000000000000000000.log"), OpenMode::CreateOrOpen).expect("a file");
    file.write_at(&content, 0).expect("room on the disk");
    (content, file)
}

/// A request for parts of the file, and the answer to it.
fn parts(content: &[u8], rng: &mut SeededRng, sizes: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let (mut rest, mut answer) = (Vec::new(), Vec::new());
    for size in sizes {
        let position = rng.below((content.len() - size) as u64);
        rest.extend_from_slice(&position.to_be_bytes());
        rest.extend_from_slice(&(*size as u32).to_be_bytes());
        answer.extend_from_slice(MARK);
        answer.extend_from_slice(&content[position as usize..position as usize + size]);
    }
    answer.extend_from_slice(MARK);
    (request(FILE, 0, &rest), answer)
}

/// Answers of one to six parts of all sizes, pipelined.
fn expect_all_parts(client: &mut Client, content: &[u8], rounds: usize) {
    let mut rng = SeededRng::new(11);
    for _ in 0..rounds {
        let asked: Vec<_> = (0..4)
            .map(|_| {
                let count = 1 + rng.below(6);
                let sizes: Vec<_> =
                    (0..count).map(|_| SIZES[rng.below(SIZES.len() as u64) as usize]).collect();
                parts(content, &mut rng, &sizes)
            })
            .collect();
        let requests: Vec<_> = asked.iter().map(|(request, _)| &request[..]).collect();
        client.send(&requests.concat());
        for (_, answer) in &asked {
            assert!(client.answer() == *answer, "the parts come back as they are in the file");
        }
    }
}

#[test]
fn parts_of_files_leave_as_they_are() {
    let dir = TempDir::new().expect("a folder");
    let (content, file) = file(dir.path());
    let server = Server::with(limits(), Some(file));
    expect_all_parts(&mut server.connect(), &content, 8);
}

#[test]
fn a_file_without_a_descriptor_is_read() {
    let dir = TempDir::new().expect("a folder");
    let (content, file) = file(dir.path());
    let server = Server::with(limits(), Some(Arc::new(NoDescriptor(file))));
    expect_all_parts(&mut server.connect(), &content, 4);
}

#[test]
fn a_slow_reader_gets_everything() {
    let dir = TempDir::new().expect("a folder");
    let (content, file) = file(dir.path());
    let server = Server::with(limits(), Some(file));
    let mut client = server.connect();
    let mut rng = SeededRng::new(13);
    let (request, answer) = parts(&content, &mut rng, &[5_000_000, 100, 600_000]);
    client.send(&request);
    let mut got = Vec::new();
    let mut chunk = vec![0; 300_000];
    while got.len() < answer.len() + 4 {
        std::thread::sleep(Duration::from_millis(2));
        let read = client.socket.read(&mut chunk).expect("more is coming");
        assert!(read > 0, "closed after {} bytes", got.len());
        got.extend_from_slice(&chunk[..read]);
    }
    assert!(got[4..] == answer);
}

/// A reader that never reads holds no more than the socket's buffers, and others are served meanwhile.
#[test]
fn a_mute_reader_disturbs_nobody() {
    let dir = TempDir::new().expect("a folder");
    let (content, file) = file(dir.path());
    let server = Server::with(limits(), Some(file));
    let mut mute = server.connect();
    let mut rng = SeededRng::new(17);
    for _ in 0..200 {
        mute.send(&parts(&content, &mut rng, &[5_000_000, 60_000, 60_000]).0);
    }
    expect_all_parts(&mut server.connect(), &content, 2);
    let begun = server.stage.begun();
    assert!(begun < 8 + 64, "{begun} have begun; most requests of the mute reader wait in its socket");
}

#[test]
fn a_file_that_became_shorter_ends_the_connection() {
    let dir = TempDir::new().expect("a folder");
    let (content, file) = file(dir.path());
    let server = Server::with(limits(), Some(file.clone()));
    for size in [10_000_u32, 1_000_000] {
        let mut client = server.connect();
        let position = content.len() as u64 - u64::from(size) / 2;
        let rest = [&position.to_be_bytes()[..], &size.to_be_bytes()].concat();
        client.send(&[request(FILE, 0, &rest), request(ECHO, 0, b"after")].concat());
        assert_eq!(client.try_answer(), None, "no answer is made up");
    }
}

/// As the simulated disk has them.
struct NoDescriptor(Arc<dyn DiskFile>);

impl DiskFile for NoDescriptor {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buf, position)
    }

    fn write_vectored_at(&self, bufs: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        self.0.write_vectored_at(bufs, position)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
