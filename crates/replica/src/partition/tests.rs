//! Scripts over one partition: what happens, and who is told what.

use super::*;

const ME: i32 = 1;

fn end(offset: i64) -> LogOffsetMetadata {
    LogOffsetMetadata { offset, segment_base_offset: 0, position: offset as u32 * 100 }
}

fn term(leader_epoch: i32, isr: &[i32]) -> LeaderTerm {
    LeaderTerm { leader_epoch, partition_epoch: 0, replicas: vec![1, 2], isr: isr.to_vec() }
}

/// A partition and everything it has said.
struct Script {
    state: PartitionState<&'static str>,
    told: Vec<String>,
}

impl Script {
    fn leading(isr: &[i32]) -> Script {
        let mut script = Script { state: PartitionState::new(0, end(0), 1), told: Vec::new() };
        script.lead(5, isr);
        script
    }

    fn lead(&mut self, epoch: i32, isr: &[i32]) {
        let told = &mut self.told;
        self.state.lead(ME, term(epoch, isr), end(0), |news| told.push(show(news)));
    }

    fn wrote(&mut self, offset: i64) -> Vec<String> {
        self.state.local_end_moved(ME, end(offset));
        let last_stable = self.state.high_watermark();
        let told = &mut self.told;
        let ends = VisibleEnds { log_end: end(offset), last_stable };
        self.state.tell_readers(ends, |news| told.push(show(news)));
        std::mem::take(&mut self.told)
    }

    fn fetch(&mut self, token: &'static str, bound: ReadBound) -> u32 {
        let waiter = FetchWaiter { token, bound, start: end(0), max_bytes: 10_000, counted: 0 };
        let ends = VisibleEnds { log_end: end(0), last_stable: end(0) };
        self.state.wait_for_bytes(waiter, 5, ends).0
    }
}

fn show(news: Released<'_, &'static str>) -> String {
    match news {
        Released::Append(token, error) | Released::LogStart(token, error) => {
            format!("{token} {}", error.code())
        }
        Released::Fetch(token, NewBytes::Counted(bytes)) => format!("{token} +{bytes}"),
        Released::Fetch(token, NewBytes::ReadAgain) => format!("{token} again"),
    }
}

#[test]
fn a_write_sets_free_what_it_covers() {
    let mut script = Script::leading(&[1]);
    script.state.wait_for_append(Acks::All, 2, "all2");
    script.state.wait_for_append(Acks::Leader, 1, "one1");
    script.state.wait_for_append(Acks::All, 3, "all3");
    script.fetch("consumer", ReadBound::HighWatermark);
    assert_eq!(script.wrote(2), ["one1 0", "all2 0", "consumer +200"]);
    assert_eq!(script.state.append_outcome(Acks::All, 2), Some(ErrorCode::None));
    assert_eq!(script.state.append_outcome(Acks::All, 3), None);
    assert_eq!(script.wrote(3), ["all3 0", "consumer +100"]);
}

#[test]
fn acks_all_waits_for_the_isr_and_acks_one_does_not() {
    let mut script = Script::leading(&[1, 2]);
    script.state.wait_for_append(Acks::All, 1, "all");
    script.state.wait_for_append(Acks::Leader, 1, "one");
    script.fetch("consumer", ReadBound::HighWatermark);
    script.fetch("replica", ReadBound::LogEnd);
    assert_eq!(script.wrote(1), ["one 0", "replica +100"]);
    assert_eq!(script.state.waiting(), (1, 2));
    script.lead(5, &[1]);
    assert_eq!(std::mem::take(&mut script.told), ["all 0"]);
    assert_eq!(script.wrote(1), ["consumer +100"]);
}

