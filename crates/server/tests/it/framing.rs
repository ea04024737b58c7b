//! From bytes to frames, however the bytes come.

use klamm_base::rng::{Rng, SeededRng};

use crate::harness::{ECHO, Server, limits, request};

#[test]
fn a_frame_may_come_byte_by_byte() {
    let server = Server::start();
    let mut client = server.connect();
    let frame = request(ECHO, 0, b"drop by drop");
    for byte in &frame {
        client.send(&[*byte]);
    }
    client.expect_echo(&frame);
}

#[test]
fn many_frames_may_come_at_once() {
    let server = Server::start();
    let mut client = server.connect();
    let frames: Vec<_> = (0..300).map(|number| request(ECHO, number, &[7; 50])).collect();
    client.send(&frames.concat());
    for frame in &frames {
        client.expect_echo(frame);
    }
}

/// Sizes around every bound of the receive buffers, cut into pieces of all sizes.
#[test]
fn frames_come_back_whole_however_they_are_cut() {
    let server = Server::start();
    let mut client = server.connect();
    let mut rng = SeededRng::new(20261121);
    let sizes = [4, 5, 4095, 4096, 4097, 65_535, 65_537, 262_143, 262_144, 262_145, 700_000, 3_000_000];
    let frames: Vec<_> = (0..60)
        .map(|number| {
            let size = sizes[rng.below(sizes.len() as u64) as usize];
            let rest: Vec<u8> = (4..size).map(|_| rng.next_u64() as u8).collect();
            request(ECHO, number, &rest)
        })
        .collect();
    let bytes = frames.concat();
    let mut sender = crate::harness::Client { socket: client.socket.try_clone().expect("a second handle") };
    let sending = std::thread::spawn(move || {
        let mut left = &bytes[..];
        while !left.is_empty() {
            let magnitude = rng.below(20);
            let cut = 1 + rng.below(1 << magnitude) as usize;
            let (now, later) = left.split_at(cut.min(left.len()));
            sender.send(now);
            left = later;
        }
    });
    for frame in &frames {
        client.expect_echo(frame);
    }
    sending.join().expect("all was sent");
}

#[test]
fn impossible_sizes_end_the_connection_after_the_answers_before() {
    let server = Server::start();
    let above = limits().frame_bytes_max as i32 + 1;
    for size in [0, -1, i32::MIN, above, i32::MAX] {
        let mut client = server.connect();
        let before = request(ECHO, 1, b"before");
        client.send(&before);
        client.send(&size.to_be_bytes());
        client.send(b"whatever follows");
        client.expect_echo(&before);
        client.expect_close();
    }
    assert_eq!(server.stage.begun(), 5, "only the requests before have begun");
}

#[test]
fn the_largest_frame_is_served() {
    let server = Server::start();
    let mut client = server.connect();
    let frame = request(ECHO, 0, &vec![3; limits().frame_bytes_max - 4]);
    client.send(&frame);
    client.expect_echo(&frame);
}

#[test]
fn half_a_frame_is_forgotten_with_its_client() {
    let server = Server::start();
    let frame = request(ECHO, 0, &[1; 1000]);
    for cut in [1, 3, 4, 5, 500, frame.len() - 1] {
        let mut client = server.connect();
        client.send(&frame[..cut]);
        server.until_connections(1);
        drop(client);
        server.until_connections(0);
    }
    assert_eq!(server.stage.begun(), 0);
}
