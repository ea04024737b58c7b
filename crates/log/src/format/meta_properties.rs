//! `meta.properties`: who the directory belongs to (Kafka: `MetaProperties`, `PropertiesUtils`).
//!
//! Java properties: two comment lines (empty, date), then keys in no fixed order.
//!
//! | Key | Version 1 | Version 0 (ZooKeeper times) |
//! |---|---|---|
//! | `version` | `1` | `0` or absent |
//! | `cluster.id` | required | optional |
//! | `node.id` | required, int32 | `broker.id`, optional |
//! | `directory.id` | optional, 22 characters base64url | optional |

use klamm_base::Uuid;

use super::java_properties;

use crate::Malformed;

/// File name in a log directory.
pub const FILE_NAME: &str = "meta.properties";

/// Larger files are refused.
pub const MAX_BYTES: u64 = 64 << 10;

/// Content of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// 0 or 1. Kafka 4.4 writes 1.
    pub version: u8,
    /// Always present in version 1.
    pub cluster_id: Option<String>,
    /// Always present in version 1; `broker.id` in version 0.
    pub node_id: Option<i32>,
    /// Generated and added at the first start when absent.
    pub directory_id: Option<Uuid>,
}

pub fn decode(bytes: &[u8]) -> Result<MetaProperties, Malformed> {
    let mut properties = MetaProperties { version: 0, cluster_id: None, node_id: None, directory_id: None };
    let (mut broker_id, mut node_id) = (None, None);
    let pairs = java_properties::decode(bytes)?;
    for (key, value) in &pairs {
        match key.as_str() {
            "version" => properties.version = version(value)?,
            "cluster.id" => properties.cluster_id = Some(value.clone()),
            "broker.id" => broker_id = Some(int(value, "broker.id")?),
            "node.id" => node_id = Some(int(value, "node.id")?),
            "directory.id" => {
                let id = value.parse().map_err(|_| Malformed::BadValue("directory.id"))?;
                properties.directory_id = Some(id);
            }
            _ => {}
        }
    }
    properties.node_id = if properties.version == 0 { broker_id } else { node_id };
    if properties.version > 0 && properties.cluster_id.is_none() {
        return Err(Malformed::MissingKey("cluster.id"));
    }
    if properties.version > 0 && properties.node_id.is_none() {
        return Err(Malformed::MissingKey("node.id"));
    }
    Ok(properties)
}

/// `now_ms` goes into the date comment.
pub fn encode(properties: &MetaProperties, now_ms: i64) -> Vec<u8> {
    let mut text = format!("#\n#{}\n", java_date(now_ms));
    let mut put = |key: &str, value: &str| {
        text.push_str(key);
        text.push('=');
        java_properties::escape_value(value, &mut text);
        text.push('\n');
    };
    if let Some(node_id) = properties.node_id {
        put(if properties.version == 0 { "broker.id" } else { "node.id" }, &node_id.to_string());
    }
    put("version", &properties.version.to_string());
    if let Some(directory_id) = properties.directory_id {
        put("directory.id", &directory_id.to_string());
    }
    if let Some(cluster_id) = &properties.cluster_id {
        put("cluster.id", cluster_id);
    }
    text.into_bytes()
}

fn version(value: &str) -> Result<u8, Malformed> {
    match int(value, "version")? {
        0 => Ok(0),
        1 => Ok(1),
        found => Err(Malformed::UnknownVersion { found }),
    }
}

fn int(value: &str, key: &'static str) -> Result<i32, Malformed> {
    value.parse().map_err(|_| Malformed::BadValue(key))
}

/// A date as `java.util.Date.toString` prints it, in UTC.
fn java_date(now_ms: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = now_ms.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil_date(days);
    format!(
        "{} {} {day:02} {:02}:{:02}:{:02} UTC {year}",
        WEEKDAYS[days.rem_euclid(7) as usize],
        MONTHS[month as usize],
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// Year, month (0-11) and day (1-31) of a day counted from 1970-01-01, by counting in 400-year cycles that begin
/// on the first of March.
fn civil_date(days: i64) -> (i64, i64, i64) {
    const CYCLE_DAYS: i64 = 146_097;
    let since_march_0000 = days + 719_468;
    let cycle = since_march_0000.div_euclid(CYCLE_DAYS);
    let day_of_cycle = since_march_0000.rem_euclid(CYCLE_DAYS);
    let year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = (months_from_march + 2) % 12;
    let year = cycle * 400 + year_of_cycle + i64::from(month < 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        let properties = MetaProperties {
            version: 1,
            cluster_id: Some("a b:c=ü\\".to_owned()),
            node_id: Some(7),
            directory_id: Some(Uuid([9; 16])),
        };
        assert_eq!(decode(&encode(&properties, 0)), Ok(properties));
        let old = MetaProperties { version: 0, cluster_id: None, node_id: Some(3), directory_id: None };
        let bytes = encode(&old, 0);
        assert!(String::from_utf8_lossy(&bytes).contains("broker.id=3\n"));
        assert_eq!(decode(&bytes), Ok(old));
    }

    #[test]
    fn what_kafka_wrote_is_read() {
        let text = "#\n#Fri Nov 21 11:14:05 UTC 2025\nnode.id=1\nversion=1\n\
            directory.id=3CbkoIkeVCHFmzeiLtr5MA\ncluster.id=5L6g3nShT-eMCtK--X86sw\n";
        let properties = decode(text.as_bytes()).unwrap();
        assert_eq!(properties.node_id, Some(1));
        assert_eq!(properties.cluster_id.as_deref(), Some("5L6g3nShT-eMCtK--X86sw"));
        assert_eq!(encode(&properties, 1_763_723_645_000), text.as_bytes());
    }

    #[test]
    fn damage_is_named() {
        assert_eq!(decode(b"version=2\n"), Err(Malformed::UnknownVersion { found: 2 }));
        assert_eq!(decode(b"version=1\n"), Err(Malformed::MissingKey("cluster.id")));
        assert_eq!(decode(b"version=1\ncluster.id=x\n"), Err(Malformed::MissingKey("node.id")));
        assert_eq!(decode(b"version=1\ncluster.id=x\nnode.id=y"), Err(Malformed::BadValue("node.id")));
        assert_eq!(decode(b"directory.id=short\n"), Err(Malformed::BadValue("directory.id")));
    }

    #[test]
    fn dates_are_javas() {
        assert_eq!(java_date(0), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(java_date(951_782_400_000), "Tue Feb 29 00:00:00 UTC 2000");
        assert_eq!(java_date(1_763_723_645_000), "Fri Nov 21 11:14:05 UTC 2025");
        assert_eq!(java_date(-1), "Wed Dec 31 23:59:59 UTC 1969");
    }
}
