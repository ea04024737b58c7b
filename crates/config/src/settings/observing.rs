//! What a node tells about itself.

use super::values::Values;
use crate::addresses::host_and_port;
use crate::fault::ConfigFault;

const HTTP_LISTENER: &str = "klamm.http.listener";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservingSettings {
    /// `klamm.http.listener`
    pub http: Option<HttpAddress>,
    /// Lines of the log are JSON objects.
    pub log_is_json: bool,
    /// From one place in the code; `None` = without bound.
    pub log_lines_per_second: Option<u32>,
    /// Partitions, topics and offsets of groups with figures of their own.
    pub metrics_partitions_max: usize,
}

/// Where HTTP is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress {
    /// Never empty: `localhost` where none was given.
    pub host: String,
    /// 0 = any free one.
    pub port: u16,
}

impl ObservingSettings {
    pub(super) fn from_values(values: &Values) -> Result<ObservingSettings, ConfigFault> {
        let lines = u32::try_from(values.int("klamm.log.lines.per.second")).unwrap_or(0);
        Ok(ObservingSettings {
            http: http_address(values.text(HTTP_LISTENER).unwrap_or_default())?,
            log_is_json: values.text("klamm.log.format") == Some("json"),
            log_lines_per_second: (lines > 0).then_some(lines),
            metrics_partitions_max: usize::try_from(values.int("klamm.metrics.max.partitions")).unwrap_or(0),
        })
    }
}

fn http_address(text: &str) -> Result<Option<HttpAddress>, ConfigFault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let refused =
        || ConfigFault::Refused { name: HTTP_LISTENER, reason: "an address is host:port, or :port" };
    let (host, port) = host_and_port(text).filter(|_| !text.contains("://")).ok_or_else(refused)?;
    let port = port.parse().map_err(|_| refused())?;
    let host = if host.is_empty() { "localhost".to_owned() } else { host };
    Ok(Some(HttpAddress { host, port }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_host_is_loopback() {
        let address = |text| http_address(text).map(|found| found.map(|found| (found.host, found.port)));
        assert_eq!(address(""), Ok(None));
        assert_eq!(address(":9404"), Ok(Some(("localhost".to_owned(), 9404))));
        assert_eq!(address("0.0.0.0:0"), Ok(Some(("0.0.0.0".to_owned(), 0))));
        assert_eq!(address("[::1]:9404"), Ok(Some(("::1".to_owned(), 9404))));
        for text in ["9404", "localhost", "localhost:", "localhost:99999", "http://localhost:80"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
