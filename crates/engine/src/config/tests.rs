use test_case::test_case;
use tidewaiter_policy::line_column;

use super::*;

#[test]
fn the_built_in_one_is_valid() {
    let (config, warnings) = Config::parse(BUILTIN).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(config.lists.len(), 1);
    assert_eq!(config.lists[0].reply.mode, Mode::Observe);
    assert_eq!(config.lists[0].settle, SignedDuration::from_hours(12));
}

/// Each mistake as `line:column message`.
fn mistakes(text: &str) -> Vec<String> {
    Config::parse(text)
        .unwrap_err()
        .into_iter()
        .map(|e| {
            let at = e.span.as_ref().map(|s| line_column(text, s.start));
            format!("{at:?} {}", e.message)
        })
        .collect()
}

#[test]
fn mistakes_have_their_place() {
    let changed = |from: &str, to: &str| {
        assert!(BUILTIN.contains(from));
        mistakes(&BUILTIN.replace(from, to)).join("\n")
    };
    let all = [
        changed("settle = \"12h\"", "settle = \"soon\""),
        changed("mode = \"observe\"", "mode = \"shout\""),
        changed("settle = \"12h\"", "setle = \"12h\""),
        changed("address = \"qemu-devel@nongnu.org\"", "address = \"qemu-devel\""),
        changed("[caps]", "[capz]"),
        changed("authserv-ids = []", "authserv-ids = [\"mx.example.net\", \"mx example\"]"),
        changed("authserv-ids = []", "authserv-ids = \"mx.example.net\""),
        changed("opt-out = []", "opt-out = [\"alice\"]"),
        changed("quiet-hours = \"\"", "quiet-hours = \"22-7\""),
        changed("quiet-alarm = \"24h\"", "quiet-alarm = \"never\""),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_list_stands_once() {
    let lists = BUILTIN.split_once("\n# What follows is for `run`").unwrap().0;
    let second = lists.find("[[lists]]").and_then(|at| lists.get(at..)).unwrap();
    let text = format!("{BUILTIN}\n{second}");
    assert!(mistakes(&text)[0].contains("has an entry already"));
}

#[test]
fn a_server_stands_once() {
    let text =
        BUILTIN.replace("authserv-ids = []", "authserv-ids = [\"mx.example\", \"MX.example\"]");
    let (config, warnings) = Config::parse(&text).unwrap();
    assert_eq!(config.trust.authserv_ids, ["mx.example"]);
    assert_eq!(warnings[0].message, "`MX.example` is named twice");
}

/// Every table of the built-in file that is commented out, filled in.
fn with_tables() -> String {
    let from = BUILTIN.find("# What follows is for `run`").unwrap();
    let (shared, own) = BUILTIN.split_at(from);
    let line = |line: &str| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let key = bare.split_once(" = ").is_some_and(|(key, _)| !key.contains([' ', '`']));
        let wanted = (key && !bare.starts_with("credential")) || bare.starts_with('[');
        if wanted { bare } else { line }.to_owned()
    };
    format!("{shared}{}\n", own.lines().map(line).collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_daemons_tables_are_valid() {
    let (config, warnings) = Config::parse(&with_tables()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let daemon = config.daemon;
    let [mailbox] = &daemon.mailboxes[..] else { panic!("{:?}", daemon.mailboxes) };
    assert_eq!((mailbox.port, mailbox.max_mail), (993, 2 << 20));
    assert_eq!(mailbox.password, SecretAt::File("imap-password".to_owned()));
    assert_eq!(daemon.smtp.unwrap().port, 465);
    assert_eq!(daemon.status.unwrap().listen.to_string(), "127.0.0.1:8025");
    assert_eq!(daemon.outbox.give_up, SignedDuration::from_hours(24));
}

#[test_case("name = \"lists\"", "name = \"my lists\"", "is no name of a mailbox"; "name")]
#[test_case("host = \"imap.example.net\"", "host = \"imap example\"", "is no host"; "host")]
#[test_case("password-file = \"imap-password\"\n", "", "neither `password-file`"; "no password")]
#[test_case("# credential = \"smtp", "credential = \"smtp", "one is enough"; "two passwords")]
#[test_case("password-file = \"imap-password\"", "credential = \"../x\"", "no name of a credential"; "a path")]
#[test_case("max-mail-kib = 2048", "max-mail-kib = 0", "`max-mail-kib`"; "no mail")]
#[test_case("max-mail-kib = 2048", "max-mail-kib = 4294967295", "`max-mail-kib`"; "any mail")]
#[test_case("tls = \"implicit\"\n# Its port; without this 993", "tls = \"none\"\n# ", "unknown variant"; "never plain")]
#[test_case("tls = \"implicit\"\n# Its port; without this 465", "tls = \"none\"\n# ", "without TLS"; "not plain to others")]
#[test_case("\"127.0.0.1:8025\"", "\"0.0.0.0:8025\"", "no address of this machine alone"; "to everybody")]
#[test_case("retain-days = 180", "retain-days = 3", "`retain-days`"; "short memory")]
#[test_case("rescan = \"14d\"", "rescan = \"a while\"", "no length of time"; "no time")]
#[test_case("level = \"info\"", "level = \"trace\"", "unknown variant"; "no trace")]
fn the_daemons_mistakes(from: &str, to: &str, message: &str) {
    let text = with_tables();
    assert!(text.contains(from), "{from}");
    let mistakes = mistakes(&text.replacen(from, to, 1));
    assert!(mistakes.iter().any(|m| m.contains(message) && m.starts_with("Some(")), "{mistakes:?}");
}

#[test]
fn where_the_key_is() {
    let with = |lines: &str| BUILTIN.replace("# key = \"key\"\n", lines);
    let key = |lines: &str| Config::parse(&with(lines)).unwrap().0.files.key;
    assert_eq!(key(""), None);
    assert_eq!(key("key = \"a/key\"\n"), Some(SecretAt::File("a/key".to_owned())));
    let credential = Some(SecretAt::Credential("id-key".to_owned()));
    assert_eq!(key("key-credential = \"id-key\"\n"), credential);
    let both = mistakes(&with("key = \"key\"\nkey-credential = \"id-key\"\n"));
    assert!(both[0].contains("there are both `key` and `key-credential`"), "{both:?}");
    // Somebody may have put the secret itself there.
    let wrong = mistakes(&with("key-credential = \"canary/9\"\n"));
    assert!(wrong[0].contains("no name of a credential"), "{wrong:?}");
    assert!(!wrong[0].contains("canary"), "{wrong:?}");
}

fn digest_to(people: &str) -> String {
    assert!(BUILTIN.contains("digest-to = []"));
    BUILTIN.replace("digest-to = []", &format!("digest-to = [{people}]"))
}

/// The store refuses a reply to anybody of these kinds, and with it whatever came at that moment.
#[test_case("\"a@x.org\", \"A <A@X.org>\"", "`A <A@X.org>` is named twice"; "twice")]
#[test_case("\"a@x.org\", \"b@my_host.example\"", "no mail can be sent to `b@my_host.example`"; "no domain")]
#[test_case("\"a@x.org\", \"nobody\"", "`nobody` is no mailbox"; "no address")]
fn wrong_readers(people: &str, message: &str) {
    let found = mistakes(&digest_to(people));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(message) && found[0].starts_with("Some(("), "{found:?}");
}

#[test]
fn as_many_readers_as_a_mail_may_have() {
    let people = |count: usize| {
        let people: Vec<String> = (0..count).map(|n| format!("\"p{n}@x.org\"")).collect();
        digest_to(&people.join(", "))
    };
    let (config, _) = Config::parse(&people(MOST_RECIPIENTS)).unwrap();
    assert_eq!(config.lists[0].digest_to.len(), MOST_RECIPIENTS);
    let found = mistakes(&people(MOST_RECIPIENTS + 2));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("more than 8 people"), "{found:?}");
}

/// Without them nothing can be said at all, or the operator be told.
#[test_case("tidewaiter@bot.example.net"; "our own")]
#[test_case("operator@example.net"; "the operator")]
#[test_case("qemu-devel@nongnu.org"; "a list")]
fn addresses_that_are_written_to(address: &str) {
    let (local, _) = address.split_once('@').unwrap();
    let found = mistakes(&BUILTIN.replace(address, &format!("{local}@my_host.example")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("no mail can be sent to `"), "{found:?}");
}
