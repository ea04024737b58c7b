//! One request for each connection: head in, page out, end. Whoever is slow or says too much is closed.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

use super::Subject;
use super::head::{Head, HeadFault};
use super::page::{Page, Status};

/// Connections at a time; others wait in the backlog.
const CONNECTIONS_MAX: usize = 8;
/// Longer heads are refused.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// From being accepted to the whole head.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// For taking the whole answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// For hearing that the client has read it all.
const END_TIME: Duration = Duration::from_secs(1);
/// While nobody can be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections of one socket that are there.
#[derive(Clone, Default)]
struct Present(Rc<Cell<usize>>, Rc<tokio::sync::Notify>);

impl Present {
    async fn room(&self) {
        while self.0.get() >= CONNECTIONS_MAX {
            self.1.notified().await;
        }
    }

    fn enter(&self) -> Present {
        self.0.set(self.0.get() + 1);
        self.clone()
    }

    fn leave(&self) {
        self.0.set(self.0.get() - 1);
        self.1.notify_one();
    }
}

/// Accepts for ever.
pub async fn serve(socket: TcpListener, host: Rc<str>, subject: Subject) {
    let present = Present::default();
    loop {
        present.room().await;
        match socket.accept().await {
            Ok((stream, _)) => {
                let (present, host, subject) = (present.enter(), host.clone(), subject.clone());
                spawn_local(async move {
                    // Whatever went wrong concerns the client alone.
                    let _ = answer(stream, &host, &subject).await;
                    present.leave();
                });
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn answer(mut stream: TcpStream, host: &str, subject: &Subject) -> io::Result<()> {
    let read = timeout(HEAD_TIME, read_head(&mut stream)).await;
    let (page, is_head) = match read {
        Err(_) => (Page::plain(Status::RequestTimeout, "too slow"), false),
        Ok(Err(error)) => return Err(error),
        Ok(Ok(Ok(head))) => (Page::of(&head, host, subject), head.is_head),
        Ok(Ok(Err(page))) => (page, false),
    };
    let text = frame(&page, is_head);
    timeout(ANSWER_TIME, stream.write_all(text.as_bytes())).await??;
    stream.shutdown().await?;
    // Closed with bytes unread, the system would take the answer back.
    timeout(END_TIME, drain(&mut stream)).await?
}

/// The head, or the page that answers what is none.
async fn read_head(stream: &mut TcpStream) -> io::Result<Result<Head, Page>> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        match Head::parse(&bytes) {
            Ok(Some(head)) => return Ok(Ok(head)),
            Ok(None) if bytes.len() >= HEAD_BYTES_MAX => {
                return Ok(Err(Page::plain(Status::HeadTooLarge, "too long")));
            }
            Ok(None) => {}
            Err(HeadFault::Malformed) => return Ok(Err(Page::plain(Status::BadRequest, "not HTTP/1"))),
            Err(HeadFault::Body) => return Ok(Err(Page::plain(Status::BadRequest, "no body is taken"))),
            Err(HeadFault::Method) => {
                return Ok(Err(Page::plain(Status::MethodNotAllowed, "GET and HEAD only")));
            }
        }
        let room = (HEAD_BYTES_MAX - bytes.len()) as u64;
        if (&mut *stream).take(room).read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn frame(page: &Page, is_head: bool) -> String {
    let allow = if page.status == Status::MethodNotAllowed { "allow: GET, HEAD\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n{allow}cache-control: no-store\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        page.status.line(),
        page.content_type,
        page.body.len()
    );
    if is_head { head } else { head + &page.body }
}

async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::SocketAddr;

    /// Lets clients talk to an endpoint whose node has not started yet.
    fn with_endpoint(clients: impl FnOnce(SocketAddr) + Send + 'static) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = socket.local_addr().expect("bound");
            let (done, ended) = tokio::sync::oneshot::channel();
            let thread = std::thread::spawn(move || {
                clients(address);
                let _ = done.send(());
            });
            tokio::select! {
                () = serve(socket, "127.0.0.1".into(), Subject::default()) => {}
                _ = ended => {}
            }
            thread.join().expect("the clients are content");
        });
    }

    fn connect(address: SocketAddr) -> std::net::TcpStream {
        let stream = std::net::TcpStream::connect(address).expect("somebody listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a TCP socket");
        stream
    }

    fn ask(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = connect(address);
        stream.write_all(request).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer and the end");
        answer
    }

    #[test]
    fn each_request_has_its_answer() {
        with_endpoint(|address| {
            let status = |request: &str| {
                let answer =
                    ask(address, format!("{request} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes());
                answer.split(' ').nth(1).map(str::to_owned)
            };
            for (request, expected) in [
                ("GET /livez", "200"),
                ("GET /healthz", "503"),
                ("GET /readyz", "503"),
                ("GET /metrics", "503"),
                ("GET /", "404"),
                ("GET /metrics/", "404"),
                ("POST /metrics", "405"),
                ("DELETE /livez", "405"),
            ] {
                assert_eq!(status(request).as_deref(), Some(expected), "{request}");
            }
            let answer = ask(address, b"HEAD /livez HTTP/1.1\r\n\r\n");
            assert!(answer.contains("content-length: 3\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
            let answer = ask(address, b"GET /readyz HTTP/1.1\r\n\r\n");
            assert!(answer.ends_with("\r\n\r\nstarting\n"), "{answer}");
            let answer = ask(address, b"GET /livez HTTP/1.1\r\nhost: evil.example\r\n\r\n");
            assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
        });
    }

    #[test]
    fn heads_without_end_and_other_protocols_are_refused() {
        with_endpoint(|address| {
            let long = format!("GET / HTTP/1.1\r\na: {}", "x".repeat(2 * HEAD_BYTES_MAX));
            assert!(ask(address, long.as_bytes()).starts_with("HTTP/1.1 431 "));
            let kafka = [0, 0, 0, 26, 0, 18, 0, 4, 0, 0, 0, 1, 255, 255];
            assert!(ask(address, &kafka).starts_with("HTTP/1.1 400 "));
        });
    }

    #[test]
    fn whoever_says_nothing_keeps_a_place_for_a_while_only() {
        with_endpoint(|address| {
            let mute: Vec<_> = (0..CONNECTIONS_MAX).map(|_| connect(address)).collect();
            let answer = ask(address, b"GET /livez HTTP/1.1\r\n\r\n");
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            drop(mute);
        });
    }
}
