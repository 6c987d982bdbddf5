//! The proxy breaks what goes through it where it is told, and nothing else.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use test_case::test_case;
use tidewaiter_testkit::proxy::{Door, End, Event, From, Plan, Proxy};

/// What comes at all comes in this time, on a busy machine too.
const LONG: Duration = Duration::from_secs(10);
/// What has not come in this time is taken not to come.
const SHORT: Duration = Duration::from_millis(300);

/// A server that sends back what it gets.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let (mut from, mut to) = (stream.try_clone().unwrap(), stream);
                let _ = std::io::copy(&mut from, &mut to);
            });
        }
    });
    port
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
}

/// What comes back for `bytes`, and how reading ended.
fn exchange(proxy: &Proxy, bytes: &[u8]) -> (Vec<u8>, Option<ErrorKind>) {
    exchange_within(LONG, proxy, bytes)
}

fn exchange_within(
    patience: Duration,
    proxy: &Proxy,
    bytes: &[u8],
) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = connect(proxy);
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut got = Vec::new();
    if let Err(e) = stream.write_all(bytes) {
        return (got, Some(e.kind()));
    }
    let mut piece = [0; 4096];
    while got.len() < bytes.len() {
        match stream.read(&mut piece) {
            Ok(0) => return (got, None),
            Ok(count) => got.extend(piece.iter().take(count)),
            Err(e) => return (got, Some(e.kind())),
        }
    }
    (got, None)
}

#[test]
fn it_passes_on_and_counts() {
    let proxy = Proxy::start(echo());
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    assert_eq!(exchange(&proxy, &bytes), (bytes.clone(), None));
    let counts = proxy.counts();
    assert_eq!((counts.connections, counts.events), (1, 0));
    assert_eq!((counts.from_client, counts.from_server), (100_000, 100_000));
}

#[test_case(End::Fin, None)]
#[test_case(End::Reset, Some(ErrorKind::ConnectionReset))]
#[test_case(End::Freeze, Some(ErrorKind::WouldBlock))]
fn it_cuts_after_a_byte_of_either_side(end: End, expected: Option<ErrorKind>) {
    let proxy = Proxy::start(echo());
    let patience = if end == End::Freeze { SHORT } else { LONG };
    proxy.cut_next(From::Server, 4, end);
    let (got, how) = exchange_within(patience, &proxy, b"0123456789");
    // A reset may take with it what was not read yet.
    assert!(got == b"0123" || end == End::Reset && b"0123".starts_with(&got), "{got:?}");
    assert_eq!(how, expected);
    // Only the next one is cut.
    assert_eq!(exchange(&proxy, b"0123456789"), (b"0123456789".to_vec(), None));
    let before = proxy.counts();
    proxy.cut_next(From::Client, 3, end);
    assert_eq!(exchange_within(patience, &proxy, b"0123456789").1, expected);
    let counts = proxy.counts();
    assert_eq!((counts.from_client - before.from_client, counts.events), (3, 2));
}

#[test]
fn it_cuts_each_of_the_next_connections() {
    let proxy = Proxy::start(echo());
    proxy.cut_each([(From::Server, 2, End::Fin), (From::Client, 4, End::Fin)]);
    assert_eq!(exchange(&proxy, b"0123456789").0, b"01");
    assert_eq!(proxy.cuts_left(), 1);
    let before = proxy.counts().from_client;
    exchange(&proxy, b"0123456789");
    assert_eq!((proxy.counts().from_client - before, proxy.cuts_left()), (4, 0));
    assert_eq!(exchange(&proxy, b"0123456789"), (b"0123456789".to_vec(), None));
}

#[test]
fn a_cut_at_the_last_byte_does_not_wait_for_another() {
    let proxy = Proxy::start(echo());
    proxy.cut_next(From::Server, 3, End::Fin);
    let mut stream = connect(&proxy);
    stream.write_all(b"abc").unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    assert_eq!(got, b"abc");
    // And one before the first byte is at once.
    proxy.cut_next(From::Client, 0, End::Fin);
    assert_eq!(connect(&proxy).read_to_end(&mut got).unwrap(), 0);
}

#[test]
fn an_orderly_end_is_none_by_reset_although_more_was_sent() {
    let proxy = Proxy::start(echo());
    proxy.cut_next(From::Client, 3, End::Fin);
    let (mut stream, mut got) = (connect(&proxy), Vec::new());
    stream.write_all(&[b'x'; 100_000]).unwrap();
    stream.read_to_end(&mut got).unwrap();
    assert!(got.len() <= 3);
}

#[test]
fn it_puts_bytes_in_and_turns_bits_over() {
    let proxy = Proxy::start(echo());
    let events = vec![
        (From::Server, 5, Event::Flip(1)),
        (From::Server, 2, Event::Inject(b"--".to_vec())),
        (From::Client, 0, Event::Flip(0x20)),
    ];
    proxy.set(Plan { events, chunk: Some(1), ..Plan::default() });
    let mut stream = connect(&proxy);
    stream.write_all(b"abcdefgh").unwrap();
    let mut got = [0; 10];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"Ab--cdeggh");
    assert_eq!(proxy.counts().events, 3);
}

#[test]
fn it_refuses_freezes_and_is_slow() {
    let proxy = Proxy::start(echo());
    proxy.set(Plan { door: Door::Refuse, ..Plan::default() });
    assert!(matches!(
        exchange(&proxy, b"x").1,
        Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    ));
    proxy.set(Plan { door: Door::Hole, ..Plan::default() });
    let silence = (Vec::new(), Some(ErrorKind::WouldBlock));
    assert_eq!(exchange_within(SHORT, &proxy, b"x"), silence);

    proxy.pass();
    let mut stream = connect(&proxy);
    let mut got = [0; 3];
    stream.write_all(b"one").unwrap();
    stream.read_exact(&mut got).unwrap();
    proxy.set(Plan { freeze: true, ..Plan::default() });
    stream.write_all(b"two").unwrap();
    stream.set_read_timeout(Some(SHORT)).unwrap();
    assert_eq!(stream.read(&mut got).unwrap_err().kind(), ErrorKind::WouldBlock);
    stream.set_read_timeout(Some(LONG)).unwrap();
    proxy.pass();
    stream.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"two");

    proxy.set(Plan { delay: Duration::from_millis(60), ..Plan::default() });
    let start = Instant::now();
    assert_eq!(exchange(&proxy, b"x").0, b"x");
    assert!(start.elapsed() >= Duration::from_millis(120));
    proxy.set(Plan { rate: Some(1000), chunk: Some(50), ..Plan::default() });
    let start = Instant::now();
    assert_eq!(exchange(&proxy, &[b'x'; 200]).0.len(), 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test_case(End::Fin)]
#[test_case(End::Reset)]
fn open_connections_end_when_told_and_with_the_proxy(end: End) {
    let proxy = Proxy::start(echo());
    let mut streams = [connect(&proxy), connect(&proxy)];
    for stream in &mut streams {
        stream.write_all(b"x").unwrap();
        stream.read_exact(&mut [0]).unwrap();
    }
    assert_eq!(proxy.counts().open, 2);
    proxy.end(end);
    for stream in &mut streams {
        match stream.read(&mut [0]) {
            Ok(count) => assert_eq!((count, end), (0, End::Fin)),
            Err(e) => assert_eq!((e.kind(), end), (ErrorKind::ConnectionReset, End::Reset)),
        }
    }
    let mut last = connect(&proxy);
    last.write_all(b"x").unwrap();
    last.read_exact(&mut [0]).unwrap();
    drop(proxy);
    assert!(last.read(&mut [0]).is_ok_and(|count| count == 0));
}
