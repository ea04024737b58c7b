//! Connections that end without having done wrong: idle ones, and all when the server stops.

use std::time::{Duration, Instant};

use crate::harness::{ECHO, OVERLAPPING, Server, WAITING, limits, request};

const IDLE: Duration = Duration::from_millis(200);

#[test]
fn an_idle_connection_is_closed() {
    let mut bounds = limits();
    bounds.idle_max = IDLE;
    let server = Server::with(bounds, None);
    let start = Instant::now();
    let mut client = server.connect();
    client.expect_close();
    let after = start.elapsed();
    assert!(after >= IDLE && after < IDLE * 10, "closed after {after:?}");
}

#[test]
fn a_connection_in_use_stays() {
    let mut bounds = limits();
    bounds.idle_max = IDLE;
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frame = request(ECHO, 0, b"still here");
    for _ in 0..8 {
        client.send(&frame);
        client.expect_echo(&frame);
        std::thread::sleep(IDLE / 4);
    }
}

#[test]
fn waiting_for_an_answer_is_not_idling() {
    let mut bounds = limits();
    bounds.idle_max = IDLE;
    let server = Server::with(bounds, None);
    let mut client = server.connect();
    let frame = request(WAITING, 0, b"long poll");
    client.send(&frame);
    std::thread::sleep(IDLE * 3);
    server.stage.open(0);
    client.expect_echo(&frame);
    client.expect_close();
}

#[test]
fn stopping_ends_connections_at_rest_at_once() {
    let stop = || {
        let server = Server::start();
        let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
        server.until_connections(20);
        let took = server.stop();
        clients.iter_mut().for_each(|client| client.expect_close());
        took
    };
    // The best of three, for machines that are busy with something else.
    let took = (0..3).map(|_| stop()).min();
    assert!(took < Some(Duration::from_millis(250)), "stopped in {took:?}");
}

#[test]
fn stopping_waits_a_moment_for_answers_that_are_owed() {
    let server = Server::start();
    let mut client = server.connect();
    let frame = request(OVERLAPPING, 0, b"owed");
    client.send(&frame);
    server.stage.until_begun(1);
    let stage = server.stage.clone();
    let opening = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        stage.open(0);
    });
    server.stop();
    client.expect_echo(&frame);
    client.expect_close();
    opening.join().expect("opened");
}

#[test]
fn stopping_does_not_wait_for_long_polls() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(&request(WAITING, 0, b"long poll"));
    server.stage.until_begun(1);
    let took = server.stop();
    assert!(took < Duration::from_secs(1), "stopped in {took:?}");
    client.expect_close();
}

/// Half requests, answers that nobody takes, requests that wait: none of them holds up the stop.
#[test]
fn stopping_waits_for_nobody_for_long() {
    let server = Server::start();
    let mut clients: Vec<_> = (0..60).map(|_| server.connect()).collect();
    let large = request(ECHO, 0, &[7; 300_000]);
    for (number, client) in clients.iter_mut().enumerate() {
        client.socket.set_write_timeout(Some(Duration::from_millis(20))).expect("a TCP socket");
        match number % 3 {
            0 => client.send(&large[..200_000]),
            1 => client.send(&request(WAITING, 0, b"for ever")),
            _ => while std::io::Write::write_all(&mut client.socket, &large).is_ok() {},
        }
    }
    server.stage.until_begun(60);
    let took = server.stop();
    assert!(took < Duration::from_secs(10), "stopped in {took:?}");
}
