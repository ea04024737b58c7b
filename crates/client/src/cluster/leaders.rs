//! Questions that only the leaders of partitions answer (Kafka: `PartitionLeaderStrategy`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, TopicPartition};
use tokio::time::Instant;

use super::Cluster;
use crate::{ClientFault, Connection};

/// An answer for each partition.
pub type ByPartition<T> = BTreeMap<TopicPartition, Result<T, ClientFault>>;

impl Cluster {
    /// Asks each leader once for all of its partitions, and again for those whose fault passes by itself, until
    /// `api_timeout` is over. A partition that nobody leads or knows is looked for as long.
    ///
    /// `ask` sends one leader's question; what it leaves out counts as unanswered. The result holds every partition.
    pub async fn ask_leaders<T, F>(
        &self,
        partitions: BTreeSet<TopicPartition>,
        ask: impl Fn(Connection, BTreeSet<TopicPartition>) -> F,
    ) -> ByPartition<T>
    where
        F: Future<Output = Result<ByPartition<T>, ClientFault>>,
    {
        let deadline = Instant::now() + self.options().api_timeout;
        let mut pause = self.options().retry_backoff;
        let (mut wanted, mut answers) = (partitions, BTreeMap::new());
        loop {
            answers.append(&mut self.ask_leaders_once(&wanted, &ask).await);
            let passes = |partition: &TopicPartition| match answers.get(partition) {
                Some(Err(fault)) => fault.is_retriable(),
                _ => false,
            };
            wanted.retain(passes);
            if wanted.is_empty() || Instant::now() + pause >= deadline {
                return answers;
            }
            wanted.iter().for_each(|partition| self.forget_topic(&partition.topic));
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.options().retry_backoff_max);
        }
    }

    /// As [`Cluster::ask_leaders`], with what one round brings.
    pub(crate) async fn ask_leaders_once<T, F>(
        &self,
        wanted: &BTreeSet<TopicPartition>,
        ask: impl Fn(Connection, BTreeSet<TopicPartition>) -> F,
    ) -> ByPartition<T>
    where
        F: Future<Output = Result<ByPartition<T>, ClientFault>>,
    {
        let (mut answers, mut by_leader) = (BTreeMap::new(), BTreeMap::<i32, BTreeSet<_>>::new());
        for (partition, leader) in self.leaders(wanted).await {
            match leader {
                Ok(leader) => drop(by_leader.entry(leader).or_default().insert(partition)),
                Err(fault) => drop(answers.insert(partition, Err(fault))),
            }
        }
        for (leader, partitions) in by_leader {
            let answer = match self.node(leader).await {
                Ok(connection) => ask(connection, partitions.clone()).await,
                Err(fault) => Err(fault),
            };
            match answer {
                Ok(mut told) => partitions.into_iter().for_each(|partition| {
                    let unanswered = || Err(ClientFault::refused(ErrorCode::UnknownServerError));
                    let answer = told.remove(&partition).unwrap_or_else(unanswered);
                    answers.insert(partition, answer);
                }),
                Err(fault) => {
                    answers.extend(partitions.into_iter().map(|partition| (partition, Err(fault.clone()))));
                }
            }
        }
        answers
    }

    /// The leader of each partition.
    async fn leaders(&self, partitions: &BTreeSet<TopicPartition>) -> ByPartition<i32> {
        let names = partitions.iter().map(|partition| partition.topic.to_string()).collect();
        let topics = self.topics(&names, false).await;
        let leader = |partition: &TopicPartition| {
            let topics = topics.as_ref().map_err(Clone::clone)?;
            let unknown = || ClientFault::refused(ErrorCode::UnknownTopicOrPartition);
            let topic = topics.get(&*partition.topic).ok_or_else(unknown)?.as_ref().map_err(Clone::clone)?;
            let leader = topic.partition(partition.partition).ok_or_else(unknown)?.leader;
            leader.ok_or_else(|| ClientFault::refused(ErrorCode::LeaderNotAvailable))
        };
        partitions.iter().map(|partition| (partition.clone(), leader(partition))).collect()
    }
}
