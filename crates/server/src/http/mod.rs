//! What a node says about itself by HTTP: figures, and whether it lives and works. Kafka has nothing like it.
//!
//! | Path | Answer |
//! |---|---|
//! | `/metrics` | figures; OpenMetrics when asked for, else Prometheus' text; `?dialect=a`, `e`, `a,e` |
//! | `/livez` | 200 while the process is not about to end |
//! | `/healthz` | 200 while the process serves clients |
//! | `/readyz` | 200 while it may work, and all of its directories are online |
//!
//! Everything but 200 says why. Only GET and HEAD; nothing is changed by them, and nothing is kept between two requests:
//! a connection is for one. Its bounds are small and fixed, see `connection`.

mod connection;
mod head;
mod page;

use std::cell::RefCell;
use std::rc::Rc;

use klamm_config::settings::HttpAddress;
use tokio::net::TcpListener;

use crate::fault::ServerFault;
use crate::listener::{Bound, bind};
use crate::metrics::Observed;

/// How the listener is called where it is talked about.
const NAME: &str = "klamm.http.listener";
/// Connections that wait to be accepted.
const BACKLOG: i32 = 16;

/// What there is to be told: nothing before the node has started.
pub type Subject = Rc<RefCell<Option<Observed>>>;

/// An address that is bound and answers nobody yet.
pub struct BoundHttp {
    bound: Bound,
    address: HttpAddress,
}

impl BoundHttp {
    /// Binds the address, if there is one; where the port was left to the system it is known afterwards.
    ///
    /// # Errors
    /// It cannot be bound.
    pub fn bind(address: Option<&mut HttpAddress>) -> Result<Option<BoundHttp>, ServerFault> {
        let Some(address) = address else { return Ok(None) };
        let bound = bind(&address.host, address.port)
            .map_err(|fault| ServerFault::Listener { name: NAME.to_owned(), fault })?;
        address.port = bound.port;
        Ok(Some(BoundHttp { bound, address: address.clone() }))
    }

    /// Answers from now on, until dropped.
    ///
    /// # Errors
    /// The sockets cannot be opened.
    pub fn open(self, subject: &Subject) -> Result<Vec<impl Future<Output = ()> + use<>>, ServerFault> {
        let host = Rc::from(self.address.host);
        let sockets = self
            .bound
            .listen(BACKLOG)
            .map_err(|fault| ServerFault::Listener { name: NAME.to_owned(), fault })?;
        let mut tasks = Vec::with_capacity(sockets.len());
        for socket in sockets {
            let socket = TcpListener::from_std(socket)
                .map_err(|source| ServerFault::System { what: "event queue", source })?;
            tasks.push(connection::serve(socket, Rc::clone(&host), subject.clone()));
        }
        Ok(tasks)
    }
}
