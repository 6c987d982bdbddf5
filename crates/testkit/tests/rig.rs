//! The mail world: what people post arrives as the list sends it, and nothing leaves.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tidewaiter_testkit::dovecot::{Certificate, PASSWORD, USER};
use tidewaiter_testkit::rig::{
    Answer, Client, Fate, List, Options, Post, Refusal, Rig, Step, Whose, as_sent,
};

const SOON: Duration = Duration::from_secs(20);

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn mail(id: &str, more: &str) -> Vec<u8> {
    format!(
        "From: Ada Author <ada@example.org>\nTo: qemu-devel@nongnu.org\n{more}Subject: [PATCH] x\n\
         Message-ID: <{id}@example.org>\nDate: Thu, 7 May 2026 10:00:00 +0000\n\nHello.\nFrom here.\n"
    )
    .into_bytes()
}

fn from_bot(id: &str) -> Vec<u8> {
    String::from_utf8(mail(id, "")).unwrap().replace("ada@example.org", USER).into_bytes()
}

fn submit(rig: &Rig, recipients: &[&str], raw: &[u8]) -> std::io::Result<Answer> {
    let ca = fs::read(rig.ca_pem_path()).unwrap();
    let mut client = Client::connect(rig.submission_port())?.start_tls(&ca)?;
    client.log_in(USER, fs::read_to_string(rig.password_file())?.trim())?;
    client.send(&format!("<{USER}>"), recipients, raw)
}

/// The mails that are in the INBOX once there are so many.
fn inbox(rig: &Rig, count: usize) -> Vec<String> {
    let there = rig.wait_for(|rig| rig.delivered() >= count, SOON);
    assert!(there, "{} of {count}: {}", rig.delivered(), rig.postfix_log());
    rig.mailbox_export().into_iter().map(|raw| String::from_utf8(raw).unwrap()).collect()
}

#[test]
fn a_post_arrives_as_the_list_sends_it() {
    let Some(rig) = Rig::start(Options::default()) else { return };
    rig.set_clock(time("2026-05-07T10:11:12Z"));
    let posted = Instant::now();
    rig.post(&mail("one", "DKIM-Signature: v=1\nList-Id: <forged.example>\n"));
    let mails = inbox(&rig, 1);
    assert!(posted.elapsed() < Duration::from_secs(2), "{:?}", posted.elapsed());
    let mail = &mails[0];
    assert!(mail.contains("\r\nList-Id: <qemu-devel.nongnu.org>\r\n"), "{mail}");
    assert!(mail.contains("\r\nX-BeenThere: qemu-devel@nongnu.org\r\n"), "{mail}");
    assert!(mail.contains("\r\nPrecedence: list\r\n"), "{mail}");
    assert!(mail.contains("\r\nSender: \"qemu-devel\" <qemu-devel-bounces@nongnu.org>\r\n"));
    assert!(mail.ends_with("\r\nqemu-devel mailing list\r\nqemu-devel@nongnu.org\r\nhttps://nongnu.org/mailman/listinfo/qemu-devel\r\n"), "{mail}");
    assert!(!mail.contains("forged") && !mail.contains("DKIM"), "{mail}");
    let first = mail.split("Received:").nth(1).unwrap();
    assert!(first.contains("; Thu, 7 May 2026 10:11:12 +0000"), "{first}");
    let fetch = ["-f", "tab", "fetch", "-u", USER, "date.received", "all"];
    let fetched = rig.dovecot().doveadm(&fetch);
    assert!(fetched.contains("2026-05-07 10:11:12"), "{fetched}");
    let accepted = rig.list_mails();
    assert_eq!(accepted[0].message_id.as_deref(), Some("<one@example.org>"));
    assert_eq!(accepted[0].recipients, ["qemu-devel@nongnu.org"]);
    assert_eq!((accepted[0].fate, rig.count("<one@example.org>")), (Fate::Sent, 1));
    assert_eq!(fs::read_to_string(rig.clock().file()).unwrap(), "2026-05-07T10:11:12Z\n");
}

#[test]
fn what_the_bot_submits_comes_back_and_to_the_author() {
    let Some(rig) = Rig::start(Options::default()) else { return };
    let to = ["qemu-devel@nongnu.org", "ada@example.org"];
    let answer = submit(&rig, &to, &from_bot("reply")).unwrap();
    assert_eq!(answer.code, 250, "{answer:?}");
    assert!(inbox(&rig, 1)[0].contains("Message-ID: <reply@example.org>"));
    assert_eq!(rig.count("<reply@example.org>"), 1);
    assert_eq!(rig.list_mails()[0].recipients, ["ada@example.org", "qemu-devel@nongnu.org"]);
    let private = rig.private_mails();
    assert_eq!((private.len(), private[0].recipient.as_str()), (1, "ada@example.org"));
    assert_eq!(private[0].sender, USER);
}

