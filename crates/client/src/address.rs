//! Where a broker may be reached (Kafka: `ClientUtils.parseAndValidateAddresses`).

use std::fmt;
use std::str::FromStr;

/// A host, by name or number, and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    pub host: String,
    pub port: u16,
}

/// A text that is no `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAddress {
    pub text: String,
}

impl Address {
    pub fn new(host: impl Into<String>, port: u16) -> Address {
        Address { host: host.into(), port }
    }

    /// Reads a list as `bootstrap.servers` holds it; blanks around the commas do not count.
    ///
    /// # Errors
    /// The first part that is no address. An empty list is one too.
    pub fn parse_list(text: &str) -> Result<Vec<Address>, NoAddress> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let addresses = parts.map(str::parse).collect::<Result<Vec<Address>, NoAddress>>()?;
        if addresses.is_empty() { Err(NoAddress { text: text.to_owned() }) } else { Ok(addresses) }
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    /// `host:port`, `[v6]:port`, each with a protocol before it or not (`PLAINTEXT://host:port`).
    fn from_str(text: &str) -> Result<Address, NoAddress> {
        let no_address = || NoAddress { text: text.to_owned() };
        let place = text.rsplit_once("://").map_or(text, |(_, place)| place);
        let (host, port) = place.rsplit_once(':').ok_or_else(no_address)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_number = host.contains(':');
        let host = bare.unwrap_or(host);
        if host.is_empty() || (is_number && bare.is_none()) {
            return Err(no_address());
        }
        let port = port.parse().map_err(|_| no_address())?;
        Ok(Address { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        assert_eq!("localhost:9092".parse(), Ok(Address::new("localhost", 9092)));
        assert_eq!("PLAINTEXT://10.0.0.1:1".parse(), Ok(Address::new("10.0.0.1", 1)));
        assert_eq!("[::1]:9092".parse(), Ok(Address::new("::1", 9092)));
        assert_eq!(Address::new("::1", 9092).to_string(), "[::1]:9092");
        for wrong in ["localhost", ":9092", "localhost:", "localhost:x", "localhost:70000", "::1:9092"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_forgive_blanks_but_not_emptiness() {
        let list = Address::parse_list("a:1, b:2,").expect("two addresses");
        assert_eq!(list, [Address::new("a", 1), Address::new("b", 2)]);
        assert!(Address::parse_list(" ,").is_err());
        assert!(Address::parse_list("a:1,b").is_err());
    }
}
