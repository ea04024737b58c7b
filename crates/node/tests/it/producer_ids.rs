//! InitProducerId without a transactional id, and the refusal of one.

use std::collections::BTreeSet;

use klamm_base::rng::Rng;
use klamm_sim::client::Pending;
use klamm_sim::{Client, World};
use klamm_wire::{ApiKey, InitProducerIdRequest, InitProducerIdResponse};

fn plain() -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: 60_000,
        ..InitProducerIdRequest::default()
    }
}

fn init(
    world: &mut World,
    client: &mut Client,
    version: i16,
    request: &InitProducerIdRequest,
) -> (i16, i64, i16) {
    let answer: InitProducerIdResponse = client.call(world, ApiKey::InitProducerId, version, request);
    (answer.error_code, answer.producer_id, answer.producer_epoch)
}

fn send(world: &mut World, client: &mut Client) -> Pending {
    client.send(world, ApiKey::InitProducerId, 4, &plain())
}

/// The id, if it has been answered.
fn receive(world: &mut World, client: &Client, pending: Pending) -> Option<i64> {
    let answer = client.receive::<InitProducerIdResponse>(world, pending)?.expect("not closed");
    assert_eq!((answer.error_code, answer.producer_epoch), (0, 0));
    Some(answer.producer_id)
}

#[test]
fn ids_count_up_and_each_start_begins_a_new_block() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    for id in 0..3 {
        assert_eq!(init(&mut world, &mut client, 5, &plain()), (0, id, 0));
    }
    world.stop();
    world.start().expect("starts after a stop");
    let mut client = Client::new(&world);
    assert_eq!(init(&mut world, &mut client, 0, &plain()), (0, 1000, 0));
    world.kill();
    world.start().expect("starts after a kill");
    let mut client = Client::new(&world);
    assert_eq!(init(&mut world, &mut client, 0, &plain()), (0, 2000, 0));
}

#[test]
fn a_thousand_requests_share_a_block() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    let pending: Vec<Pending> = (0..1001).map(|_| send(&mut world, &mut client)).collect();
    for pending in &pending {
        assert!(world.is_waiting(pending.task), "the block is not committed");
    }
    world.run();
    let ids: Vec<i64> =
        pending.into_iter().map(|pending| receive(&mut world, &client, pending).expect("answered")).collect();
    assert!(ids.iter().copied().eq(0..1001), "{ids:?}");
    world.stop();
    world.start().expect("starts after a stop");
    let mut client = Client::new(&world);
    assert_eq!(init(&mut world, &mut client, 4, &plain()), (0, 2000, 0));
}

#[test]
fn no_id_is_told_twice_whenever_the_power_goes() {
    for seed in 0..30 {
        let mut world = World::started(seed, &[]);
        let mut told = BTreeSet::new();
        for _ in 0..6 {
            let mut client = Client::new(&world);
            let pending: Vec<Pending> = (0..5).map(|_| send(&mut world, &mut client)).collect();
            // Sometimes the block is on the disk, sometimes it is not.
            if world.rng.below(2) == 0 {
                world.run();
            }
            for pending in pending {
                if let Some(id) = receive(&mut world, &client, pending) {
                    assert!(told.insert(id), "seed {seed}: {id} again");
                }
            }
            world.power_cut();
            world.start().unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        }
    }
}

#[test]
fn who_gives_up_leaves_the_block_to_the_others() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    let first = send(&mut world, &mut client);
    let second = send(&mut world, &mut client);
    world.give_up(first.task);
    world.run();
    assert_eq!(receive(&mut world, &client, second), Some(1));
    assert_eq!(init(&mut world, &mut client, 4, &plain()), (0, 2, 0));
}

#[test]
fn what_is_asked_beside_null_does_not_count() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    let mut next = 0..;
    for transaction_timeout_ms in [0, -1, i32::MAX] {
        let request = InitProducerIdRequest { transaction_timeout_ms, ..plain() };
        assert_eq!(init(&mut world, &mut client, 2, &request), (0, next.next().expect("endless"), 0));
    }
    for (producer_id, producer_epoch) in [(7, 3), (-2, 0), (i64::MAX, i16::MAX)] {
        let request = InitProducerIdRequest { producer_id, producer_epoch, ..plain() };
        assert_eq!(init(&mut world, &mut client, 5, &request), (0, next.next().expect("endless"), 0));
    }
}

#[test]
fn transactional_ids_and_half_an_identity_are_refused_and_change_nothing() {
    const INVALID_REQUEST: i16 = 42;
    const INVALID_TRANSACTION_TIMEOUT: i16 = 50;
    const NOT_COORDINATOR: i16 = 16;
    let mut world = World::started(1, &[("transaction.max.timeout.ms", "5000")]);
    let mut client = Client::new(&world);
    let of = |id: &str, transaction_timeout_ms| InitProducerIdRequest {
        transactional_id: Some(id.to_owned()),
        transaction_timeout_ms,
        ..InitProducerIdRequest::default()
    };
    for version in 0..=5 {
        for (request, error) in [
            (of("", 1), INVALID_REQUEST),
            (of("", 0), INVALID_REQUEST),
            (of("t", 0), INVALID_TRANSACTION_TIMEOUT),
            (of("t", -1), INVALID_TRANSACTION_TIMEOUT),
            (of("t", 5001), INVALID_TRANSACTION_TIMEOUT),
            (of("t", 5000), NOT_COORDINATOR),
            (of("t", 1), NOT_COORDINATOR),
        ] {
            assert_eq!(init(&mut world, &mut client, version, &request), (error, -1, -1), "{request:?}");
        }
    }
    for version in 3..=5 {
        for (producer_id, producer_epoch) in [(5, -1), (-1, 5)] {
            let request = InitProducerIdRequest { producer_id, producer_epoch, ..plain() };
            assert_eq!(init(&mut world, &mut client, version, &request), (INVALID_REQUEST, -1, -1));
        }
    }
    assert_eq!(init(&mut world, &mut client, 5, &plain()), (0, 0, 0));
}
