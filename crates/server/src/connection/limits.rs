//! Bounds on one connection.

use std::time::Duration;

use klamm_config::settings::SocketSettings;

/// Longer than any connection lives, and short enough to be added to any time.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// Bounds on one connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// `socket.request.max.bytes`
    pub frame_bytes_max: usize,
    /// `connections.max.idle.ms`
    pub idle_max: Duration,
    /// `klamm.connection.max.requests.in.flight`; more stay in the socket.
    pub in_flight_max: usize,
    /// Bytes of the frames of these requests (`klamm.connection.max.request.bytes.in.flight`). One is always taken.
    pub in_flight_bytes_max: usize,
    /// Bytes of unsent answers in memory (`klamm.connection.max.unsent.bytes`); above, no request begins.
    pub unsent_bytes_max: usize,
    /// Pieces (runs of bytes and slices of files) of unsent answers; above, no request begins.
    pub unsent_pieces_max: usize,
    /// `klamm.first.request.max.ms`
    pub first_request_max: Duration,
    /// `klamm.frame.max.ms`
    pub frame_max: Duration,
    /// `klamm.frame.min.bytes.per.second`
    pub frame_bytes_per_second: u32,
    /// `klamm.send.stall.max.ms`
    pub send_stall_max: Duration,
}

impl ConnectionLimits {
    /// With the defaults of all others.
    pub fn new(frame_bytes_max: usize, idle_max: Duration) -> Self {
        ConnectionLimits {
            frame_bytes_max,
            idle_max,
            in_flight_max: 64,
            in_flight_bytes_max: 4 * 1024 * 1024,
            unsent_bytes_max: 1024 * 1024,
            unsent_pieces_max: 256,
            first_request_max: Duration::from_secs(60),
            frame_max: Duration::from_secs(30),
            frame_bytes_per_second: 1024,
            send_stall_max: Duration::from_secs(120),
        }
    }

    pub fn of_settings(sockets: &SocketSettings) -> Self {
        let connection = &sockets.connection;
        ConnectionLimits {
            in_flight_max: count(connection.max_requests_in_flight),
            in_flight_bytes_max: count(connection.max_request_bytes_in_flight),
            unsent_bytes_max: count(connection.max_unsent_bytes),
            first_request_max: time(connection.first_request_max_ms),
            frame_max: time(connection.frame_max_ms),
            frame_bytes_per_second: connection.frame_min_bytes_per_second.max(1) as u32,
            send_stall_max: time(connection.send_stall_max_ms),
            ..ConnectionLimits::new(count(sockets.request_max_bytes), time(sockets.connections_max_idle_ms))
        }
    }

    /// How long a request may be on its way of which so many bytes are there.
    pub fn frame_time(&self, bytes: usize) -> Duration {
        let sending = Duration::from_secs(bytes as u64 / u64::from(self.frame_bytes_per_second));
        (self.frame_max + sending).min(NEVER)
    }
}

fn count(number: i32) -> usize {
    number.max(0) as usize
}

/// Negative = never.
fn time(ms: i64) -> Duration {
    u64::try_from(ms).map_or(NEVER, Duration::from_millis).min(NEVER)
}
