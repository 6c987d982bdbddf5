//! What is answered to whom.

use std::sync::Arc;

use test_case::test_case;
use tidewaiter_web::{Alarm, Level, Options, loopback_only, serve};
use tokio::net::TcpListener;

use crate::{
    sample,
    support::{Server, Told},
};

#[test_case("/", "text/html; charset=utf-8")]
#[test_case("/status.json", "application/json")]
#[test_case("/metrics", "text/plain; version=0.0.4; charset=utf-8")]
#[test_case("/feed.atom", "application/atom+xml; charset=utf-8")]
#[tokio::test]
async fn each_form_is_there(path: &str, kind: &str) {
    let server = Server::of(sample::busy()).await;
    let answer = server.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (Some(200), Some(kind)));
    assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
        ("connection", "close"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");

    let ask = format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let head = server.ask(&ask).await;
    assert_eq!((head.status, head.body.as_str()), (Some(200), ""));
    assert_eq!(head.header("content-length"), answer.header("content-length"));
}

#[test_case("GET /x HTTP/1.1\r\nHost: localhost" => Some(404))]
#[test_case("GET /status.json/ HTTP/1.1\r\nHost: localhost" => Some(404); "a slash more")]
#[test_case("GET /../etc/passwd HTTP/1.1\r\nHost: localhost" => Some(404); "a path upwards")]
#[test_case("GET /?x=1 HTTP/1.1\r\nHost: localhost" => Some(200); "a query is passed over")]
#[test_case("POST / HTTP/1.1\r\nHost: localhost" => Some(405))]
#[test_case("DELETE /x HTTP/1.1\r\nHost: localhost" => Some(405); "405 everywhere")]
#[test_case("OPTIONS * HTTP/1.1\r\nHost: localhost" => Some(405))]
#[test_case("CONNECT example.org:80 HTTP/1.1\r\nHost: localhost" => Some(421))]
#[test_case("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello" => Some(413); "a body")]
#[test_case("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0" => Some(413); "a body in chunks")]
#[test_case("GET / HTTP/1.1\r\nHost: evil.example.com" => Some(421); "another name")]
#[test_case("GET http://evil.example.com/ HTTP/1.1\r\nHost: localhost" => Some(421); "another name first")]
#[test_case("GET / HTTP/1.1" => Some(400); "no name")]
#[test_case("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost" => Some(400); "two names")]
#[test_case("GET / HTTP/1.0\r\nHost: localhost" => Some(200); "an old client")]
#[test_case("hello" => Some(400); "no HTTP")]
#[test_case("PRI * HTTP/2.0\r\n\r\nSM" => None; "HTTP/2")]
#[tokio::test]
async fn a_request(words: &str) -> Option<u16> {
    let server = Server::of(sample::busy()).await;
    let answer = server.ask(&format!("{words}\r\n\r\n")).await;
    if answer.status == Some(405) {
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    // The HTTP library itself answers what is no HTTP.
    if words.contains("Host") {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    answer.status
}

#[tokio::test]
async fn a_configured_name_is_answered_to() {
    let options = Options { names: vec!["status.example.org".into()], ..Options::default() };
    let server = Server::start(Arc::new(Told::new(Ok(sample::busy()))), options).await;
    let host = |host: &str| format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
    assert_eq!(server.ask(&host("Status.Example.org")).await.status, Some(503));
    assert_eq!(server.ask(&host("www.example.org")).await.status, Some(421));
}

#[tokio::test]
async fn health_is_the_faults_and_nothing_else() {
    let mut snapshot = sample::busy();
    let server = Server::of(snapshot.clone()).await;
    let answer = server.get("/healthz").await;
    let text =
        "failed to log in to imap.example.net, refused 3 times in a row: mend the password\n";
    assert_eq!((answer.status, answer.body.as_str()), (Some(503), text));

    // A notice, and a stop switch that an operator has turned on, are no reasons to restart anything.
    snapshot.alarms.retain(|alarm| alarm.level == Level::Notice);
    let answer = Server::of(snapshot.clone()).await.get("/healthz").await;
    assert_eq!((answer.status, answer.body.as_str()), (Some(200), "ok\n"));

    let text = "x\r\nok\u{1b}".to_owned();
    snapshot.alarms.push(Alarm { level: Level::Fault, text, since: None });
    let answer = Server::of(snapshot).await.get("/healthz").await;
    assert_eq!((answer.status, answer.body.as_str()), (Some(503), "x\\r\\nok\\u{1b}\n"));
}

#[tokio::test]
async fn json_is_the_snapshot() {
    let server = Server::of(sample::busy()).await;
    let answer = server.get("/status.json").await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(json, serde_json::to_value(sample::busy()).unwrap());
    assert_eq!(json["watchers"][0]["connection"]["hearing"], "idle");
    assert_eq!(json["watchers"][1]["connection"]["state"], "disconnected");
    assert_eq!(json["series"][0]["outcome"], serde_json::Value::Null);
    assert_eq!(json["lists"][0]["policy_date"], "2025-06-24");
    assert_eq!(
        (&json["caps"][0]["per"], &json["now"]),
        (&"hour".into(), &"2026-11-22T15:41:07Z".into())
    );
}

#[tokio::test]
async fn no_form_says_an_address_of_an_author_or_too_much() {
    let mut snapshot = sample::calm();
    let one = sample::one("m@example.org", "a title", "carol@example.net", "silent");
    snapshot.series = vec![one; 500];
    let server = Server::of(snapshot).await;
    for path in ["/", "/status.json", "/feed.atom"] {
        let answer = server.get(path).await;
        assert!(!answer.body.contains("carol"), "{path}");
        assert_eq!(answer.body.matches("a title").count(), 200, "{path}");
    }
}

#[tokio::test]
async fn one_mail_makes_no_form_long() {
    let mut snapshot = sample::calm();
    let series = &mut snapshot.series[1];
    series.title = Some("ä\u{202e}".repeat(500_000));
    series.lists = vec!["list.example.org".into(); 10_000];
    snapshot.replies.waiting[0].subject = Some("x".repeat(1_000_000));
    let server = Server::of(snapshot).await;
    for path in ["/", "/status.json", "/feed.atom"] {
        let answer = server.get(path).await;
        assert!(
            answer.body.len() < 60_000 && answer.body.contains('…'),
            "{path}: {}",
            answer.body.len()
        );
    }
}

#[tokio::test]
async fn the_page_says_what_an_operator_has_to_know() {
    let page = Server::of(sample::busy()).await.get("/").await.body;
    for words in [
        "1 of 3 mailboxes is read; the stop switch is on, so nothing is sent.",
        "two replies to one series would have gone to qemu-devel.example.org.",
        "<code>tidewaiter resume</code>",
        "refused 3 times in a row: mend the password.",
        "not all",
        "<b>observe</b>, configured as hold",
        "the connection was lost after the final dot",
        "hw/misc: add frob device",
        "declared-under-ban",
        "5 of 5",
        "48,211",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let calm = Server::of(sample::calm()).await.get("/").await.body;
    for words in ["The mailbox is read; replies may be sent.", "Nothing. No alarm"] {
        assert!(calm.contains(words), "{words}");
    }
    let fresh = Server::of(sample::fresh()).await.get("/").await.body;
    for words in [
        "No mailbox is watched",
        "No list is configured, so no series is judged.",
        "No reply was made yet.",
        "Nothing is in doubt, nothing is held",
        "No series was seen yet.",
        "No series was judged yet.",
    ] {
        assert!(fresh.contains(words), "{words}");
    }
}

#[tokio::test]
async fn only_loopback_unless_it_is_meant() {
    let told = || Arc::new(Told::new(Ok(sample::calm())));
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let refused = serve(listener, told(), Options::default(), std::future::pending()).await;
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
    assert_eq!(error.to_string(), loopback_only(address).unwrap_err().to_string());

    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let options = Options { beyond_loopback: true, ..Options::default() };
    assert!(serve(listener, told(), options, async {}).await.is_ok());
}
