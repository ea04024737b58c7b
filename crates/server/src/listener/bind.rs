//! From host and port to bound sockets.
//!
//! A host name is bound at every address it has (`localhost` is 127.0.0.1 and ::1, and clients try either first). No
//! host means all interfaces, by one socket for both families where the machine has IPv6.
//!
//! Binding and listening are two steps: a taken port is noticed before a data directory is touched, and a client
//! that comes too early is refused rather than left waiting.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};

/// Tries to find one free port at all addresses of a host.
const FREE_PORT_TRIES: usize = 16;

/// Why a listener could not be opened.
#[derive(Debug)]
pub enum BindFault {
    /// The host name has no address.
    UnknownHost {
        host: String,
        source: io::Error,
    },
    /// Another process listens there.
    PortTaken {
        address: SocketAddr,
    },
    /// No address of that kind on this machine.
    NoSuchAddress {
        address: SocketAddr,
    },
    /// Ports below 1024 may need a privilege.
    NotPermitted {
        address: SocketAddr,
    },
    Other {
        address: SocketAddr,
        source: io::Error,
    },
}

impl fmt::Display for BindFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindFault::UnknownHost { host, source } => write!(f, "no address for host {host}: {source}"),
            BindFault::PortTaken { address } => {
                write!(f, "port {} is taken by another process (address {})", address.port(), address.ip())
            }
            BindFault::NoSuchAddress { address } => {
                write!(f, "this machine has no address {}", address.ip())
            }
            BindFault::NotPermitted { address } => {
                write!(f, "binding {address} is not permitted (ports below 1024 need a privilege)")
            }
            BindFault::Other { address, source } => write!(f, "cannot bind {address}: {source}"),
        }
    }
}

impl BindFault {
    fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => BindFault::PortTaken { address },
            io::ErrorKind::AddrNotAvailable => BindFault::NoSuchAddress { address },
            io::ErrorKind::PermissionDenied => BindFault::NotPermitted { address },
            _ => BindFault::Other { address, source },
        }
    }
}

/// The sockets of one listener, bound to one port and not listening yet.
pub struct Bound {
    sockets: Vec<(Socket, SocketAddr)>,
    pub port: u16,
}

impl Bound {
    /// Lets clients in.
    pub fn listen(self, backlog: i32) -> Result<Vec<TcpListener>, BindFault> {
        let mut listeners = Vec::with_capacity(self.sockets.len());
        for (socket, address) in self.sockets {
            socket.listen(backlog).map_err(|source| BindFault::new(address, source))?;
            listeners.push(TcpListener::from(socket));
        }
        Ok(listeners)
    }
}

/// Binds `host` (empty = all interfaces) at `port` (0 = any free one, the same at every address).
pub fn bind(host: &str, port: u16) -> Result<Bound, BindFault> {
    let hosts = addresses(host)?;
    let mut tries = 0;
    loop {
        tries += 1;
        match bind_all(&hosts, port) {
            Err(BindFault::PortTaken { .. }) if port == 0 && tries < FREE_PORT_TRIES => {}
            result => return result,
        }
    }
}

/// The addresses to bind for a host name, without repeats.
fn addresses(host: &str) -> Result<Vec<IpAddr>, BindFault> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.is_empty() || bare == "0.0.0.0" || bare == "::" {
        return Ok(vec![wildcard()]);
    }
    let unknown = |source| BindFault::UnknownHost { host: host.to_owned(), source };
    let mut found: Vec<IpAddr> = Vec::new();
    for address in (bare, 0).to_socket_addrs().map_err(unknown)? {
        if !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    // A resolver may offer ::1 on a machine without IPv6, and many offer only one of the two.
    if bare == "localhost" {
        found = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        if has_address(IpAddr::V6(Ipv6Addr::LOCALHOST)) {
            found.push(IpAddr::V6(Ipv6Addr::LOCALHOST));
        }
    }
    match found.is_empty() {
        true => Err(unknown(io::ErrorKind::NotFound.into())),
        false => Ok(found),
    }
}

fn wildcard() -> IpAddr {
    let any = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    if has_address(any) { any } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) }
}

fn has_address(ip: IpAddr) -> bool {
    bind_one(SocketAddr::new(ip, 0)).is_ok()
}

fn bind_all(hosts: &[IpAddr], port: u16) -> Result<Bound, BindFault> {
    let mut bound = Bound { sockets: Vec::with_capacity(hosts.len()), port };
    for ip in hosts {
        let address = SocketAddr::new(*ip, bound.port);
        let (socket, local) = bind_one(address).map_err(|source| BindFault::new(address, source))?;
        bound.port = local.port();
        bound.sockets.push((socket, local));
    }
    Ok(bound)
}

fn bind_one(address: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the old connections' TIME_WAIT. A port somebody listens on stays refused.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    let local = socket.local_addr()?.as_socket().unwrap_or(address);
    socket.set_nonblocking(true)?;
    Ok((socket, local))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn localhost_is_reached_by_every_address_at_one_port() {
        let bound = bind("localhost", 0).expect("a free port");
        let port = bound.port;
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "bound but not open yet");
        let listeners = bound.listen(10).expect("open");
        for listener in &listeners {
            let address = listener.local_addr().expect("has an address");
            assert_eq!(address.port(), port);
            TcpStream::connect(address).expect("somebody listens");
        }
    }

    #[test]
    fn a_taken_port_is_named() {
        let first = bind("127.0.0.1", 0).expect("a free port");
        let port = first.port;
        let _open = first.listen(1).expect("open");
        let fault = bind("127.0.0.1", port).and_then(|bound| bound.listen(1)).map(drop).expect_err("taken");
        assert!(matches!(fault, BindFault::PortTaken { address } if address.port() == port), "{fault}");
    }

    #[test]
    fn all_interfaces_take_both_families() {
        let bound = bind("", 0).expect("a free port");
        let port = bound.port;
        let _open = bound.listen(10).expect("open");
        TcpStream::connect(("127.0.0.1", port)).expect("IPv4 reaches it");
        if has_address(IpAddr::V6(Ipv6Addr::LOCALHOST)) {
            TcpStream::connect(("::1", port)).expect("IPv6 reaches it");
        }
    }

    #[test]
    fn an_unknown_host_is_named() {
        // A label that is too long for DNS, so that nobody is asked.
        let host = format!("{}.invalid", "x".repeat(64));
        let fault = bind(&host, 9092).err().expect("no address");
        assert!(fault.to_string().contains(&host), "{fault}");
    }
}
