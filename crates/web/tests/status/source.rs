//! A daemon that is slow, silent or broken, and one that is asked too often.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tidewaiter_web::Options;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    sample,
    support::{Server, Told},
};

const PATHS: [&str; 5] = ["/", "/status.json", "/healthz", "/metrics", "/feed.atom"];

async fn server(told: Told) -> (Arc<Server>, Arc<Told>) {
    let told = Arc::new(told);
    (Arc::new(Server::start(Arc::clone(&told) as _, Options::default()).await), told)
}

#[tokio::test]
async fn it_is_asked_once_a_second_however_many_ask() {
    let mut told = Told::new(Ok(sample::busy()));
    told.takes = Duration::from_millis(100);
    let (server, told) = server(told).await;
    let mut all = JoinSet::new();
    for at in 0..100 {
        let server = Arc::clone(&server);
        all.spawn(async move { server.get(PATHS[at % PATHS.len()]).await.status });
    }
    let statuses = all.join_all().await;
    assert!(statuses.iter().all(Option::is_some), "{statuses:?}");
    let asked = told.asked.load(Ordering::SeqCst);
    assert!((1..=4).contains(&asked), "asked {asked} times");
    for path in PATHS {
        server.get(path).await;
    }
    // One after the other: nobody shares a snapshot that is being taken.
    assert!(told.asked.load(Ordering::SeqCst) <= asked + 1, "asked for each");
    let asked = told.asked.load(Ordering::SeqCst);
    sleep(Duration::from_millis(1100)).await;
    server.get("/").await;
    assert_eq!(told.asked.load(Ordering::SeqCst), asked + 1, "an old snapshot was shown");
}

#[tokio::test]
async fn why_there_is_nothing_to_show_is_shown() {
    let why = "failed to read the store: <b>disk\u{1b} I/O error</b>";
    let (server, told) = server(Told::new(Err(why.into()))).await;
    for path in PATHS {
        let answer = server.get(path).await;
        assert_eq!(answer.status, Some(503), "{path}");
        assert!(answer.body.contains("failed to read the store"), "{path}: {}", answer.body);
        assert!(!answer.body.contains('\u{1b}'), "{path}");
    }
    let page = server.get("/").await;
    assert!(
        page.body.contains("&lt;b&gt;disk\\u{1b}") && page.body.contains("http-equiv=\"refresh\"")
    );
    *told.snapshot.lock().unwrap() = Ok(sample::calm());
    sleep(Duration::from_millis(1100)).await;
    assert_eq!(server.get("/healthz").await.status, Some(200), "it does not come back");
}

#[tokio::test]
async fn a_daemon_that_hangs_is_asked_once() {
    let mut told = Told::new(Ok(sample::calm()));
    told.takes = Duration::from_secs(7);
    let (server, told) = server(told).await;
    let first = server.get("/healthz").await;
    assert_eq!(first.status, Some(503));
    assert_eq!(first.body, "failed to read the daemon's state within 5 seconds\n");
    let second = server.get("/healthz").await;
    assert_eq!((second.status, told.asked.load(Ordering::SeqCst)), (Some(200), 1));
}

#[tokio::test]
async fn a_daemon_that_panics_does_not_take_the_page_down() {
    let mut told = Told::new(Ok(sample::calm()));
    told.panics = true;
    let (server, told) = server(told).await;
    for _ in 0..2 {
        assert_eq!(server.get("/").await.status, Some(503));
        sleep(Duration::from_millis(1100)).await;
    }
    assert!(told.asked.load(Ordering::SeqCst) >= 2);
}
