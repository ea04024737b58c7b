//! The least that a broker can do: read frames, check and stamp batches, append them to one file for each partition,
//! answer; give them out by sendfile. Nothing is remembered across starts, nothing is configurable, and nobody is
//! protected from anybody.
//!
//! * [`partition`] – the file and its end
//! * [`requests`] – what each request does
//!
//! One blocking thread for each connection; what one read brought is answered by one write.

mod partition;
mod requests;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use requests::{Broker, Reply};

/// The argument that makes this program a floor.
pub const COMMAND: &str = "floor-server";

/// What a connection reads at a time at first; larger frames make it grow.
const BUFFER: usize = 256 * 1024;

/// Serves on loopback until the process is ended.
pub fn run(port: &str, dir: PathBuf) -> io::Result<bool> {
    let port: u16 = port.parse().map_err(io::Error::other)?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let broker = Arc::new(Broker::new(dir, i32::from(port)));
    loop {
        let (socket, _) = listener.accept()?;
        let broker = broker.clone();
        std::thread::spawn(move || {
            // Clients come and go; how one has gone is of no interest.
            let _ = serve(socket, &broker);
        });
    }
}

fn serve(mut socket: TcpStream, broker: &Broker) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut buffer = vec![0; BUFFER];
    let mut filled = 0;
    let mut out = Vec::new();
    loop {
        let read = socket.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        let mut start = 0;
        let mut needed = 0;
        while let Some(size) = frame_size(&buffer[start..filled]) {
            if filled - start < size {
                needed = size;
                break;
            }
            let frame = &mut buffer[start + 4..start + size];
            if let Reply::Sent = requests::answer(broker, frame, &mut out, &mut socket)? {
                out.clear();
            }
            start += size;
        }
        if !out.is_empty() {
            socket.write_all(&out)?;
            out.clear();
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        if needed > buffer.len() || filled == buffer.len() {
            buffer.resize(needed.max(buffer.len()).next_power_of_two(), 0);
        }
    }
}

/// Bytes of the frame that begins here, its length field included.
fn frame_size(bytes: &[u8]) -> Option<usize> {
    let len = bytes.first_chunk().map(|len| u32::from_be_bytes(*len))?;
    Some(4 + len as usize)
}
