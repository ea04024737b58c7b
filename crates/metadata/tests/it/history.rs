//! What is visible when: commits, metadata transactions, what is dropped.

use klamm_base::Uuid;
use klamm_metadata::records::{
    AbortTransactionRecord, BeginTransactionRecord, ConfigRecord, EndTransactionRecord, NoOpRecord,
    RemoveTopicRecord, TopicRecord,
};
use klamm_metadata::{ImageHistory, LogBatch, MetadataRecord, ReplayFault};

/// Appends one batch with these records.
fn append(history: &mut ImageHistory, records: &[MetadataRecord]) -> Result<(), ReplayFault> {
    let base_offset = history.next_offset();
    history.append(&LogBatch {
        base_offset,
        last_offset: base_offset + records.len().max(1) as i64 - 1,
        epoch: 1,
        append_time_ms: 7,
        records,
    })
}

fn topic(name: &str) -> MetadataRecord {
    TopicRecord { name: name.to_owned(), topic_id: id(name) }.into()
}

fn id(name: &str) -> Uuid {
    Uuid([name.as_bytes()[0]; 16])
}

fn begin() -> MetadataRecord {
    BeginTransactionRecord { name: None }.into()
}

fn end() -> MetadataRecord {
    EndTransactionRecord {}.into()
}

fn abort() -> MetadataRecord {
    AbortTransactionRecord { reason: None }.into()
}

fn visible(history: &ImageHistory) -> Vec<String> {
    history.stable().topics.iter().map(|topic| topic.name.to_string()).collect()
}

fn latest(history: &ImageHistory) -> Vec<String> {
    history.latest().topics.iter().map(|topic| topic.name.to_string()).collect()
}

#[test]
fn only_what_is_committed_is_visible() {
    let mut history = ImageHistory::default();
    assert_eq!((history.next_offset(), history.pending_offset()), (0, None));
    append(&mut history, &[topic("a"), topic("b")]).expect("sound");
    append(&mut history, &[topic("c")]).expect("sound");
    assert_eq!((visible(&history).len(), latest(&history).len()), (0, 3));
    assert_eq!(history.pending_offset(), Some(2));
    assert!(history.commit(1).is_none(), "half a batch is no batch");

    let published = history.commit(2).expect("a batch");
    assert_eq!(visible(&history), ["a", "b"]);
    assert_eq!(published.image.provenance.last_contained_offset, 1);
    assert_eq!(published.before.topics.len(), 0);
    assert_eq!(published.changes.topics.keys().copied().collect::<Vec<_>>(), [id("a"), id("b")]);
    history.commit(3);
    assert_eq!((visible(&history).len(), history.pending_offset()), (3, None));
}

#[test]
fn an_old_image_stays_what_it_was() {
    let mut history = ImageHistory::default();
    append(&mut history, &[topic("a")]).expect("sound");
    history.commit(1);
    let old = history.stable().clone();
    append(&mut history, &[RemoveTopicRecord { topic_id: id("a") }.into(), topic("b")]).expect("sound");
    let published = history.commit(3).expect("a batch");
    assert!(old.topics.by_name("a").is_some() && old.topics.by_name("b").is_none());
    assert!(published.image.topics.by_name("a").is_none() && published.image.topics.by_id(id("a")).is_none());
    assert_eq!(published.changes.topics.len(), 2);
}

#[test]
fn a_transaction_shows_as_a_whole() {
    let mut history = ImageHistory::default();
    append(&mut history, &[topic("a")]).expect("sound");
    append(&mut history, &[begin(), topic("b")]).expect("sound");
    append(&mut history, &[topic("c")]).expect("sound");
    history.commit(4);
    assert_eq!((visible(&history), latest(&history).len()), (vec!["a".to_owned()], 3));
    assert_eq!(history.transaction_start_offset(), Some(1));
    assert_eq!(history.settled().topics.len(), 1);
    assert!(history.commit(4).is_none());

    append(&mut history, &[topic("d"), end(), topic("e")]).expect("sound");
    let published = history.commit(7).expect("the transaction");
    assert_eq!(visible(&history), ["a", "b", "c", "d", "e"]);
    assert_eq!(published.before.topics.len(), 1);
    assert_eq!(published.changes.topics.len(), 4);
}

#[test]
fn an_aborted_transaction_never_was() {
    let mut history = ImageHistory::default();
    append(&mut history, &[topic("a"), begin(), RemoveTopicRecord { topic_id: id("a") }.into()])
        .expect("sound");
    append(&mut history, &[topic("b")]).expect("sound");
    append(&mut history, &[abort(), topic("c")]).expect("sound");
    let published = history.commit(6).expect("everything");
    assert_eq!(visible(&history), ["a", "c"]);
    assert_eq!(published.image.provenance.last_contained_offset, 5);
    assert_eq!(history.transaction_start_offset(), None);
}