#[test]
fn nothing_leaves_and_nobody_submits_without_password() {
    let Some(rig) = Rig::start(Options::default()) else { return };
    let answer = submit(&rig, &["victim@example.edu"], &from_bot("out")).unwrap();
    assert_eq!(answer.code, 554, "{answer:?}");
    assert_eq!(rig.tried()[0].recipient, "victim@example.edu");
    assert_eq!(rig.tried()[0].user, USER);
    let answer = rig.try_send(Post::new(&mail("out", "")).to("victim@example.edu"));
    assert_eq!(answer.code, 554, "{answer:?}");
    // The secret has its mode, the port wants TLS, then a password, then the right one.
    let mode = fs::metadata(rig.password_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ca = fs::read(rig.ca_pem_path()).unwrap();
    let connect = || Client::connect(rig.submission_port()).unwrap();
    assert!(connect().log_in(USER, PASSWORD).is_err());
    let mut client = connect().start_tls(&ca).unwrap();
    assert_eq!(client.command("MAIL FROM:<>").unwrap().code, 250);
    assert_eq!(client.command("RCPT TO:<qemu-devel@nongnu.org>").unwrap().code, 554);
    let refused = connect().start_tls(&ca).unwrap().log_in(USER, "wrong").unwrap_err();
    assert!(refused.to_string().starts_with("535"), "{refused}");
    assert_eq!((rig.list_mails().len(), rig.private_mails().len()), (0, 0));
}

#[test]
fn the_list_has_its_faults() {
    let Some(rig) = Rig::start(Options::default()) else { return };
    rig.faults().hold = Some(Whose::All);
    rig.post(&mail("held", ""));
    assert!(rig.wait_for(|rig| rig.count("<held@example.org>") == 1, SOON));
    assert_eq!((rig.delivered(), rig.list_mails()[0].fate), (0, Fate::Held));
    assert_eq!((rig.release_held(), rig.list_mails()[0].fate), (1, Fate::Released));
    assert_eq!(inbox(&rig, 1).len(), 1);

    rig.faults().hold = None;
    rig.faults().copies = Some((Whose::All, 3));
    rig.post(&mail("thrice", ""));
    assert_eq!(inbox(&rig, 4).iter().filter(|m| m.contains("<thrice@")).count(), 3);

    rig.faults().copies = None;
    rig.faults().delay = Some((Whose::Bots, Duration::from_millis(700)));
    let start = Instant::now();
    assert!(submit(&rig, &["qemu-devel@nongnu.org"], &from_bot("late")).unwrap().is_yes());
    rig.post(&mail("prompt", ""));
    let mails = inbox(&rig, 6);
    assert!(mails[4].contains("<prompt@") && mails[5].contains("<late@"), "{:?}", &mails[4..]);
    assert!(start.elapsed() >= Duration::from_millis(700));

    rig.faults().munge_from = true;
    rig.faults().mangle_from_lines = true;
    rig.faults().footer = false;
    rig.post(&mail("munged", ""));
    let munged = inbox(&rig, 7).pop().unwrap();
    assert!(munged.contains("From: \"Ada Author via qemu-devel\" <qemu-devel@nongnu.org>"));
    assert!(munged.contains("Reply-To: Ada Author <ada@example.org>"), "{munged}");
    assert!(munged.ends_with("\r\n\r\nHello.\r\n>From here.\r\n"), "{munged}");

    rig.faults().munge_from = false;
    rig.faults().drop = Some((Whose::All, 1));
    rig.send_in_order(Post::new(&mail("lost", "")));
    rig.send_in_order(Post::new(&mail("loop", "X-BeenThere: qemu-devel@nongnu.org\n")));
    rig.faults().nodupes = true;
    rig.send_in_order(Post::new(&mail("copied", &format!("Cc: {USER}\n"))));
    let fates = |rig: &Rig| rig.list_mails().iter().map(|m| m.fate).collect::<Vec<_>>();
    let ends = [Fate::Dropped, Fate::Looped, Fate::Kept];
    assert!(fates(&rig).ends_with(&ends), "{:?}", fates(&rig));
    assert_eq!(rig.delivered(), 7);
}

#[test]
fn signatures_are_found_where_the_test_says_so_and_forged_findings_are_taken_out() {
    let options = Options { authserv: Some("mx.bot.example".to_owned()), ..Options::default() };
    let Some(rig) = Rig::start(options) else { return };
    let forged = "Authentication-Results: MX.bot.example; dkim=pass header.d=example.org\n\
                  Authentication-Results: other.example; dkim=pass header.d=example.org\n";
    rig.send_in_order(Post::new(&mail("signed", forged)));
    let later = time("2026-06-01T00:00:00Z");
    rig.send_in_order(Post::new(&mail("forged", forged)).unsigned().at(later));
    rig.send_in_order(Post::new(&mail("private", "")).to(USER).sender(""));
    let mails = inbox(&rig, 3);
    let ours = "Authentication-Results: mx.bot.example; ";
    let top = |mail: &str| mail.lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(top(&mails[0]), format!("{ours}dkim=pass header.d=example.org"));
    assert_eq!(top(&mails[1]), format!("{ours}dkim=none"));
    assert!(mails[1].contains("Mon, 1 Jun 2026 00:00:00 +0000"), "{}", mails[1]);
    assert!(!mails[1].contains("MX.bot") && mails[1].contains("other.example"), "{}", mails[1]);
    assert!(mails[2].starts_with("Return-Path: <>\r\n") && !mails[2].contains("List-Id"));
    assert_eq!(rig.private_mails()[0].recipient, USER);
    let answer = submit(&rig, &["bounces@bot.example"], &mail("own", "")).unwrap();
    assert!(answer.is_yes() && inbox(&rig, 4)[3].contains("Message-ID: <own@"), "{answer:?}");
}

#[test]
fn the_submission_port_refuses_as_told() {
    let Some(rig) = Rig::start(Options::default()) else { return };
    let to = ["qemu-devel@nongnu.org", "ada@example.org"];
    let refusal = |step, recipient: Option<&str>, answer: &str| Refusal {
        step,
        recipient: recipient.map(str::to_owned),
        answer: answer.to_owned(),
        times: Some(1),
    };
    rig.faults().refusals = vec![
        refusal(Step::Rcpt, Some("ada@example.org"), "550 5.1.1 no such user"),
        refusal(Step::Rcpt, None, "450 4.2.0 greylisted"),
        refusal(Step::Data, None, "451 4.3.0 later"),
        refusal(Step::Dot, None, "554 5.7.1 no"),
    ];
    // The general one meets the list, which is named first.
    for expected in [450, 550, 451, 554, 250] {
        let answer = submit(&rig, &to, &from_bot("refused")).unwrap();
        assert_eq!(answer.code, expected, "{answer:?}");
    }
    assert!(rig.wait_for(|rig| rig.count("<refused@example.org>") == 1, SOON));
}

#[test]
fn servers_stop_start_and_change_certificates() {
    let Some(mut rig) = Rig::start(Options::default()) else { return };
    rig.stop_postfix();
    assert!(Client::connect(rig.submission_port()).is_err());
    rig.start_postfix();
    rig.restart_dovecot();
    let to = ["qemu-devel@nongnu.org"];
    let again = submit(&rig, &to, &from_bot("again"));
    assert!(again.as_ref().is_ok_and(Answer::is_yes), "{again:?} {}", rig.postfix_log());
    assert_eq!(inbox(&rig, 1).len(), 1);
    for bad in [Certificate::Expired, Certificate::OtherHost] {
        rig.present_smtp(bad);
        let refused = submit(&rig, &to, &from_bot("bad")).unwrap_err();
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
    rig.present_smtp(Certificate::Good);
    assert!(submit(&rig, &to, &from_bot("good")).unwrap().is_yes());
}

#[test]
fn several_lists_and_recorded_mail() {
    let lists = ["qemu-devel@nongnu.org", "qemu-block@nongnu.org"].map(List::new).to_vec();
    let Some(rig) = Rig::start(Options { lists, ..Options::default() }) else { return };
    let recorded = mail("recorded", "X-BeenThere: qemu-block@nongnu.org\nReceived: from x; y\n");
    rig.send(Post::new(&as_sent(&recorded)).to("qemu-block@nongnu.org"));
    let mails = inbox(&rig, 1);
    assert!(mails[0].contains("List-Id: <qemu-block.nongnu.org>"), "{}", mails[0]);
    assert!(!mails[0].contains("from x; y"), "{}", mails[0]);
}

#[test]
fn the_sample_goes_through_whole() {
    let lists = ["qemu-devel@nongnu.org", "qemu-block@nongnu.org"].map(List::new).to_vec();
    let Some(rig) = Rig::start(Options { lists, ..Options::default() }) else { return };
    rig.faults().footer = false;
    let file = tidewaiter_testkit::workspace_root().join("fixtures/mbox/qemu-sample.mbox");
    let sample = fs::read_to_string(file).unwrap();
    let start = Instant::now();
    let mut count = 0;
    for recorded in sample.split("\n\nFrom mboxrd@z ") {
        let (_, raw) = recorded.split_once('\n').unwrap();
        let list = if raw.contains("List-Id: <qemu-block") { "qemu-block" } else { "qemu-devel" };
        let post = Post::new(&as_sent(raw.as_bytes())).to(&format!("{list}@nongnu.org"));
        rig.send_in_order(post);
        count += 1;
    }
    println!("{count} mails of the sample in {:?}", start.elapsed());
    let body = |mail: &str| mail.split_once("\n\n").map(|(_, b)| b.trim_end().to_owned());
    let mails = inbox(&rig, count);
    for (mail, recorded) in mails.iter().zip(sample.split("\n\nFrom mboxrd@z ")) {
        assert_eq!(body(&mail.replace('\r', "")), body(recorded), "{mail}");
    }
    assert!(count > 300 && mails.len() == count);
}

#[test]
fn many_posts_arrive_and_in_order_where_that_is_asked_for() {
    let Some(rig) = Rig::start(Options::default()) else { return };
    let start = Instant::now();
    for number in 0..200 {
        rig.send_in_order(Post::new(&mail(&format!("ordered-{number}"), "")));
    }
    println!("200 posts in order in {:?}", start.elapsed());
    let mails = inbox(&rig, 200);
    for (number, mail) in mails.iter().enumerate() {
        assert!(mail.contains(&format!("<ordered-{number}@")), "{number}: {mail}");
    }
    let start = Instant::now();
    for number in 0..200 {
        rig.post(&mail(&format!("many-{number}"), ""));
    }
    assert_eq!(inbox(&rig, 400).len(), 400);
    println!("200 posts in any order in {:?}", start.elapsed());
}

/// Processes of a group that have not ended.
fn alive(group: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((name, rest)) = stat.rsplit_once(") ") else { continue };
        let mut fields = rest.split(' ');
        if fields.next() != Some("Z") && fields.nth(1) == Some(&group.to_string()) {
            found.push(name.to_owned());
        }
    }
    found
}

#[test]
fn it_starts_and_stops_quickly_and_leaves_nothing() {
    let before = Instant::now();
    let Some(rig) = Rig::start(Options::default()) else { return };
    let started = before.elapsed();
    rig.post(&mail("one", ""));
    assert_eq!(inbox(&rig, 1).len(), 1);
    let (groups, folder) = (rig.process_groups(), rig.folder().to_owned());
    assert!(groups.iter().all(|group| !alive(*group).is_empty()));
    let before = Instant::now();
    drop(rig);
    let stopped = before.elapsed();
    println!("started in {started:?}, stopped in {stopped:?}");
    assert!(started < Duration::from_secs(10) && stopped < Duration::from_secs(3));
    for group in groups {
        let so = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            alive(group).is_empty()
        });
        assert!(so, "{:?}", alive(group));
    }
    assert!(!folder.exists());
}

