//! `--alter`: what may be changed for whom, and the change itself.

use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_client::admin::configs::{
    Change, Operation, Resource, ResourceType, alter_configs, describe_configs,
};
use klamm_client::{ClientFault, Cluster};

use super::changes::Changes;
use super::describe::check_name;
use super::entity::{Entity, Source};
use super::options::Target;
use super::{of_future, quotas, users};
use crate::World;
use crate::exception::{self, Exception};
use crate::exit::Exit;

pub async fn alter(
    cluster: &Cluster,
    target: &Target,
    changes: &Changes,
    world: &mut World<'_>,
) -> Result<(), Exit> {
    let (entity, name) = (target.types[0], target.names[0].as_str());
    match entity {
        Entity::Users | Entity::Clients => {
            check_user_changes(target, changes)?;
            let names = changes.add.keys().chain(&changes.delete);
            if names.into_iter().any(|name| quotas::OF_CLIENTS.contains(&name.as_str())) {
                quotas::alter(cluster, target, changes).await?;
            } else {
                users::alter(cluster, name, changes, world).await?;
            }
        }
        Entity::Ips => {
            let names = changes.add.keys().chain(&changes.delete).map(String::as_str);
            let unknown: Vec<&str> = names.filter(|name| !quotas::OF_IPS.contains(name)).collect();
            refuse(unknown.is_empty(), || {
                format!(
                    "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected \
                         config names: {}",
                    unknown.join(", ")
                )
            })?;
            quotas::alter(cluster, target, changes).await?;
        }
        _ => alter_resource(cluster, entity, name, changes).await?,
    }
    match name {
        "" => writeln!(world.out, "Completed updating default config for {} in the cluster.", entity.name())?,
        name => writeln!(world.out, "Completed updating config for {} {name}.", entity.singular())?,
    }
    Ok(())
}

fn refuse(is_fine: bool, text: impl FnOnce() -> String) -> Result<(), Exit> {
    if is_fine { Ok(()) } else { Err(Exception::illegal_argument(text()).into()) }
}

/// Users have quotas or credentials, clients have quotas.
fn check_user_changes(target: &Target, changes: &Changes) -> Result<(), Exit> {
    let add: Vec<&str> = changes.add.keys().map(String::as_str).collect();
    let delete: Vec<&str> = changes.delete.iter().map(String::as_str).collect();
    let is_quota = |name: &&str| quotas::OF_CLIENTS.contains(name);
    let is_scram = |name: &&str| users::mechanism(name).is_some();
    let with_clients = target.types[0] == Entity::Clients || target.types.len() == 2;
    let (kinds, owner) = match with_clients {
        true => ("quota configs", "clients"),
        false => ("quota and SCRAM credential configs", "users"),
    };
    for (names, done) in [(&add, "added"), (&delete, "deleted")] {
        let is_known = |name: &&str| is_quota(name) || (!with_clients && is_scram(name));
        let unknown: Vec<&str> = names.iter().copied().filter(|name| !is_known(name)).collect();
        refuse(unknown.is_empty(), || {
            format!(
                "Only {kinds} can be {done} for '{owner}' using --bootstrap-server. Unexpected config names: {}",
                unknown.join(",")
            )
        })?;
    }
    if with_clients || !add.iter().chain(&delete).any(is_scram) {
        return Ok(());
    }
    refuse(!target.names.iter().any(String::is_empty), || {
        "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using \
         --bootstrap-server."
            .to_owned()
    })?;
    refuse(!add.iter().chain(&delete).any(is_quota), || {
        "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using --bootstrap-server."
            .to_owned()
    })
}

async fn alter_resource(
    cluster: &Cluster,
    entity: Entity,
    name: &str,
    changes: &Changes,
) -> Result<(), Exit> {
    if entity == Entity::Brokers {
        check_name(entity, name)?;
    }
    let Some(kind) = entity.resource_type() else { return Ok(()) };
    let resource = Resource { kind, name: name.to_owned() };
    if kind == ResourceType::BrokerLogger {
        check_name(entity, name)?;
        check_loggers(cluster, &resource, changes).await?;
    }
    let delete = changes.delete.iter().map(|name| Change {
        name: name.clone(),
        operation: Operation::Delete,
        value: None,
    });
    let set = changes.add.iter().map(|(name, value)| Change {
        name: name.clone(),
        operation: Operation::Set,
        value: Some(value.clone()),
    });
    let all = BTreeMap::from([(resource, delete.chain(set).collect())]);
    let altered = alter_configs(cluster, all, false).await.map_err(of_alter)?;
    altered.into_values().try_for_each(|result| result.map_err(of_alter))
}

/// Brokers that are too old are told in words of their own.
fn of_alter(fault: ClientFault) -> Exit {
    let is_unsupported = matches!(fault, ClientFault::UnsupportedVersion { .. })
        || fault.error_code() == Some(ErrorCode::UnsupportedVersion);
    if !is_unsupported {
        return of_future(fault, "incrementalAlterConfigs");
    }
    let text = "The INCREMENTAL_ALTER_CONFIGS API is not supported by the cluster. The API is supported starting from \
                version 2.3.0. You may want to use an older version of this tool to interact with your cluster, or \
                upgrade your brokers to version 2.3.0 or newer to avoid this error.";
    Exception::of_code(ErrorCode::UnsupportedVersion, Some(text.to_owned())).into()
}

/// Loggers must be there already.
async fn check_loggers(cluster: &Cluster, resource: &Resource, changes: &Changes) -> Result<(), Exit> {
    let of_future = |fault| of_future(fault, "describeConfigs");
    let described = describe_configs(cluster, std::slice::from_ref(resource)).await.map_err(of_future)?;
    let mut known = Vec::new();
    for loggers in described.into_values() {
        let loggers = loggers.map_err(of_future)?.into_iter();
        let loggers = loggers.filter(|logger| Source::of_code(logger.config_source) == Source::BrokerLogger);
        known.extend(loggers.map(|logger| logger.name));
    }
    let asked = changes.delete.iter().chain(changes.add.keys());
    let unknown: Vec<&str> = asked.filter(|name| !known.contains(name)).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let text = format!("Invalid broker logger(s): {}", unknown.join(","));
    Err(Exception::new(exception::class(ErrorCode::InvalidConfig), text).into())
}
