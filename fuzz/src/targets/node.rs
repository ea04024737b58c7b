//! Frames to a node that runs, on a simulated disk: whatever comes, each is answered or costs its connection, and
//! the next client is served.

use crate::Target;
use crate::input::{Input, put_piece};
use crate::targets::messages;
use bytes::Bytes;
use klamm_node::{Answer, ListenerRole};
use klamm_sim::World;
use klamm_wire::ApiKey;
use std::cell::RefCell;

pub const TARGET: Target = Target {
    name: "node",
    meaning: "frames to a whole node on a simulated disk: each is answered or costs its connection",
    run: run,
    seeds,
};

/// Inputs that one node lives through.
const INPUTS_MAX: u32 = 500;
/// Frames of one input.
const FRAMES_MAX: usize = 16;

thread_local! {
    static NODE: RefCell<Option<(World, u32)>> = const { RefCell::new(None) };
}

/// Frames as pieces; before each a choice: which listener, and how much time passes.
pub fn run(input: &[u8]) {
    NODE.with_borrow_mut(|node| {
        let (mut world, inputs) = node.take().unwrap_or_else(|| (World::started(1, &[]), 0));
        talk(&mut world, Input::new(input));
        // What a client has made is not for the next thousands to carry.
        if inputs < INPUTS_MAX {
            *node = Some((world, inputs + 1));
        } else {
            world.stop();
        }
    });
}

fn talk(world: &mut World, mut input: Input<'_>) {
    let clients = [world.connect(), world.connect_to("CONTROLLER", ListenerRole::Controller)];
    let mut waiting = Vec::new();
    for _ in 0..FRAMES_MAX {
        if input.is_empty() {
            break;
        }
        let choice = input.byte();
        let frame = Bytes::copy_from_slice(input.piece());
        let task = world.send(&clients[usize::from(choice & 1)], frame);
        waiting.push(task);
        world.run();
        match choice >> 6 {
            1 => world.advance(10),
            2 => world.advance(5_000),
            3 => world.background(),
            _ => {}
        }
    }
    for task in waiting {
        match world.answer(task) {
            Some(Answer::Reply(reply)) => check_size(&reply),
            Some(Answer::NoReply | Answer::Close(_)) => {}
            None => world.give_up(task),
        }
    }
    world.run();
}

/// The size in front counts what follows.
fn check_size(reply: &klamm_node::Reply) {
    let size = u32::from_be_bytes(*reply.bytes.first_chunk().expect("a reply has its size"));
    assert_eq!(u64::from(size) + 4, reply.len_on_wire());
}

/// The requests of all APIs that a broker serves, and small conversations of them.
pub fn seeds() -> Vec<Vec<u8>> {
    let frames = messages::request_seeds();
    let mut seeds = Vec::new();
    let mut talk = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        let mut one = vec![(number as u8 & 3) << 6];
        put_piece(&mut one, frame);
        if number % 5 == 0 && frame.len() < 300 {
            talk.extend_from_slice(&one);
        }
        if talk.len() > 1500 {
            seeds.push(std::mem::take(&mut talk));
        }
        let is_controllers = frame.first_chunk().is_some_and(|key| {
            ApiKey::from_key(i16::from_be_bytes(*key)).is_some_and(|api| api.key() >= 52 && api.key() <= 70)
        });
        one[0] |= u8::from(is_controllers);
        seeds.push(one);
    }
    seeds
}
