//! `--describe` of what has settings of its own: topics, brokers, their loggers, client metrics, groups.

use klamm_base::ErrorCode;
use klamm_client::ClientFault;
use klamm_client::Cluster;
use klamm_client::admin::configs::{Resource, ResourceType, describe_configs, list_config_resources};
use klamm_client::admin::groups::{GroupFilter, list_groups};
use klamm_client::admin::nodes::describe_cluster;
use klamm_client::admin::topics::list_topics;
use klamm_wire::describe_configs::DescribeConfigsResourceResult;

use super::entity::{Entity, Source};
use super::of_future;
use crate::World;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::java;

/// All settings or the changed ones, of one or of all.
pub async fn describe(
    cluster: &Cluster,
    entity: Entity,
    name: Option<&str>,
    all: bool,
    world: &mut World<'_>,
) -> Result<(), Exit> {
    let Some(kind) = entity.resource_type() else { return Ok(()) };
    if let Some(name) = name
        && !all
        && !is_there(cluster, entity, name).await?
    {
        let singular = entity.singular();
        return Ok(writeln!(
            world.out,
            "The {singular} '{name}' doesn't exist and doesn't have dynamic config."
        )?);
    }
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => names(cluster, entity).await?,
    };
    names.iter().try_for_each(|name| check_name(entity, name))?;
    let resources: Vec<Resource> = names.into_iter().map(|name| Resource { kind, name }).collect();
    if resources.is_empty() {
        return Ok(());
    }
    let mut described =
        describe_configs(cluster, &resources).await.map_err(|fault| of_future(fault, "describeConfigs"))?;
    for resource in resources {
        let name = &resource.name;
        match (name.as_str(), all) {
            ("", _) => writeln!(world.out, "Default configs for {} in the cluster are:", entity.name())?,
            (_, true) => writeln!(world.out, "All configs for {} {name} are:", entity.singular())?,
            (_, false) => writeln!(world.out, "Dynamic configs for {} {name} are:", entity.singular())?,
        }
        let configs = described.remove(&resource).unwrap_or_else(|| Ok(Vec::new()));
        let mut configs = configs.map_err(|fault| of_future(fault, "describeConfigs"))?;
        let source = entity.dynamic_source(name);
        configs.retain(|config| all || Source::of_code(config.config_source) == source);
        configs.sort_by(|a, b| a.name.cmp(&b.name));
        for config in &configs {
            writeln!(world.out, "{}", line(config))?;
        }
    }
    Ok(())
}

/// The broker does not tell the values of secrets.
fn line(config: &DescribeConfigsResourceResult) -> String {
    let synonyms = config.synonyms.iter().map(|synonym| {
        let value = synonym.value.as_deref().unwrap_or("null");
        format!("{}:{}={value}", Source::of_code(synonym.source).name(), synonym.name)
    });
    format!(
        "  {}={} sensitive={} synonyms={{{}}}",
        config.name,
        config.value.as_deref().unwrap_or("null"),
        config.is_sensitive,
        synonyms.collect::<Vec<String>>().join(", ")
    )
}

/// Kafka: `Topic.validate`, `validateBrokerId`.
pub fn check_name(entity: Entity, name: &str) -> Result<(), Exit> {
    const LENGTH_MAX: usize = 249;
    let reason = match entity {
        Entity::Brokers | Entity::BrokerLoggers if !name.is_empty() && name.parse::<i32>().is_err() => {
            let kind = entity.name();
            return Err(Exception::illegal_argument(format!(
                "The entity name for {kind} must be a valid integer broker id, found: {name}"
            ))
            .into());
        }
        Entity::Topics => match name {
            "" => Some("the empty string is not allowed".to_owned()),
            "." | ".." => Some(format!("'{name}' is not allowed")),
            _ if name.encode_utf16().count() > LENGTH_MAX => {
                Some(format!("the length of '{name}' is longer than the max allowed length {LENGTH_MAX}"))
            }
            _ if name.contains(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))) => Some(format!(
                "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
            )),
            _ => None,
        },
        _ => None,
    };
    match reason {
        Some(reason) => {
            let text = format!("Topic name is invalid: {reason}");
            Err(Exception::of_code(ErrorCode::InvalidTopicException, Some(text)).into())
        }
        None => Ok(()),
    }
}