#[test]
fn what_is_not_committed_can_be_forgotten() {
    let mut history = ImageHistory::default();
    append(&mut history, &[topic("a")]).expect("sound");
    append(&mut history, &[begin(), topic("b")]).expect("sound");
    append(&mut history, &[topic("c"), end()]).expect("sound");
    history.commit(3);
    history.drop_uncommitted();
    assert_eq!((history.next_offset(), history.transaction_start_offset()), (3, Some(1)));
    append(&mut history, &[abort()]).expect("sound");
    history.commit(4);
    assert_eq!(visible(&history), ["a"]);
}

#[test]
fn a_log_that_is_read_becomes_one_step() {
    let batches: [&[MetadataRecord]; 5] =
        [&[topic("a")], &[begin(), topic("b")], &[topic("c"), abort()], &[], &[begin(), topic("d"), end()]];
    let (mut read, mut live) = (ImageHistory::default(), ImageHistory::default());
    for records in batches {
        append(&mut live, records).expect("sound");
        let base_offset = read.next_offset();
        let last_offset = base_offset + records.len().max(1) as i64 - 1;
        let batch = LogBatch { base_offset, last_offset, epoch: 1, append_time_ms: 7, records };
        read.load(&batch).expect("sound");
        assert_eq!(read.latest(), live.latest());
        assert_eq!(read.transaction_start_offset(), live.transaction_start_offset());
    }
    assert!(read.commit(8).is_none(), "the last batch is not committed");
    let published = read.commit(9).expect("everything");
    assert_eq!(published.image, live.commit(9).expect("everything").image);
    assert_eq!(visible(&read), ["a", "d"]);
    assert_eq!(read.pending_offset(), None);
}

#[test]
fn control_batches_move_the_offset_only() {
    let mut history = ImageHistory::default();
    append(&mut history, &[]).expect("sound");
    let published = history.commit(1).expect("a batch");
    assert!(published.changes.is_empty());
    assert_eq!(history.next_offset(), 1);
}

#[test]
fn changes_name_what_was_touched() {
    let mut history = ImageHistory::default();
    let config = |name: &str| ConfigRecord {
        resource_type: 2,
        resource_name: name.to_owned(),
        name: "retention.ms".to_owned(),
        value: Some("1".to_owned()),
    };
    append(&mut history, &[topic("a"), config("a").into()]).expect("sound");
    append(&mut history, &[RemoveTopicRecord { topic_id: id("a") }.into()]).expect("sound");
    let published = history.commit(3).expect("both");
    assert_eq!(
        published.changes.configs.iter().map(|resource| resource.name.as_str()).collect::<Vec<_>>(),
        ["a"]
    );
    assert!(published.changes.topics.contains_key(&id("a")));
    assert!(published.image.configs.topic("a").is_empty());
    assert!(!published.changes.features && !published.changes.kept);
}

#[test]
fn contradictions_are_faults() {
    let mut history = ImageHistory::default();
    append(&mut history, &[topic("a")]).expect("sound");
    let fault = |history: &ImageHistory, record: MetadataRecord| {
        append(&mut history.clone(), &[record]).expect_err("a contradiction")
    };
    assert_eq!(fault(&history, end()), ReplayFault::NoTransaction);
    assert_eq!(fault(&history, abort()), ReplayFault::NoTransaction);
    assert!(matches!(fault(&history, topic("a")), ReplayFault::DuplicateTopic { .. }));
    let unknown = RemoveTopicRecord { topic_id: Uuid([1; 16]) };
    assert!(matches!(fault(&history, unknown.into()), ReplayFault::UnknownTopic { .. }));
    append(&mut history, &[begin()]).expect("sound");
    assert_eq!(fault(&history, begin()), ReplayFault::TransactionInTransaction { started_at: 1 });

    let gap = LogBatch { base_offset: 5, last_offset: 5, epoch: 1, append_time_ms: 0, records: &[] };
    assert_eq!(history.append(&gap), Err(ReplayFault::OffsetGap { expected: 2, base_offset: 5 }));
    let provenance = history.latest().provenance;
    assert_eq!(
        ImageHistory::default().load_snapshot(provenance, [NoOpRecord {}.into(), begin()]),
        Err(ReplayFault::TransactionInSnapshot)
    );
}

#[test]
#[should_panic(expected = "high watermark went back")]
fn the_high_watermark_never_goes_back() {
    let mut history = ImageHistory::default();
    append(&mut history, &[topic("a")]).expect("sound");
    history.commit(1);
    history.commit(0);
}
