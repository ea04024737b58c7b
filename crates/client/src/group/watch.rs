//! Changes of topics that make a group share anew (Kafka: `ConsumerCoordinator.rejoinNeededOrPending`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use klamm_wire::MetadataRequest;
use tokio::time::Instant;

use super::round::partition_counts;
use crate::cluster::ClusterOptions;
use crate::{ClientFault, Cluster};

/// Which topics a member wants.
pub enum Subscription {
    Topics(BTreeSet<String>),
    /// Every topic whose name it accepts.
    Matching(Box<dyn Fn(&str) -> bool + Send + Sync>),
}

/// A member's topics, and what was known of them when it joined.
pub struct Watch {
    subscription: Subscription,
    exclude_internal_topics: bool,
    /// What it has said that it wants.
    topics: BTreeSet<String>,
    /// What it has shared out as the leader.
    shared: Option<BTreeMap<String, i32>>,
    next_look: Instant,
    /// Doubles while a topic is missing.
    pause: Duration,
}

impl Watch {
    pub fn new(subscription: Subscription, exclude_internal_topics: bool) -> Watch {
        Watch {
            subscription,
            exclude_internal_topics,
            topics: BTreeSet::new(),
            shared: None,
            next_look: Instant::now(),
            pause: Duration::ZERO,
        }
    }

    pub fn next_look(&self) -> Instant {
        self.next_look
    }

    /// What the member wants now.
    ///
    /// # Errors
    /// [`ClientFault`]: nobody has answered.
    pub async fn topics(&mut self, cluster: &Cluster) -> Result<BTreeSet<String>, ClientFault> {
        self.topics = self.wanted(cluster).await?;
        Ok(self.topics.clone())
    }

    async fn wanted(&self, cluster: &Cluster) -> Result<BTreeSet<String>, ClientFault> {
        let matches = match &self.subscription {
            Subscription::Topics(topics) => return Ok(topics.clone()),
            Subscription::Matching(matches) => matches,
        };
        let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
        let told = cluster.retry(|| cluster.metadata(&all)).await?;
        let topics = told.topics.into_iter();
        let topics = topics.filter(|topic| !topic.is_internal || !self.exclude_internal_topics);
        Ok(topics.filter_map(|topic| topic.name).filter(|name| matches(name)).collect())
    }

    /// The member has joined; the leader with what it has `shared`.
    pub fn joined(&mut self, shared: Option<BTreeMap<String, i32>>, options: &ClusterOptions) {
        let is_missing =
            |shared: &BTreeMap<String, i32>| self.topics.iter().any(|topic| !shared.contains_key(topic));
        // What is missing may be there in a moment.
        let pause = match shared.as_ref().is_some_and(is_missing) {
            true => options.retry_backoff.max(self.pause * 2).min(options.retry_backoff_max),
            false => options.metadata_max_age,
        };
        self.pause = pause.min(options.retry_backoff_max);
        self.shared = shared;
        self.next_look = Instant::now() + pause;
    }

    /// Whether the group has to share anew; the next look is due after a pause.
    ///
    /// # Errors
    /// [`ClientFault`]: nobody has answered.
    pub async fn has_changed(&mut self, cluster: &Cluster, create: bool) -> Result<bool, ClientFault> {
        let shared = self.shared.take();
        self.joined(shared, cluster.options());
        if matches!(self.subscription, Subscription::Matching(_))
            && self.wanted(cluster).await? != self.topics
        {
            return Ok(true);
        }
        let Some(shared) = &self.shared else { return Ok(false) };
        let names = shared.keys().chain(&self.topics).cloned().collect();
        Ok(partition_counts(cluster, &names, create).await? != *shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_topic_is_looked_for_soon_and_then_less_often() {
        let options = ClusterOptions::new(Vec::new());
        let topics = BTreeSet::from(["there".to_owned(), "missing".to_owned()]);
        let mut watch = Watch::new(Subscription::Topics(topics.clone()), true);
        watch.topics = topics;
        let mut pauses = Vec::new();
        for _ in 0..6 {
            watch.joined(Some(BTreeMap::from([("there".to_owned(), 1)])), &options);
            pauses.push(watch.pause.as_millis());
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
        watch.joined(None, &options);
        assert!(watch.next_look() > Instant::now() + Duration::from_secs(299), "only the leader looks often");
    }
}
