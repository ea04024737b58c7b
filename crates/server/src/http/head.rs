//! The head of a request, as far as it matters here.

use httparse::{EMPTY_HEADER, Request, Status};

/// Header fields of a request, at most.
const FIELDS_MAX: usize = 64;

/// A request that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub is_head: bool,
    pub path: String,
    pub query: String,
    pub host: Option<String>,
    pub accept: String,
}

/// Why a head gets another answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFault {
    Malformed,
    /// Neither GET nor HEAD.
    Method,
    /// There is something behind the head.
    Body,
}

impl Head {
    /// `None` until all of it is there.
    pub fn parse(bytes: &[u8]) -> Result<Option<Head>, HeadFault> {
        let mut fields = [EMPTY_HEADER; FIELDS_MAX];
        let mut request = Request::new(&mut fields);
        match request.parse(bytes) {
            Ok(Status::Complete(_)) => {}
            Ok(Status::Partial) => return Ok(None),
            Err(_) => return Err(HeadFault::Malformed),
        }
        let is_head = match request.method {
            Some("GET") => false,
            Some("HEAD") => true,
            _ => return Err(HeadFault::Method),
        };
        let mut head =
            Head { is_head, path: String::new(), query: String::new(), host: None, accept: String::new() };
        for field in request.headers.iter() {
            let value = || std::str::from_utf8(field.value).map(str::trim).map_err(|_| HeadFault::Malformed);
            let is = |name: &str| field.name.eq_ignore_ascii_case(name);
            if is("host") {
                // Two of them are how requests are smuggled.
                if head.host.replace(value()?.to_owned()).is_some() {
                    return Err(HeadFault::Malformed);
                }
            } else if is("accept") {
                head.accept.push_str(value()?);
                head.accept.push(',');
            } else if is("transfer-encoding") || (is("content-length") && value()? != "0") {
                return Err(HeadFault::Body);
            }
        }
        let target = request.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (head.path, head.query) = (path.to_owned(), query.to_owned());
        Ok(Some(head))
    }

    /// The value of a parameter of the query, as it stands there.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<Head>, HeadFault> {
        Head::parse(text.as_bytes())
    }

    #[test]
    fn a_request_of_a_scraper() {
        let text =
            "GET /metrics?x=1&dialect=a,e HTTP/1.1\r\nHost: localhost:9404\r\naccept: text/plain\r\n\r\n";
        let head = parse(text).expect("well-formed").expect("complete");
        assert_eq!((head.path.as_str(), head.is_head), ("/metrics", false));
        assert_eq!((head.parameter("dialect"), head.parameter("y")), (Some("a,e"), None));
        assert_eq!((head.host.as_deref(), head.accept.as_str()), (Some("localhost:9404"), "text/plain,"));
        for end in 1..text.len() {
            assert_eq!(parse(&text[..end]), Ok(None), "cut at {end}");
        }
    }

    #[test]
    fn what_is_not_answered() {
        assert_eq!(parse("POST /metrics HTTP/1.1\r\n\r\n"), Err(HeadFault::Method));
        assert_eq!(parse("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), Err(HeadFault::Body));
        assert_eq!(parse("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), Err(HeadFault::Body));
        let two_hosts = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
        for text in [two_hosts, "\0\0\0\x1a\0\x12\0\0", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n broken\r\n\r\n"]
        {
            assert_eq!(parse(text), Err(HeadFault::Malformed), "{text:?}");
        }
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(FIELDS_MAX + 1));
        assert_eq!(parse(&many), Err(HeadFault::Malformed));
    }
}