#[test]
fn a_test_that_panics_or_is_killed_leaves_nothing() {
    // The test program itself, told to start a rig and to die: a killed process runs no `Drop`.
    if std::env::var_os("TIDEWAITER_RIG_DIES").is_some() {
        let Some(rig) = Rig::start(Options::default()) else { return };
        println!("groups {:?}", rig.process_groups());
        let status = std::process::Command::new("sh")
            .args(["-c", &format!("kill -KILL {}", std::process::id())])
            .status();
        unreachable!("{status:?}");
    }
    let mut groups = None;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let rig = Rig::start(Options::default());
        groups = rig.as_ref().map(Rig::process_groups);
        assert!(rig.is_none(), "on purpose");
    }));
    let Some(mut groups) = groups else { return };
    assert!(panicked.is_err());
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_test_that_panics_or_is_killed_leaves_nothing", "--nocapture"])
        .env("TIDEWAITER_RIG_DIES", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, list) = said.split_once("groups [").unwrap();
    let list = list.split(']').next().unwrap();
    groups.extend(list.split(", ").map(|group| group.parse::<u32>().unwrap()));
    assert_eq!(groups.len(), 4);
    let gone = (0..400).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        groups.iter().all(|group| alive(*group).is_empty())
    });
    assert!(gone, "{:?}", groups.iter().flat_map(|g| alive(*g)).collect::<Vec<_>>());
}
