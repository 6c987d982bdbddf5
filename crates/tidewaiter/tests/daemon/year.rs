//! Days go by, with a fault on each: nothing grows without end, nothing is lost or said twice.

use std::{
    env, fs,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use rusqlite::Connection;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    builder::Mail,
    proxy::{Door, End, Plan, Proxy},
    rig::Post,
};

use crate::{
    people::{ALICE, BOB, answer, declared, plain},
    policies::policy,
    scene::{Scene, Setup},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the daemon takes of the machine.
#[derive(Clone, Copy, Debug)]
struct Taken {
    /// Memory, in KiB.
    resident: u64,
    /// Open files.
    files: usize,
    /// The store with its log, in bytes.
    store: u64,
}

impl Scene {
    fn taken(&self) -> Taken {
        let process = format!("/proc/{}", self.pid());
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let size = |name: &str| fs::metadata(self.path(name)).map_or(0, |file| file.len());
        Taken {
            resident: resident.trim().trim_end_matches(" kB").parse().unwrap(),
            files: fs::read_dir(format!("{process}/fd")).unwrap().count(),
            store: size("tidewaiter.sqlite") + size("tidewaiter.sqlite-wal"),
        }
    }

    /// Every mail that was delivered has its place in the store: the mails themselves go after a month.
    fn read_to_the_end(&self) -> bool {
        let store = Connection::open(self.path("tidewaiter.sqlite")).unwrap();
        let uid = "SELECT coalesce(max(uid), 0) FROM cursors";
        let uid: i64 = store.query_row(uid, [], |row| row.get(0)).unwrap();
        uid >= i64::try_from(self.rig.delivered()).unwrap()
    }

    /// What happens on a day; on most something that is over when the day is.
    fn fault(&mut self, day: usize, kills: bool, imap: &Proxy, smtp: &Proxy) {
        match day % 7 {
            0 if kills => {
                self.kill();
                self.start_watching();
            }
            1 => imap.end(End::Reset),
            2 => smtp.set(Plan { door: Door::Refuse, ..Plan::default() }),
            3 => self.signal("HUP"),
            4 => self.rig.restart_dovecot(),
            5 => imap.set(Plan { door: Door::Refuse, ..Plan::default() }),
            _ => {}
        }
        if day % 7 == 5 {
            imap.end(End::Fin);
        }
    }
}

/// One series of each day is answered, by the list's mode; what else comes is for nobody.
fn days_go_by(days: usize, mails: usize) {
    let setup = Setup {
        list: "mode = \"list\"\ndecline = \"list\"\nsettle = \"1h\"\n".to_owned(),
        policy: "own".to_owned(),
        files: "policies = \"policies\"".to_owned(),
        more: "[store]\nretain-days = 30\n".to_owned(),
        env: vec![("TIDEWAITER_TIMEOUTS".to_owned(), "short".to_owned())],
        ..Setup::default()
    };
    let Some(mut scene) = Scene::new(setup) else { return };
    fs::create_dir(scene.path("policies")).unwrap();
    fs::write(scene.path("policies/own.toml"), policy("2999-01-01")).unwrap();
    let imap = Proxy::start(scene.rig.imaps_port());
    let smtp = Proxy::start(scene.rig.submission_port());
    (scene.setup.imap, scene.setup.smtp) = (Some(imap.port()), Some(smtp.port()));
    scene.configure();
    scene.start_watching();
    scene.rig.post(&plain(900_000, ALICE).build());
    scene.wait("it is stored", |scene| scene.stored() >= 1);
    scene.pass(SignedDuration::from_hours(2));
    scene.wait("the author is known", |scene| scene.log().contains("a series was judged"));

    let (began, mut all) = (Instant::now(), Vec::new());
    for day in 0..days {
        // Killed in the first half alone: what is left in memory would be gone.
        scene.fault(day, day < days / 2, &imap, &smtp);
        let begin = scene.rig.clock().now().as_second();
        let asked = declared(day, ALICE).at(begin);
        for number in 0..mails {
            let mail: Mail = match number {
                0 => asked.clone(),
                1 => plain(1_000_000 + day, BOB).at(begin),
                _ => {
                    let id = format!("answer-{day}-{number}@example.net");
                    answer(&asked, &id, BOB, "Looks odd to me, see line 3.")
                }
            };
            scene.rig.send_in_order(Post::new(&mail.build()));
            scene.pass(DAY / i32::try_from(mails).unwrap());
        }
        imap.pass();
        smtp.pass();
        let until = Instant::now() + Duration::from_secs(60);
        while scene.replies().len() < day + 1
            || !scene.read_to_the_end()
            || [ReplyState::Ready, ReplyState::Armed, ReplyState::Sent]
                .into_iter()
                .any(|state| scene.replies_in(state) > 0)
        {
            assert!(Instant::now() < until, "day {day} does not end: {}", scene.log());
            std::thread::sleep(Duration::from_millis(30));
            // Until the mail server is tried again.
            if scene.replies_in(ReplyState::Ready) > 0 {
                scene.pass(SignedDuration::from_mins(1));
            }
        }
        all.push(scene.taken());
        if day % 30 == 29 {
            // Whoever reads a mailbox for a year clears it up.
            scene.rig.dovecot().doveadm(&[
                "expunge",
                "-u",
                tidewaiter_testkit::dovecot::USER,
                "mailbox",
                "INBOX",
                "all",
            ]);
            println!("day {}: {:?}, {} s", day + 1, scene.taken(), began.elapsed().as_secs());
        }
    }
    assert_eq!(scene.replies_in(ReplyState::Seen), days);
    scene.assert_never_two();
    assert_eq!(scene.spoken().len(), days);
    let log = scene.log();
    assert!(!log.contains("failed; the daemon ends"), "{log}");
    println!(
        "{days} days, {} mails, {days} replies, each once: {:?} after the first, {:?} at the end, {} s",
        scene.rig.delivered(),
        all[0],
        all[days - 1],
        began.elapsed().as_secs()
    );
    assert!(all[days - 1].files <= all[0].files + 8, "open files grow");
    if days >= 120 {
        // From the second month on as much goes as comes.
        let most = |range: std::ops::Range<usize>, what: fn(&Taken) -> u64| {
            all[range].iter().map(what).max().unwrap()
        };
        for (what, of) in [
            ("memory", (|taken| taken.resident) as fn(&Taken) -> u64),
            ("the store", |taken| taken.store),
        ] {
            let (middle, end) = (most(days / 2..days * 3 / 4, of), most(days * 3 / 4..days, of));
            println!("{what}: at most {middle} in the third quarter, {end} in the fourth");
            assert!(end * 10 <= middle * 12, "{what} grows from {middle} to {end}");
        }
    }
    assert!(scene.end().success(), "{}", scene.log());
}

#[test]
fn two_weeks_go_by() {
    days_go_by(14, 4);
}

/// `TIDEWAITER_DAYS=60` for fewer, `TIDEWAITER_MAILS` for more on each.
#[test]
#[ignore = "takes many minutes"]
fn a_year_goes_by() {
    let number = |name| env::var(name).ok().and_then(|number: String| number.parse().ok());
    let days = number("TIDEWAITER_DAYS").unwrap_or(365);
    days_go_by(days, number("TIDEWAITER_MAILS").unwrap_or(40));
}
