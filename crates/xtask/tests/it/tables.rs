//! The table of APIs and the error codes.

use crate::golden::{lines, number};
use klamm_base::ErrorCode;
use klamm_base::codec::Listener;
use klamm_wire::ApiKey;
use serde_json::{Value, json};

#[test]
fn the_table_of_apis_is_kafkas() {
    let mut live = 0;
    for row in lines("apis.jsonl.gz") {
        let api = ApiKey::from_key(number(&row["key"]));
        if row["live"] == Value::Bool(false) {
            assert_eq!(api, None, "{row}");
            continue;
        }
        let api = api.unwrap_or_else(|| panic!("no API for {row}"));
        assert_eq!(describe(api, &row), row);
        live += 1;
    }
    assert_eq!(live, ApiKey::ALL.len());
}

/// Our row in the terms of the golden data.
fn describe(api: ApiKey, golden: &Value) -> Value {
    let word = |listener: Listener| if listener == Listener::Broker { "broker" } else { "controller" };
    let listeners = [Listener::Broker, Listener::Controller].into_iter().filter(|l| api.is_served_on(*l));
    let headers = api.versions().iter();
    let headers = headers.map(|v| json!([v, api.request_header_version(v), api.response_header_version(v)]));
    json!({
        "key": api.key(),
        "name": api.name(),
        "live": true,
        "first": api.versions().min,
        "last": api.versions().max,
        "lastStable": api.stable_versions().max,
        "forwardable": api.is_forwardable(),
        // Who may ask is the node's table, next to the code that answers.
        "clusterAction": golden["clusterAction"],
        "listeners": listeners.map(word).collect::<Vec<_>>(),
        "headers": headers.collect::<Vec<_>>(),
    })
}

#[test]
fn the_error_codes_are_kafkas() {
    let kafkas: Vec<(i16, String)> = lines("errors.jsonl.gz")
        .iter()
        .map(|row| (number(&row["code"]), row["name"].as_str().expect("a name").to_owned()))
        .collect();
    let mut ours: Vec<(i16, String)> =
        ErrorCode::ALL.iter().map(|error| (error.code(), error.name().to_owned())).collect();
    ours.sort_by_key(|(code, _)| kafkas.iter().position(|(kafkas, _)| kafkas == code));
    assert_eq!(ours, kafkas);
}
