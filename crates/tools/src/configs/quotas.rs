//! Quotas of users, clients and ips: `--describe` and `--alter`.

use klamm_base::ErrorCode;
use klamm_client::{ClientFault, Cluster};
use klamm_config::java_double;
use klamm_wire::alter_client_quotas::request::{EntityData, EntryData, OpData};
use klamm_wire::describe_client_quotas::{self, ComponentData, ValueData};
use klamm_wire::{AlterClientQuotasRequest, DescribeClientQuotasRequest};

use super::changes::Changes;
use super::entity::Entity;
use super::of_future;
use super::options::Target;
use crate::World;
use crate::exception::{self, Exception};
use crate::exit::Exit;
use crate::java;

/// Kafka: `QuotaConfig.userAndClientQuotaConfigs`.
pub const OF_CLIENTS: [&str; 4] =
    ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];
/// Kafka: `QuotaConfig.ipConfigs`.
pub const OF_IPS: [&str; 1] = ["connection_creation_rate"];

/// One line for each owner of quotas that the target means.
pub async fn describe(cluster: &Cluster, target: &Target, world: &mut World<'_>) -> Result<(), Exit> {
    for entry in entries(cluster, target).await? {
        let owner = |entity: Entity| {
            let (wire, shown) = entity.quota_names()?;
            let owner = entry.entity.iter().find(|owner| owner.entity_type == wire)?;
            Some(match owner.entity_name.as_deref() {
                None | Some("") => format!("the default {shown}"),
                Some(name) => format!("{shown} '{name}'"),
            })
        };
        let owners: Vec<String> =
            [Entity::Users, Entity::Clients, Entity::Ips].into_iter().filter_map(owner).collect();
        writeln!(world.out, "Quota configs for {} are {}", owners.join(", "), values(&entry.values))?;
    }
    Ok(())
}

/// In the order of Kafka's map.
fn values(values: &[ValueData]) -> String {
    let mut names: Vec<&str> = values.iter().map(|value| value.key.as_str()).collect();
    let capacity = names.len();
    java::hash_order_from(&mut names, capacity);
    let text = |name: &str| {
        let value = values.iter().find(|value| value.key == name).map_or(0.0, |value| value.value);
        format!("{name}={}", java_double(value))
    };
    names.into_iter().map(text).collect::<Vec<String>>().join(", ")
}

async fn entries(cluster: &Cluster, target: &Target) -> Result<Vec<describe_client_quotas::EntryData>, Exit> {
    const EXACT: i8 = 0;
    const DEFAULT: i8 = 1;
    const ANY: i8 = 2;
    if target.names.len() > target.types.len() {
        return Err(Exception::illegal_argument("More entity names specified than entity types").into());
    }
    let component = |(at, entity): (usize, &Entity)| {
        let (match_type, name) = match target.names.get(at).map(String::as_str) {
            None => (ANY, None),
            Some("") => (DEFAULT, None),
            Some(name) => (EXACT, Some(name.to_owned())),
        };
        let entity_type = entity.quota_names().map_or("", |(wire, _)| wire).to_owned();
        ComponentData { entity_type, match_type, r#match: name }
    };
    let components = target.types.iter().enumerate().map(component).collect();
    let request = DescribeClientQuotasRequest { components, strict: true };
    let answer = cluster.ask_any(&request).await;
    let answer = answer.and_then(|answer| {
        ClientFault::check(answer.error_code, answer.error_message.clone()).map(|()| answer)
    });
    Ok(answer.map_err(|fault| of_future(fault, "describeClientQuotas"))?.entries.unwrap_or_default())
}

/// Sets and removes quotas of one owner.
pub async fn alter(cluster: &Cluster, target: &Target, changes: &Changes) -> Result<(), Exit> {
    if target.types.len() != target.names.len() {
        let text = "Exactly one entity name must be specified for every entity type";
        return Err(Exception::illegal_argument(text).into());
    }
    let old = entries(cluster, target).await?.into_iter().next().map_or(Vec::new(), |entry| entry.values);
    let missing = changes.delete.iter().filter(|name| !old.iter().any(|value| value.key == **name));
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    if !missing.is_empty() {
        let text = format!("Invalid config(s): {}", missing.join(","));
        return Err(Exception::new(exception::class(ErrorCode::InvalidConfig), text).into());
    }
    let owner = target.types.iter().zip(&target.names).map(|(entity, name)| EntityData {
        entity_type: entity.quota_names().map_or("", |(wire, _)| wire).to_owned(),
        entity_name: (!name.is_empty()).then(|| name.clone()),
    });
    let set = changes.add.iter().map(|(key, value)| {
        let value: f64 = value.trim().parse().map_err(|_| {
            Exception::illegal_argument(format!("Cannot parse quota configuration value for {key}: {value}"))
        })?;
        Ok(OpData { key: key.clone(), value, remove: false })
    });
    let unset = changes.delete.iter().map(|key| Ok(OpData { key: key.clone(), value: 0.0, remove: true }));
    let ops = set.chain(unset).collect::<Result<Vec<OpData>, Exception>>()?;
    let entries = vec![EntryData { entity: owner.collect(), ops }];
    let request = AlterClientQuotasRequest { entries, validate_only: false };
    let of_future = |fault| of_future(fault, "alterClientQuotas");
    let answer =
        cluster.ask_controller(&request, |answer| answer.entries.first().map_or(0, |entry| entry.error_code));
    let answer = answer.await.map_err(of_future)?;
    for entry in answer.entries {
        ClientFault::check(entry.error_code, entry.error_message).map_err(of_future)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_javas_doubles() {
        let value = |key: &str, value| ValueData { key: key.to_owned(), value };
        assert_eq!(values(&[value("request_percentage", 50.0)]), "request_percentage=50.0");
        assert_eq!(values(&[value("producer_byte_rate", 1e7)]), "producer_byte_rate=1.0E7");
        assert_eq!(values(&[]), "");
    }
}
