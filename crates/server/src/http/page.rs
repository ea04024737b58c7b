//! What each path answers.

use std::net::IpAddr;

use klamm_node::Condition;

use super::Subject;
use super::head::Head;
use crate::metrics::{Dialects, Format};

const PLAIN: &str = "text/plain; charset=utf-8";

/// An answer without its frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub status: Status,
    pub content_type: &'static str,
    pub body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    MisdirectedRequest,
    HeadTooLarge,
    ServiceUnavailable,
}

impl Status {
    pub fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::BadRequest => "400 Bad Request",
            Status::NotFound => "404 Not Found",
            Status::MethodNotAllowed => "405 Method Not Allowed",
            Status::RequestTimeout => "408 Request Timeout",
            Status::MisdirectedRequest => "421 Misdirected Request",
            Status::HeadTooLarge => "431 Request Header Fields Too Large",
            Status::ServiceUnavailable => "503 Service Unavailable",
        }
    }
}

impl Page {
    pub fn plain(status: Status, body: impl Into<String>) -> Page {
        Page { status, content_type: PLAIN, body: body.into() + "\n" }
    }

    /// The answer to a request. `host` is what the listener was told to listen at.
    pub fn of(head: &Head, host: &str, subject: &Subject) -> Page {
        if !is_meant(head.host.as_deref(), host) {
            return Page::plain(Status::MisdirectedRequest, "this is another host");
        }
        let subject = subject.borrow();
        let condition = subject.as_ref().map(|observed| observed.work.node.condition());
        match (head.path.as_str(), subject.as_ref()) {
            ("/metrics", None) => Page::plain(Status::ServiceUnavailable, "starting"),
            ("/metrics", Some(observed)) => {
                let Some(dialects) = head.parameter("dialect").map_or(Some(Dialects::ALL), Dialects::parse)
                else {
                    return Page::plain(Status::BadRequest, "dialects are a and e");
                };
                let format = format(&head.accept);
                let body = observed.text(format, dialects);
                Page { status: Status::Ok, content_type: format.content_type(), body }
            }
            ("/livez", _) => verdict(live(condition.as_ref())),
            ("/healthz", _) => verdict(healthy(condition.as_ref())),
            ("/readyz", _) => verdict(ready(condition.as_ref())),
            _ => Page::plain(Status::NotFound, "there are /metrics, /healthz, /livez and /readyz"),
        }
    }
}

fn verdict(reasons: Vec<String>) -> Page {
    match reasons.is_empty() {
        true => Page::plain(Status::Ok, "ok"),
        false => Page::plain(Status::ServiceUnavailable, reasons.join("\n")),
    }
}

fn live(condition: Option<&Condition>) -> Vec<String> {
    let failed = condition.is_some_and(|condition| condition.has_failed);
    if failed { vec!["the node has failed and is about to end".to_owned()] } else { Vec::new() }
}

fn healthy(condition: Option<&Condition>) -> Vec<String> {
    match condition {
        None => vec!["starting".to_owned()],
        some => live(some),
    }
}

fn ready(condition: Option<&Condition>) -> Vec<String> {
    let mut reasons = healthy(condition);
    if let Some(condition) = condition {
        if condition.is_fenced {
            reasons.push("the controller has not unfenced this broker".to_owned());
        }
        let offline = condition.offline_directories.iter();
        reasons.extend(offline.map(|path| format!("log directory {} is offline", path.display())));
    }
    reasons
}

/// OpenMetrics only for those who name it.
fn format(accept: &str) -> Format {
    let is_open = |part: &str| part.trim().starts_with("application/openmetrics-text");
    let weight = |part: &str| {
        let mut weights = part.split(';').filter_map(|word| word.trim().strip_prefix("q="));
        weights.next_back().and_then(|weight| weight.parse::<f32>().ok()).unwrap_or(1.0)
    };
    let wanted = accept.split(',').any(|part| is_open(part) && weight(part) > 0.0);
    if wanted { Format::OpenMetrics } else { Format::Prometheus }
}

/// A page in a browser may reach what listens on loopback only, under a name of its own (DNS rebinding): there the name
/// asked for must be an address, `localhost`, or what the settings call the listener.
fn is_meant(asked: Option<&str>, listener: &str) -> bool {
    let is_loopback = |host: &str| {
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    };
    let Some(asked) = asked.filter(|_| is_loopback(listener)) else { return true };
    let name = match asked.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => asked.rsplit_once(':').map_or(asked, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.eq_ignore_ascii_case(listener)
        || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_not_reached_under_other_names() {
        for asked in ["localhost:9404", "LOCALHOST", "127.0.0.1:9404", "[::1]:9404", "10.0.0.7:9404"] {
            assert!(is_meant(Some(asked), "localhost"), "{asked}");
        }
        assert!(is_meant(None, "localhost"), "HTTP/1.0 names nobody");
        assert!(!is_meant(Some("evil.example:9404"), "localhost"));
        assert!(!is_meant(Some("evil.example"), "127.0.0.1"));
        assert!(is_meant(Some("klamm.monitoring.svc:9404"), "0.0.0.0"));
    }

    #[test]
    fn scrapers_get_the_format_they_ask_for() {
        let prometheus =
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1,";
        assert_eq!(format(prometheus), Format::OpenMetrics);
        assert_eq!(format("text/plain,application/openmetrics-text;q=0,"), Format::Prometheus);
        assert_eq!(format("*/*,"), Format::Prometheus);
        assert_eq!(format(""), Format::Prometheus);
    }

    #[test]
    fn who_is_not_ready_says_why() {
        let fine = Condition { is_fenced: false, offline_directories: Vec::new(), has_failed: false };
        assert!(ready(Some(&fine)).is_empty() && healthy(Some(&fine)).is_empty());
        assert_eq!(ready(None), ["starting"]);
        assert!(live(None).is_empty(), "nothing is wrong with one that starts");
        let poor =
            Condition { is_fenced: true, offline_directories: vec!["/data".into()], has_failed: false };
        assert_eq!(ready(Some(&poor)).len(), 2);
        assert!(healthy(Some(&poor)).is_empty());
        let failed = Condition { has_failed: true, ..fine };
        assert_eq!((live(Some(&failed)).len(), ready(Some(&failed)).len()), (1, 1));
    }
}
