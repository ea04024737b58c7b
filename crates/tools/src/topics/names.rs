//! The topics that `--topic` means, which is a regular expression.

use klamm_client::Cluster;
use klamm_client::admin::topics::{TopicListing, list_topics};

use super::options::{EXCLUDE_INTERNAL, IF_EXISTS, TOPIC};
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::Options;
use crate::topic_filter::{TopicFilter, is_internal};

/// Names of all topics that `--topic` matches, sorted; of all without it.
pub async fn matching(options: &Options, cluster: &Cluster) -> Result<Vec<String>, Exit> {
    let filter = options.value(&TOPIC)?.map(str::to_owned);
    let names = listed(options, cluster).await?.into_iter().map(|topic| topic.name);
    let filter = match filter {
        Some(pattern) => Some(TopicFilter::new(&pattern)?),
        None => None,
    };
    let without_internal = options.has(&EXCLUDE_INTERNAL);
    let is_wanted = |name: &String| {
        filter.as_ref().is_none_or(|filter| filter.allows(name)) && !(without_internal && is_internal(name))
    };
    Ok(names.filter(is_wanted).collect())
}

/// As [`matching`]; it is an error when there is none, unless `--if-exists` is given.
pub async fn existing(options: &Options, cluster: &Cluster) -> Result<Vec<String>, Exit> {
    let names = matching(options, cluster).await?;
    let asked = options.value(&TOPIC)?.filter(|topic| !topic.is_empty());
    match asked {
        Some(topic) if names.is_empty() && !options.has(&IF_EXISTS) => {
            Err(Exception::illegal_argument(format!("Topic '{topic}' does not exist as expected")).into())
        }
        _ => Ok(names),
    }
}

/// All topics; without those that the cluster calls its own where `--exclude-internal` is given.
pub async fn listed(options: &Options, cluster: &Cluster) -> Result<Vec<TopicListing>, Exit> {
    let mut topics = list_topics(cluster).await.map_err(|fault| Exception::of_fault(fault, "listTopics"))?;
    if options.has(&EXCLUDE_INTERNAL) {
        topics.retain(|topic| !topic.is_internal);
    }
    Ok(topics)
}
