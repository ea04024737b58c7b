//! The memory that all connections share: nobody can take it from the others.

use std::io::Write;
use std::time::Duration;

use crate::harness::{Client, ECHO, Server, WAITING, limits, request, until};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What a shard may have taken and not given back yet.
const SLACK: usize = MIB;

fn server(request_bytes: usize) -> Server {
    Server::with_pools(limits(), request_bytes, 64 * MIB)
}

/// A client that has announced `announced` bytes and sent so many of them.
fn half(server: &Server, announced: usize, sent: usize) -> Client {
    let mut client = server.connect();
    client.send(&(announced as i32).to_be_bytes());
    let mut left = sent;
    while left > 0 {
        let part = left.min(64 * KIB);
        // What the server does not read is not sent.
        client.socket.set_write_timeout(Some(Duration::from_millis(200))).expect("a TCP socket");
        if client.socket.write_all(&vec![0; part]).is_err() {
            break;
        }
        left -= part;
    }
    client
}

fn expect_echoes(client: &mut Client, bytes: usize, count: usize) {
    let frame = request(ECHO, 0, &vec![5; bytes]);
    for _ in 0..count {
        client.send(&frame);
        client.expect_echo(&frame);
    }
}

#[test]
fn announcements_take_nothing() {
    let server = server(16 * MIB);
    let _many: Vec<_> = (0..200).map(|_| half(&server, MIB, 10)).collect();
    server.until_connections(200);
    expect_echoes(&mut server.connect(), MIB, 5);
    let figures = server.pools.figures();
    assert!(figures.request_bytes <= SLACK && figures.closed == 0, "{figures:?}");
}

#[test]
fn small_halves_that_stay_are_closed_when_they_are_too_many() {
    let server = server(16 * MIB);
    let _many: Vec<_> = (0..400).map(|_| half(&server, 60 * KIB, 59 * KIB)).collect();
    let mut honest = server.connect();
    expect_echoes(&mut honest, 1000, 20);
    expect_echoes(&mut honest, MIB, 3);
    let figures = server.pools.figures();
    assert!(figures.closed > 0 && figures.request_bytes <= 16 * MIB + SLACK, "{figures:?}");
}

#[test]
fn large_halves_that_stay_make_room_for_others() {
    let server = server(16 * MIB);
    let _many: Vec<_> = (0..20).map(|_| half(&server, 2 * MIB, 2 * MIB - 10)).collect();
    until("the memory is used", || server.pools.figures().request_bytes >= 12 * MIB);
    let mut honest = server.connect();
    expect_echoes(&mut honest, 100, 20);
    expect_echoes(&mut honest, 2 * MIB, 3);
    let figures = server.pools.figures();
    assert!(figures.closed > 0 && figures.request_bytes <= 16 * MIB + SLACK, "{figures:?}");
}

#[test]
fn a_request_larger_than_all_memory_is_served_when_it_is_alone() {
    let server = server(4 * MIB);
    expect_echoes(&mut server.connect(), limits().frame_bytes_max - 4, 2);
}

#[test]
fn large_requests_that_do_not_fit_beside_each_other_are_served_one_after_the_other() {
    let server = server(16 * MIB);
    let clients: Vec<_> = (0..12).map(|_| server.connect()).collect();
    std::thread::scope(|scope| {
        for mut client in clients {
            scope.spawn(move || expect_echoes(&mut client, 7 * MIB, 2));
        }
    });
    assert_eq!(server.pools.figures().closed, 0, "nobody was closed");
    until("all is given back", || server.pools.figures().request_bytes <= SLACK);
}

#[test]
fn whoever_has_the_turn_and_stops_is_closed_for_the_next() {
    let server = server(16 * MIB);
    let mut stopped = half(&server, 8 * MIB, 4 * MIB);
    expect_echoes(&mut server.connect(), 7 * MIB, 1);
    stopped.expect_close();
}

#[test]
fn requests_that_are_being_answered_count() {
    let server = server(16 * MIB);
    let mut client = server.connect();
    let frame = request(WAITING, 0, &vec![1; 3 * MIB]);
    client.send(&frame);
    server.stage.until_begun(1);
    until("the memory is used", || server.pools.figures().request_bytes >= 3 * MIB);
    server.stage.open(0);
    client.expect_echo(&frame);
    until("all is given back", || server.pools.figures().request_bytes <= SLACK);
}

#[test]
fn answers_that_nobody_takes_do_not_keep_others_from_theirs() {
    let server = Server::with_pools(limits(), 64 * MIB, 8 * MIB);
    let frame = request(ECHO, 0, &vec![5; 700 * KIB]);
    let mut mute: Vec<_> = (0..30).map(|_| server.connect()).collect();
    for client in &mut mute {
        client.socket.set_write_timeout(Some(Duration::from_millis(50))).expect("a TCP socket");
        // Until neither the sockets nor the server take any more.
        while client.socket.write_all(&frame).is_ok() {}
    }
    expect_echoes(&mut server.connect(), MIB, 5);
    let figures = server.pools.figures();
    assert!(figures.answer_bytes <= 8 * MIB + 2 * SLACK, "{figures:?}");
    drop(mute);
    until("all is given back", || server.pools.figures().answer_bytes <= SLACK);
}

#[test]
fn many_at_once_all_get_theirs() {
    let server = Server::with_pools(limits(), 8 * MIB, 8 * MIB);
    std::thread::scope(|scope| {
        for number in 0..40 {
            let mut client = server.connect();
            scope.spawn(move || expect_echoes(&mut client, 10 * KIB * (1 + number), 10));
        }
    });
    assert_eq!(server.pools.figures().closed, 0, "nobody was closed");
}

/// Whole requests that wait behind one which is not answered are no reason to keep others waiting.
#[test]
fn requests_behind_one_that_waits_are_not_kept_at_the_cost_of_others() {
    let server = server(16 * MIB);
    let behind = request(ECHO, 0, &[1; 90 * KIB]);
    let mut many: Vec<_> = (0..120).map(|_| server.connect()).collect();
    for client in &mut many {
        client.send(&[request(WAITING, 0, b"for ever"), behind.clone(), behind.clone()].concat());
    }
    let mut honest = server.connect();
    expect_echoes(&mut honest, 100, 20);
    expect_echoes(&mut honest, MIB, 3);
    let figures = server.pools.figures();
    assert!(figures.closed > 0 && figures.request_bytes <= 16 * MIB + SLACK, "{figures:?}");
}
