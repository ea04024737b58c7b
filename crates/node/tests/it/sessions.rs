//! Fetch sessions over the wire (KIP-227).

use klamm_wire::{ApiKey, FetchRequest, FetchResponse};

use crate::support::{Script, batch, fetch, produce};

struct Session {
    script: Script,
    id: i32,
}

impl Session {
    fn open(partitions: &[(i32, i64)]) -> Session {
        let mut script = Script::with_topic("t", 3);
        let answer =
            script.fetch(&FetchRequest { session_epoch: 0, max_wait_ms: 0, ..fetch("t", partitions) });
        assert_ne!(answer.session_id, 0);
        Session { script, id: answer.session_id }
    }

    /// Partitions in the answer of the next fetch, or its error.
    fn fetch(&mut self, epoch: i32, partitions: &[(i32, i64)]) -> Result<Vec<i32>, i16> {
        let mut request = FetchRequest {
            session_id: self.id,
            session_epoch: epoch,
            max_wait_ms: 0,
            ..fetch("t", partitions)
        };
        if partitions.is_empty() {
            request.topics.clear();
        }
        let answer: FetchResponse =
            self.script.client.call(&mut self.script.world, ApiKey::Fetch, 12, &request);
        match answer.error_code {
            0 => Ok(answer.responses.iter().flat_map(|t| &t.partitions).map(|p| p.partition_index).collect()),
            error => Err(error),
        }
    }
}

#[test]
fn only_what_has_changed_is_answered() {
    let mut session = Session::open(&[(0, 0), (1, 0), (2, 0)]);
    assert_eq!(session.fetch(1, &[]), Ok(vec![]));
    session.script.produce(&produce("t", &[(1, batch(&["a"]))]));
    assert_eq!(session.fetch(2, &[]), Ok(vec![1]));
    assert_eq!(session.fetch(3, &[(1, 1)]), Ok(vec![]));
}

#[test]
fn epochs_are_counted_and_unknown_ids_refused() {
    let mut session = Session::open(&[(0, 0)]);
    assert_eq!(session.fetch(2, &[]), Err(71));
    assert_eq!(session.fetch(1, &[]), Ok(vec![]));
    session.id ^= 1;
    assert_eq!(session.fetch(2, &[]), Err(70));
}

#[test]
fn a_sleeping_fetch_of_a_session_is_woken() {
    let mut session = Session::open(&[(0, 0), (1, 0)]);
    let request =
        FetchRequest { session_id: session.id, session_epoch: 1, topics: vec![], ..fetch("t", &[]) };
    let script = &mut session.script;
    let waiting = script.client.send(&mut script.world, ApiKey::Fetch, 12, &request);
    script.world.run();
    script.produce(&produce("t", &[(1, batch(&["a"]))]));
    let answer: FetchResponse =
        script.client.receive(&mut script.world, waiting).expect("woken").expect("answered");
    assert_eq!(answer.responses[0].partitions.len(), 1);
    assert_eq!(answer.responses[0].partitions[0].partition_index, 1);
}
