//! Clients that take too long.

use std::time::{Duration, Instant};

use crate::harness::{ECHO, Server, WAITING, limits, request};

const SHORT: Duration = Duration::from_millis(300);
const PAUSE: Duration = Duration::from_millis(20);

#[test]
fn a_first_request_that_does_not_come_ends_the_connection() {
    let mut bounds = limits();
    bounds.first_request_max = SHORT;
    let server = Server::with(bounds, None);
    let (mut silent, mut dribbling, mut honest) = (server.connect(), server.connect(), server.connect());
    let frame = request(ECHO, 0, b"in time");
    honest.send(&frame);
    honest.expect_echo(&frame);
    dribbling.send(&frame[..frame.len() - 1]);
    silent.expect_close();
    dribbling.expect_close();
    std::thread::sleep(SHORT);
    honest.send(&frame);
    honest.expect_echo(&frame);
}

#[test]
fn a_request_that_dribbles_ends_its_connection() {
    let mut bounds = limits();
    bounds.frame_max = SHORT;
    bounds.frame_bytes_per_second = 1000;
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frame = request(ECHO, 0, &[7; 5000]);
    client.send(&frame);
    client.expect_echo(&frame);
    let start = Instant::now();
    let ended = frame.iter().position(|byte| {
        std::thread::sleep(PAUSE);
        std::io::Write::write_all(&mut client.socket, &[*byte]).is_err()
    });
    let (ended, after) = (ended.expect("closed before the end"), start.elapsed());
    assert!(after >= SHORT && ended < 1000, "{ended} bytes were taken in {after:?}");
}

#[test]
fn a_large_request_has_the_time_its_bytes_need() {
    let mut bounds = limits();
    bounds.frame_max = SHORT;
    bounds.frame_bytes_per_second = 10_000;
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frame = request(ECHO, 0, &[7; 100_000]);
    let start = Instant::now();
    for part in frame.chunks(2_000) {
        client.send(part);
        std::thread::sleep(PAUSE);
    }
    assert!(start.elapsed() > 2 * SHORT);
    client.expect_echo(&frame);
}

#[test]
fn answers_that_are_not_taken_end_the_connection() {
    let mut bounds = limits();
    bounds.send_stall_max = SHORT;
    let server = Server::with(bounds, None);
    let mut mute = server.connect();
    let frame = request(ECHO, 0, &vec![7; 4_000_000]);
    // More than the buffers of both sides take.
    for _ in 0..6 {
        mute.socket.set_write_timeout(Some(SHORT / 3)).expect("a TCP socket");
        if std::io::Write::write_all(&mut mute.socket, &frame).is_err() {
            break;
        }
    }
    server.until_connections(0);
}

#[test]
fn being_answered_for_long_is_not_the_clients_fault() {
    let mut bounds = limits();
    (bounds.first_request_max, bounds.frame_max, bounds.send_stall_max) = (SHORT, SHORT, SHORT);
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frames = [request(WAITING, 0, b"long poll"), request(ECHO, 0, b"next")];
    client.send(&frames.concat());
    server.stage.until_begun(1);
    std::thread::sleep(3 * SHORT);
    server.stage.open(0);
    client.expect_echo(&frames[0]);
    client.expect_echo(&frames[1]);
}