#[test]
fn a_small_isr_refuses_before_and_after_the_append() {
    let mut script = Script::leading(&[1, 2]);
    script.state.set_min_insync_replicas(2, |_| {});
    assert_eq!(script.state.check_append(Acks::All), Ok(5));
    script.state.wait_for_append(Acks::All, 1, "all");
    script.wrote(1);
    script.lead(5, &[1]);
    assert!(script.told.is_empty(), "below the minimum the high watermark stands");
    assert_eq!(script.state.check_append(Acks::All), Err(ErrorCode::NotEnoughReplicas));
    assert_eq!(script.state.check_append(Acks::Leader), Ok(5));
}

#[test]
fn epochs_fence() {
    let script = Script::leading(&[1]);
    assert!(script.state.leader(-1).is_ok() && script.state.leader(5).is_ok());
    assert_eq!(script.state.leader(4).err(), Some(ErrorCode::FencedLeaderEpoch));
    assert_eq!(script.state.leader(6).err(), Some(ErrorCode::UnknownLeaderEpoch));
}

#[test]
fn a_new_epoch_makes_fetches_look_again() {
    let mut script = Script::leading(&[1]);
    script.fetch("consumer", ReadBound::HighWatermark);
    script.lead(5, &[1]);
    assert!(script.told.is_empty());
    script.lead(6, &[1]);
    assert_eq!(script.told, ["consumer again"]);
}

#[test]
fn a_fetch_that_read_in_an_older_epoch_reads_again() {
    let mut script = Script::leading(&[1]);
    let waiter = |token| FetchWaiter {
        token,
        bound: ReadBound::HighWatermark,
        start: end(0),
        max_bytes: 10,
        counted: 0,
    };
    let ends = VisibleEnds { log_end: end(0), last_stable: end(0) };
    assert_eq!(script.state.wait_for_bytes(waiter("now"), 5, ends), (0, None));
    assert_eq!(script.state.wait_for_bytes(waiter("before"), 4, ends), (1, Some(NewBytes::ReadAgain)));
}

#[test]
fn losing_the_role_or_the_disk_tells_everybody() {
    for (offline, code) in [(false, 6), (true, 56)] {
        let mut script = Script::leading(&[1]);
        script.wrote(4);
        script.state.wait_for_append(Acks::All, 5, "all");
        script.state.wait_for_append(Acks::Leader, 5, "one");
        script.state.wait_for_log_start(3, "start");
        let slot = script.fetch("consumer", ReadBound::LastStableOffset);
        let told = &mut script.told;
        if offline {
            script.state.fail(|news| told.push(show(news)));
        } else {
            script.state.resign(ErrorCode::NotLeaderOrFollower, |news| told.push(show(news)));
        }
        let failed = ["one", "all", "start"].map(|token| format!("{token} {code}"));
        assert_eq!(script.told[..3], failed);
        assert_eq!(script.told[3..], ["consumer again"]);
        assert_eq!(script.state.append_outcome(Acks::All, 5).map(|error| error.code()), Some(code));
        assert_eq!(script.state.high_watermark().offset, 4, "kept for the checkpoint");
        script.state.forget_fetch(slot);
        assert_eq!(script.state.waiting(), (0, 0));
    }
}

#[test]
fn a_log_start_that_moves_ends_deletions_and_tells_who_reads_below() {
    let mut script = Script::leading(&[1]);
    script.wrote(4);
    script.fetch("consumer", ReadBound::HighWatermark);
    for (offset, token) in [(3, "to 3"), (4, "to 4"), (2, "to 2")] {
        script.state.wait_for_log_start(offset, token);
    }
    let told = &mut script.told;
    script.state.log_start_moved(0, |news| told.push(show(news)));
    assert!(told.is_empty());
    script.state.log_start_moved(3, |news| told.push(show(news)));
    assert_eq!(script.told, ["to 2 0", "to 3 0", "consumer again"]);
}

#[test]
fn the_checkpoint_never_exceeds_the_log() {
    let state = PartitionState::<()>::new(50, end(20), 1);
    assert_eq!(state.high_watermark().offset, 20);
}
