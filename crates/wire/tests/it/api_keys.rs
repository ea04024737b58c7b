//! The table of APIs against Kafka 4.4's figures.

use klamm_base::codec::{Kind, Listener, Versions};
use klamm_wire::{ApiKey, registry};

#[test]
fn kafka_4_4_has_91_live_apis_in_309_versions() {
    assert_eq!(ApiKey::ALL.len(), 91);
    let versions: usize = ApiKey::ALL.iter().map(|api| api.versions().iter().count()).sum();
    assert_eq!(versions, 309);
}

#[test]
fn listeners_serve_79_and_42_of_them() {
    let served = |listener| ApiKey::ALL.iter().filter(|api| api.is_served_on(listener)).count();
    assert_eq!(served(Listener::Broker), 79);
    assert_eq!(served(Listener::Controller), 42);
}

#[test]
fn every_number_finds_its_api() {
    for key in -2..120 {
        let expected = ApiKey::ALL.iter().copied().find(|api| api.key() == key);
        assert_eq!(ApiKey::from_key(key), expected, "{key}");
    }
    assert_eq!(ApiKey::from_key(7), None);
    assert_eq!(ApiKey::from_key(94), Some(ApiKey::UnregisterController));
    assert_eq!(ApiKey::from_key(i16::MAX), None);
    assert_eq!(ApiKey::from_key(i16::MIN), None);
}

#[test]
fn each_row_names_the_messages_of_its_key() {
    for api in ApiKey::ALL {
        let (request, response) = (api.request_schema(), api.response_schema());
        assert!(matches!(request.kind, Kind::Request { api_key, .. } if api_key == api.key()));
        assert!(matches!(response.kind, Kind::Response { api_key } if api_key == api.key()));
        assert_eq!(request.name(), format!("{api}Request"));
        assert_eq!(response.name(), format!("{api}Response"));
        assert_eq!(request.versions, response.versions, "{api}");
        assert_eq!(request.flexible, response.flexible, "{api}");
        assert!(!api.listeners().is_empty(), "{api}");
    }
}

#[test]
fn headers_follow_the_flexible_versions() {
    for (api, version, request, response) in [
        (ApiKey::Fetch, 11, 1, 0),
        (ApiKey::Fetch, 12, 2, 1),
        (ApiKey::ApiVersions, 2, 1, 0),
        (ApiKey::ApiVersions, 3, 2, 0),
        // A version of the future is read up to its header, to be refused.
        (ApiKey::ApiVersions, 99, 2, 0),
        (ApiKey::ApiVersions, -1, 1, 0),
        (ApiKey::SaslHandshake, 1, 1, 0),
        (ApiKey::OffsetDelete, 0, 1, 0),
        (ApiKey::Vote, 0, 2, 1),
    ] {
        assert_eq!(api.request_header_version(version), request, "{api} v{version}");
        assert_eq!(api.response_header_version(version), response, "{api} v{version}");
    }
    assert_eq!(ApiKey::SaslHandshake.first_flexible_version(), None);
    assert_eq!(ApiKey::Produce.first_flexible_version(), Some(9));
}

#[test]
fn one_version_is_unstable() {
    let unstable: Vec<_> = ApiKey::ALL.iter().filter(|api| api.latest_version_unstable()).collect();
    assert_eq!(unstable, [&ApiKey::InitProducerId]);
    assert_eq!(ApiKey::InitProducerId.stable_versions(), Versions::new(0, 5));
    assert_eq!(ApiKey::Produce.stable_versions(), ApiKey::Produce.versions());
}

#[test]
fn brokers_forward_22_apis() {
    let forwarded: Vec<_> = ApiKey::ALL.iter().filter(|api| api.is_forwardable()).collect();
    assert_eq!(forwarded.len(), 22);
    assert!(forwarded.contains(&&ApiKey::CreateTopics) && !forwarded.contains(&&ApiKey::Vote));
    assert!(forwarded.iter().all(|api| api.is_served_on(Listener::Controller)));
}

#[test]
fn the_registry_has_every_message_once() {
    let mut names: Vec<_> = registry().iter().map(|message| message.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), registry().len());
    assert_eq!(names.len(), 2 * ApiKey::ALL.len() + 5);
}
