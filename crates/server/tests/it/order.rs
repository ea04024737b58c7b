//! When requests begin, and in which order their answers leave.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::harness::{CLOSE, ECHO, OVERLAPPING, PANIC, QUIET, Server, THROTTLED, WAITING, limits, request};

#[test]
fn overlapping_requests_begin_at_once_and_are_answered_in_order() {
    let server = Server::start();
    let mut client = server.connect();
    let frames: Vec<_> = (0..5).map(|gate| request(OVERLAPPING, gate, b"batch")).collect();
    client.send(&frames.concat());
    server.stage.until_begun(5);
    for gate in [4, 3, 2, 1] {
        server.stage.open(gate);
    }
    client.expect_silence();
    server.stage.open(0);
    for frame in &frames {
        client.expect_echo(frame);
    }
}

#[test]
fn requests_that_arrive_together_share_a_turn() {
    let server = Server::start();
    let mut client = server.connect();
    (0..5).for_each(|gate| server.stage.open(gate));
    let frames: Vec<_> = (0..5).map(|gate| request(OVERLAPPING, gate, b"batch")).collect();
    client.send(&frames.concat());
    for frame in &frames {
        client.expect_echo(frame);
    }
    assert_eq!(server.stage.turns.load(Ordering::SeqCst), 1);
}

#[test]
fn other_requests_begin_one_after_the_other() {
    let server = Server::start();
    let mut client = server.connect();
    let frames = [request(WAITING, 1, b""), request(ECHO, 0, b"after"), request(OVERLAPPING, 2, b"last")];
    client.send(&frames.concat());
    server.stage.until_begun(1);
    client.expect_silence();
    assert_eq!(server.stage.begun(), 1);
    server.stage.open(2);
    server.stage.open(1);
    for frame in &frames {
        client.expect_echo(frame);
    }
}

#[test]
fn nothing_begins_beside_a_request_that_stands_alone() {
    let server = Server::start();
    let mut client = server.connect();
    let frames = [request(OVERLAPPING, 1, b"a"), request(ECHO, 0, b"b"), request(OVERLAPPING, 2, b"c")];
    client.send(&frames.concat());
    server.stage.until_begun(1);
    client.expect_silence();
    assert_eq!(server.stage.begun(), 1, "the echo waits, and nothing overtakes it");
    server.stage.open(1);
    client.expect_echo(&frames[0]);
    client.expect_echo(&frames[1]);
    server.stage.open(2);
    client.expect_echo(&frames[2]);
}

#[test]
fn requests_in_flight_are_bounded() {
    let mut bounds = limits();
    bounds.in_flight_max = 4;
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frames: Vec<_> = (0..50).map(|number| request(OVERLAPPING, 0, &[number; 100])).collect();
    client.send(&frames.concat());
    server.stage.until_begun(4);
    client.expect_silence();
    assert_eq!(server.stage.begun(), 4);
    server.stage.open(0);
    for frame in &frames {
        client.expect_echo(frame);
    }
}

#[test]
fn bytes_in_flight_are_bounded_but_one_frame_always_goes() {
    let mut bounds = limits();
    bounds.in_flight_bytes_max = 10_000;
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frames: Vec<_> = (0..5).map(|number| request(OVERLAPPING, 0, &[number; 20_000])).collect();
    client.send(&frames.concat());
    server.stage.until_begun(1);
    client.expect_silence();
    assert_eq!(server.stage.begun(), 1);
    server.stage.open(0);
    for frame in &frames {
        client.expect_echo(frame);
    }
}

#[test]
fn a_request_without_an_answer_leaves_no_gap() {
    let server = Server::start();
    let mut client = server.connect();
    let frames = [request(QUIET, 0, b"acks=0"), request(ECHO, 1, b"next"), request(QUIET, 0, b"acks=0")];
    client.send(&frames.concat());
    client.expect_echo(&frames[1]);
    client.expect_silence();
    assert_eq!(server.stage.begun(), 3);
}

#[test]
fn closing_comes_after_the_answers_before_and_instead_of_those_after() {
    let server = Server::start();
    let mut client = server.connect();
    let before = request(ECHO, 1, &[9; 100_000]);
    client.send(&[before.clone(), request(CLOSE, 0, b""), request(ECHO, 2, b"after")].concat());
    client.expect_echo(&before);
    client.expect_close();
}

#[test]
fn a_panic_costs_one_connection() {
    let server = Server::start();
    let mut other = server.connect();
    let mut client = server.connect();
    server.until_connections(2);
    client.send(&request(PANIC, 0, b""));
    client.expect_close();
    server.until_connections(1);
    let frame = request(ECHO, 0, b"still here");
    other.send(&frame);
    other.expect_echo(&frame);
}

#[test]
fn a_throttled_client_is_answered_at_once_and_then_left_alone() {
    let server = Server::start();
    let mut client = server.connect();
    let frames = [request(THROTTLED, 700, b"slow down"), request(ECHO, 0, b"next")];
    let start = Instant::now();
    client.send(&frames.concat());
    client.expect_echo(&frames[0]);
    assert!(start.elapsed() < Duration::from_millis(600), "the answer itself is not held back");
    client.expect_echo(&frames[1]);
    assert!(start.elapsed() >= Duration::from_millis(695), "{:?}", start.elapsed());
}