async fn is_there(cluster: &Cluster, entity: Entity, name: &str) -> Result<bool, Exit> {
    if entity == Entity::Topics {
        check_name(entity, name)?;
    }
    let is_default_broker = matches!(entity, Entity::Brokers | Entity::BrokerLoggers) && name.is_empty();
    match entity {
        _ if is_default_broker => Ok(true),
        // A broker that cannot list groups with settings does not decide.
        Entity::Groups => match group_resources(cluster).await? {
            Some(resources) => Ok(resources.iter().any(|known| known == name)
                || groups(cluster).await?.iter().any(|known| known == name)),
            None => Ok(true),
        },
        _ => Ok(names(cluster, entity).await?.iter().any(|known| known == name)),
    }
}

/// All that have settings, in the order in which Kafka's tool goes through them.
async fn names(cluster: &Cluster, entity: Entity) -> Result<Vec<String>, Exit> {
    match entity {
        Entity::Topics => {
            let topics = list_topics(cluster).await.map_err(|fault| of_future(fault, "listTopics"))?;
            let mut names: Vec<String> = topics.into_iter().map(|topic| topic.name).collect();
            java::hash_order(&mut names);
            Ok(names)
        }
        Entity::Brokers | Entity::BrokerLoggers => {
            let described = describe_cluster(cluster, false).await;
            let described = described.map_err(|fault| of_future(fault, "describeCluster"))?;
            let ids = described.nodes.iter().map(|node| node.id.to_string());
            Ok(ids.chain([String::new()]).collect())
        }
        Entity::ClientMetrics => {
            let resources = list_config_resources(cluster, &[ResourceType::ClientMetrics]).await;
            let resources = resources.map_err(|fault| of_future(fault, "listConfigResources"))?;
            Ok(resources.into_iter().map(|resource| resource.name).collect())
        }
        _ => {
            let mut names = groups(cluster).await?;
            for resource in group_resources(cluster).await?.unwrap_or_default() {
                if !names.contains(&resource) {
                    names.push(resource);
                }
            }
            Ok(names)
        }
    }
}

async fn groups(cluster: &Cluster) -> Result<Vec<String>, Exit> {
    let answers = list_groups(cluster, &GroupFilter::default()).await;
    let mut names = Vec::new();
    for (_, answer) in answers.map_err(|fault| of_future(fault, "listGroups"))? {
        let groups = answer.map_err(|fault| of_future(fault, "listGroups"))?;
        names.extend(groups.into_iter().map(|group| group.group_id));
    }
    Ok(names)
}

/// Groups with settings; `None` from brokers that cannot tell or may not.
async fn group_resources(cluster: &Cluster) -> Result<Option<Vec<String>>, Exit> {
    match list_config_resources(cluster, &[ResourceType::Group]).await {
        Ok(resources) => Ok(Some(resources.into_iter().map(|resource| resource.name).collect())),
        Err(fault) => match (&fault, fault.error_code()) {
            (ClientFault::UnsupportedVersion { .. }, _)
            | (_, Some(ErrorCode::UnsupportedVersion | ErrorCode::ClusterAuthorizationFailed)) => Ok(None),
            _ => Err(Exception::of_fault(fault, "listConfigResources").into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_before_anybody_is_asked() {
        let said = |entity, name: &str| match check_name(entity, name) {
            Ok(()) => "fine".to_owned(),
            Err(Exit::Exception(exception)) => exception.message().to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(said(Entity::Topics, "a.b_c-1"), "fine");
        assert_eq!(said(Entity::Topics, ".."), "Topic name is invalid: '..' is not allowed");
        assert_eq!(
            said(Entity::Topics, "a b"),
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and \
             '-'"
        );
        assert_eq!(
            said(Entity::Brokers, "x"),
            "The entity name for brokers must be a valid integer broker id, found: x"
        );
        assert_eq!(said(Entity::Brokers, ""), "fine");
    }
}
