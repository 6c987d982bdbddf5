//! How long a reply takes, and how fast a full mailbox is read.

use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

use crate::scene::{SOON, Scene, Setup, patch};

/// Replies that are timed.
const REPLIES: usize = 30;
/// Mails of the backlog.
const BACKLOG: usize = 10_000;

fn micros(log: &str, line: &str) -> Vec<i64> {
    let lines = log.lines().filter(|l| l.contains(line));
    let time = |l: &str| l.split(' ').next().unwrap().parse::<Timestamp>().unwrap();
    lines.map(|l| time(l).as_microsecond()).collect()
}

fn share(sorted: &[i64], hundredths: usize) -> f64 {
    let at = (sorted.len() * hundredths).div_ceil(100).max(1) - 1;
    sorted[at] as f64 / 1000.0
}

/// From the untagged EXISTS to the server's 250, with no time to settle. The figures hold for a
/// busy machine; `docs/operations.md` says what was measured on an idle one.
#[test]
fn a_reply_leaves_soon_after_the_push() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    scene.start_watching();
    // The first series of an author waits for a person.
    scene.rig.post(&patch(0, "alice@example.org"));
    scene.wait("the first is held", |scene| scene.log().contains("waits for a person"));
    let mut posted = Vec::new();
    for number in 1..=REPLIES {
        posted.push(SystemTime::now());
        scene.rig.post(&patch(number, "alice@example.org"));
        scene.wait("it is answered", |scene| scene.count_in_log("a reply was sent") == number);
        scene.wait("it comes back", |scene| scene.count_in_log("a reply came back") == number);
    }
    let log = scene.log();
    let sent = micros(&log, "a reply was sent");
    // The batch that brought each patch; those that brought echoes have none after them.
    let taken: Vec<i64> = log
        .lines()
        .filter(|line| line.contains("mails were taken") && line.contains(" told="))
        .map(|line| {
            let told = line.split(" told=").nth(1).unwrap().split(' ').next().unwrap();
            micros(line, "mails")[0] - told.parse::<i64>().unwrap()
        })
        .collect();
    let mut from_push: Vec<i64> = sent
        .iter()
        .filter_map(|sent| taken.iter().rev().find(|taken| *taken < sent).map(|t| sent - t))
        .collect();
    let mut whole: Vec<i64> = posted
        .iter()
        .zip(&sent)
        .map(|(posted, sent)| {
            let posted = posted.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros();
            sent - i64::try_from(posted).unwrap()
        })
        .collect();
    from_push.sort_unstable();
    whole.sort_unstable();
    let (median, most) = (share(&from_push, 50), share(&from_push, 99));
    println!(
        "{} replies; from the push to the 250: median {median:.1} ms, 99 % within {most:.1} ms; from \
         the post to the 250: median {:.1} ms, 99 % within {:.1} ms",
        from_push.len(),
        share(&whole, 50),
        share(&whole, 99)
    );
    assert_eq!(from_push.len(), REPLIES);
    assert!(median < 100.0 && most < 500.0, "median {median} ms, 99 % {most} ms");
    scene.assert_never_two();
}

/// A mailbox with ten thousand mails is read and judged at more than 500 a second.
#[test]
fn a_backlog_is_drained() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    let now = SystemTime::UNIX_EPOCH
        + Duration::from_micros(scene.rig.clock().now().as_microsecond().unsigned_abs());
    for number in 0..BACKLOG {
        let author = format!("author{}@example.org", number % 500);
        let mut raw = b"List-Id: <qemu-devel.nongnu.org>\r\n".to_vec();
        raw.extend(patch(number, &author));
        let ago = Duration::from_secs((BACKLOG - number) as u64);
        scene.rig.dovecot().deliver_at("", &raw, now - ago);
    }
    let started = Instant::now();
    scene.start();
    scene.wait_for("everything is read", SOON * 6, |scene| {
        scene.log().contains("what comes from now on is spoken of")
    });
    let seconds = started.elapsed().as_secs_f64();
    let rate = BACKLOG as f64 / seconds;
    println!("{BACKLOG} mails in {seconds:.1} s: {rate:.0} a second");
    assert_eq!(scene.stored(), BACKLOG as u64);
    assert!(rate > 500.0, "{rate:.0} a second");
    // All of it came before the first start.
    assert_eq!(scene.spoken().len(), 0);
}
