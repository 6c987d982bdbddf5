//! A daemon that was made up, and a client that says what it likes.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tidewaiter_web::{Options, Snapshot, Source, serve};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// A source that gives what it was told to, after a while.
pub(crate) struct Told {
    pub(crate) snapshot: Mutex<Result<Snapshot, String>>,
    pub(crate) takes: Duration,
    pub(crate) asked: AtomicUsize,
    pub(crate) panics: bool,
}

impl Told {
    pub(crate) fn new(snapshot: Result<Snapshot, String>) -> Self {
        Self {
            snapshot: Mutex::new(snapshot),
            takes: Duration::ZERO,
            asked: AtomicUsize::new(0),
            panics: false,
        }
    }
}

impl Source for Told {
    fn snapshot(&self) -> Result<Snapshot, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.takes);
        assert!(!self.panics, "as told");
        self.snapshot.lock().unwrap().clone()
    }
}

/// The page on loopback, for as long as this lives.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) end: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<io::Result<()>>,
}

impl Server {
    pub(crate) async fn of(snapshot: Snapshot) -> Self {
        Self::start(Arc::new(Told::new(Ok(snapshot))), Options::default()).await
    }

    pub(crate) async fn start(source: Arc<dyn Source>, options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let ended = async move {
            let _ = ended.await;
        };
        let task = tokio::spawn(serve(listener, source, options, ended));
        Self { address, end: Some(end), task }
    }

    /// Asks for a path, as a browser does.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address)).await
    }

    /// Says something, and reads until the server closes.
    pub(crate) async fn ask(&self, words: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // Refused half-way, the rest cannot be written; the answer counts.
        let _ = stream.write_all(words.as_bytes()).await;
        read(&mut stream).await
    }
}

/// What comes until the server closes the connection.
pub(crate) async fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None` where it closed without a word.
    pub(crate) status: Option<u16>,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}
