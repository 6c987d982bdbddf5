//! Clients that are slow, many, large or stay for ever.

use std::time::{Duration, Instant};

use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    sample,
    support::{Server, Told, read},
};

#[tokio::test]
async fn a_slow_header_is_not_waited_for() {
    let server = Server::of(sample::calm()).await;
    let start = Instant::now();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let drip = async {
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".iter().chain([b'x'; 50].iter())
        {
            if slow.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(200)).await;
        }
        read(&mut slow).await
    };
    let (silent, slow) = tokio::join!(read(&mut silent), drip);
    let took = start.elapsed();
    assert_eq!((silent.status, silent.body.as_str()), (None, ""));
    assert_ne!(slow.status, Some(200));
    assert!((4..20).contains(&took.as_secs()), "{took:?}");
    assert_eq!(server.get("/").await.status, Some(200));
}

#[tokio::test]
async fn a_large_header_is_refused() {
    let server = Server::of(sample::calm()).await;
    let large = "x".repeat(64 * 1024);
    for ask in [
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {large}\r\n\r\n"),
        format!("GET /{large} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(1000)),
    ] {
        let answer = server.ask(&ask).await;
        // The server may reset before its answer is read.
        assert!(matches!(answer.status, Some(414 | 431) | None), "{:?}", answer.status);
    }
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(64));
    assert_eq!(server.ask(&many).await.status, Some(431), "65 lines");
    // 64 KiB in a header that fits otherwise is told apart from one that fits.
    let fits = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(8 * 1024));
    assert_eq!(server.ask(&fits).await.status, Some(200));
}

#[tokio::test]
async fn one_connection_is_for_one_request() {
    let server = Server::of(sample::calm()).await;
    let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
    let answer = server.ask(&one.repeat(3)).await;
    assert_eq!((answer.status, answer.body.as_str()), (Some(200), "ok\n"));
}

#[tokio::test]
async fn more_connections_wait_for_their_turn() {
    let server = Server::of(sample::calm()).await;
    let mut idle = Vec::new();
    for _ in 0..32 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    // All of them are taken before the next one asks.
    sleep(Duration::from_millis(300)).await;
    let early = timeout(Duration::from_millis(700), server.get("/healthz")).await;
    assert!(early.is_err(), "the 33rd was answered: {early:?}");
    idle.pop();
    let next = timeout(Duration::from_secs(2), server.get("/healthz")).await.unwrap();
    assert_eq!(next.status, Some(200));
    // And by itself, once the idle ones are given up.
    let mut full = Vec::new();
    for _ in 0..40 {
        full.push(TcpStream::connect(server.address).await.unwrap());
    }
    assert_eq!(server.get("/healthz").await.status, Some(200));
}

#[tokio::test]
async fn the_end_waits_two_seconds_at_most() {
    let mut told = Told::new(Ok(sample::calm()));
    told.takes = Duration::from_secs(4);
    let mut server =
        Server::start(std::sync::Arc::new(told), tidewaiter_web::Options::default()).await;
    let _idle = TcpStream::connect(server.address).await.unwrap();
    let mut asking = TcpStream::connect(server.address).await.unwrap();
    asking.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(200)).await;
    let start = Instant::now();
    server.end.take().unwrap().send(()).unwrap();
    server.task.await.unwrap().unwrap();
    let took = start.elapsed();
    assert!((Duration::from_millis(1500)..Duration::from_millis(3000)).contains(&took), "{took:?}");
    assert_eq!(read(&mut asking).await.status, None);
}

#[tokio::test]
async fn what_is_being_answered_at_the_end_is_answered() {
    let mut told = Told::new(Ok(sample::calm()));
    told.takes = Duration::from_millis(500);
    let mut server =
        Server::start(std::sync::Arc::new(told), tidewaiter_web::Options::default()).await;
    let mut asking = TcpStream::connect(server.address).await.unwrap();
    asking.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(200)).await;
    server.end.take().unwrap().send(()).unwrap();
    let start = Instant::now();
    server.task.await.unwrap().unwrap();
    assert!(start.elapsed() < Duration::from_millis(1500));
    assert_eq!(read(&mut asking).await.status, Some(200));
    assert!(TcpStream::connect(server.address).await.is_err(), "it listens still");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let mut server = Server::of(sample::calm()).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    let start = Instant::now();
    server.end.take().unwrap().send(()).unwrap();
    server.task.await.unwrap().unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(read(&mut idle).await.status, None);
}
