//! As many connections as there may be.

use std::io::Write;

use crate::harness::{ECHO, OpenTo, Server, limits, request, until};

#[test]
fn one_too_many_of_an_address_is_closed_and_the_others_stay() {
    let server = Server::within(limits(), None, OpenTo { of_address: 2, ..OpenTo::ALL });
    let frame = request(ECHO, 0, b"one of two");
    let mut clients = [server.connect(), server.connect()];
    for client in &mut clients {
        client.send(&frame);
        client.expect_echo(&frame);
    }
    server.connect().expect_close();
    clients[0].send(&frame);
    clients[0].expect_echo(&frame);
    drop(clients);
    // The place of a connection that has ended is free a moment later.
    until("there is room again", || {
        let mut later = server.connect();
        later.socket.write_all(&frame).is_ok() && later.try_answer().is_some()
    });
}

#[test]
fn one_too_many_in_all_waits_until_another_leaves() {
    let server = Server::within(limits(), None, OpenTo { connections: 2, ..OpenTo::ALL });
    let frame = request(ECHO, 0, b"one of two");
    let mut clients = vec![server.connect(), server.connect()];
    for client in &mut clients {
        client.send(&frame);
        client.expect_echo(&frame);
    }
    let mut waiting = server.connect();
    waiting.send(&frame);
    waiting.expect_silence();
    clients.pop();
    waiting.expect_echo(&frame);
}
