use jiff::Timestamp;
use tidewaiter_engine::{
    Arrival, Config, Context, Event, Judged, Overrides, State, config, finish, judged, step,
};
use tidewaiter_mail::Mailbox;
use tidewaiter_patch::Mail;
use tidewaiter_policy::{Policy, Vocabulary, builtin_policies};
use tidewaiter_reply::{IdKey, Mode, Templates};
use tidewaiter_testkit::builder::Mail as Built;

use data_encoding::BASE64;

use super::*;
use super::{bins::Bins, chosen::chosen, page::hash};
use super::{
    curve::curve,
    mask::{Mask, Quoted},
    sections,
};

const DAY: i64 = 86_400;

fn context(against: Option<&str>) -> Context {
    let policy = |text: &str| Policy::parse(text).expect("a policy").0;
    let named = |id: &&str| builtin_policies().iter().find(|(known, _)| known == id).map(|p| p.1);
    Context {
        config: Config::parse(config::BUILTIN).expect("the configuration").0,
        policies: vec![policy(named(&"qemu-proposed-2026-05").expect("the draft"))],
        against: against.and_then(|id| named(&id)).map(policy),
        vocabulary: Vocabulary::builtin().expect("the vocabulary"),
        maintainers: None,
        tree: None,
        keyring: None,
        templates: Templates::builtin().expect("the templates"),
        key: IdKey::dry_run(),
        overrides: Overrides {
            policy: Some("qemu-proposed-2026-05".to_owned()),
            mode: Some(Mode::List),
            ..Overrides::default()
        },
    }
}

/// Judges mails, each with the day that it comes on.
fn judge(context: &Context, mails: &[(i64, Built)]) -> (Summary, Vec<Judged>) {
    let (mut state, mut summary) = (State::new(), Summary::default());
    let mut mails: Vec<_> = mails.iter().collect();
    mails.sort_by_key(|(day, _)| *day);
    for (day, mail) in mails {
        let time = Timestamp::from_second(1_780_272_000 + day * DAY).expect("a time");
        let raw = mail.build();
        let mail = Mail::parse(&raw);
        summary.mail(raw.len(), mail.kind());
        step(&mut state, context, Event::Mail(Box::new(Arrival::new(context, mail, time))));
    }
    finish(&mut state, context);
    let all = judged(&mut state, context);
    all.iter().for_each(|judged| summary.series(judged));
    (summary, all)
}

fn patch(title: &str, id: &str, lines: usize) -> Built {
    Built::patch(title).id(id).diff("hw/misc/frob.c", lines, 0)
}

fn stated(title: &str, id: &str, lines: usize) -> Built {
    patch(title, id, lines).trailer("AI-used-for", "code")
}

fn pages(context: &Context, mails: &[(i64, Built)], names: bool) -> Vec<HtmlPage> {
    let (summary, all) = judge(context, mails);
    let read = ["list.mbox".to_owned()];
    let asked = HtmlAsked { read: &read, options: &[], program: "tidewaiter", names };
    let report = HtmlReport::new(&summary, context, &all, asked).expect("a report");
    report.pages().map(|page| page.expect("a page")).collect()
}

/// The tags and attributes of a page, as `(tag, whole tag)`.
fn tags(page: &str) -> Vec<(String, String)> {
    let (_, body) = page.split_once("<body>").expect("a body");
    let body = body.split_once("<script>").map_or(body, |(body, _)| body);
    body.split('<')
        .skip(1)
        .map(|rest| {
            let whole = rest.split('>').next().unwrap_or_default();
            let name = whole.trim_start_matches('/').split([' ', '\n', '/']).next();
            (name.unwrap_or_default().to_owned(), whole.to_owned())
        })
        .collect()
}

const HOSTILE: [&str; 9] = [
    "</script><script>window.hacked=1</script>",
    "</title><img src=x onerror=window.hacked=1>",
    "\"><svg onload=window.hacked=1>",
    "' onmouseover='window.hacked=1",
    "]]></style><a href=\"javascript:window.hacked=1\">x</a>",
    "{{ 7 * 7 }}{% raw %}{{ x | safe }}",
    "\u{202e}reversed\u{2066} and \u{200b}hidden",
    "bell \u{7} escape \u{1b}[31m c1 \u{9b}",
    "&lt;b&gt; &amp;#60;script&amp;#62;",
];

#[test]
fn nothing_from_a_mail_is_markup() {
    let context = context(Some("qemu-2025-06"));
    let plain = vec![(0, stated("hw/misc: frob", "p@example.org", 30))];
    let known: std::collections::BTreeSet<String> =
        tags(&pages(&context, &plain, true)[0].text).into_iter().map(|(name, _)| name).collect();
    for hostile in HOSTILE {
        let encoded = format!("=?utf-8?B?{}?=", BASE64.encode(hostile.as_bytes()));
        let mail = Built::patch(&encoded)
            .from(&encoded, "a@example.org")
            .id("p@example.org")
            .body(hostile)
            .body(&format!("This was written with the help of ChatGPT {hostile}."))
            .trailer("Assisted-by", &format!("Claude {hostile}"))
            .trailer("AI-used-for", &format!("code {hostile}"))
            .diff(&format!("hw/misc/{}.c", hostile.replace(['/', ' ', '\u{7}'], "-")), 30, 0);
        let page = &pages(&context, &[(0, mail)], true)[0].text;
        assert!(page.contains("<ol class=\"rows\""), "no row for {hostile:?}");
        for (name, whole) in tags(page) {
            assert!(
                known.contains(&name) || name == "pre" || name == "i",
                "<{whole}> of {hostile:?}"
            );
            assert!(!whole.contains(" on") && !whole.contains("javascript:"), "<{whole}>");
        }
        assert!(!page.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{7}', '\u{1b}', '\u{9b}']));
        assert!(!page.contains("49{"), "a template was filled in");
        assert_eq!(page.matches("<script").count(), 1);
    }
}

#[test]
fn a_long_title_is_cut() {
    let context = context(None);
    let mail = stated(&"x".repeat(65_536), "p@example.org", 3);
    let page = &pages(&context, &[(0, mail)], false)[0].text;
    assert!(page.contains(&"x".repeat(160)) && !page.contains(&"x".repeat(400)));
    assert!(page.len() < 80_000, "{}", page.len());
}

#[test]
fn the_policy_of_the_page_names_its_script_and_style() {
    let page = &pages(&context(None), &[(0, stated("x: y", "p@example.org", 3))], false)[0].text;
    for (start, end, directive) in
        [("<style>", "</style>", "style-src"), ("<script>", "</script>", "script-src")]
    {
        let (_, rest) = page.split_once(start).expect(start);
        let (text, _) = rest.split_once(end).expect(end);
        assert!(page.contains(&format!("{directive} '{}'", hash(text))), "{directive}");
    }
    let (_, csp) = page.split_once("Content-Security-Policy\" content=\"").expect("a policy");
    assert!(csp.starts_with("default-src 'none'; "));
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));
    for forbidden in ["http-equiv=\"refresh", "<link rel=\"stylesheet", "url(http", "src=\""] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn no_name_stands_in_it_unless_asked_for() {
    let context = context(Some("qemu-2025-06"));
    let first =
        stated("MAINTAINERS: add Alice Author", "20260601041235.12-1-alice@example.org", 30)
            .from("Alice Author", "alice@example.org")
            .cc("Rita Reviewer <rita@example.com>")
            .body("Alice wrote this with the help of ChatGPT; Rita and tom@example.net know.")
            .signed_off();
    let answer = Built::reply(&first).from("Sam Stranger", "sam@example.net").body("Hm, Sam.");
    let mails = vec![(0, first), (1, answer)];
    let page = &pages(&context, &mails, false)[0].text;
    let (_, body) = page.split_once("<section id=\"series\"").expect("rows");
    for name in ["Alice", "alice", "Rita", "rita", "tom@", "Sam", "sam@", "Stranger"] {
        assert!(!body.contains(name), "{name}: {body}");
    }
    assert!(body.contains("MAINTAINERS: add [author]"));
    assert!(body.contains("20260601041235.12-1-…"));
    assert!(body.contains("Cc: [author]") || body.contains("To: [author]"));
    let named = &pages(&context, &mails, true)[0].text;
    assert!(named.contains("Alice Author &lt;alice@example.org&gt;"));
    assert!(named.contains("20260601041235.12-1-alice@example.org"));
}

#[test]
fn words_that_are_no_names_stay() {
    let context = context(None);
    let mail = stated("list: mark the end", "x@example.org", 3).from("Mark", "mark@example.org");
    let (_, all) = judge(&context, &[(0, mail)]);
    let operator = Mailbox { name: Some("The operator".to_owned()), address: None };
    let mask = Mask::new(&all[0], &operator, &["qemu-devel@nongnu.org".to_owned()]);
    assert_eq!(mask.whole("list: Mark the end"), "list: Mark the end");
    assert_eq!(
        mask.words("The end, says Mark (a@b.example)"),
        "The end, says [author] ([address])"
    );
    assert_eq!(mask.words("to qemu-devel@nongnu.org, Markup"), "to qemu-devel@nongnu.org, Markup");
    assert_eq!(mask.id("87abc.fsf@mark.example.org"), "87abc.fsf…");
    assert_eq!(mask.id("mark-17@example.org"), "");
    let policy = &context.policies[0];
    let link = policy.url.as_deref().expect("a link");
    let word = |name: &str| {
        let mail = stated("x: y", "y@example.org", 3).from(name, "mark@example.org");
        let (_, all) = judge(&context, &[(0, mail)]);
        let mask = Mask::new(&all[0], &operator, &[]);
        mask.quoting(&Quoted::new(Some(policy)), &format!("by {name} <mark@example.org>:\n{link}"))
    };
    assert_eq!(word("Mark"), format!("by [author] <[author]>:\n{link}"));
    // A word of the policy's own text.
    assert_eq!(word("copyright"), format!("by copyright <[author]>:\n{link}"));
}

#[test]
fn versions_count_once_as_the_newest_judged() {
    let context = context(None);
    let one = |version, id: &str, day| {
        let mail = patch("hw/misc: frob", id, 30 + usize::try_from(day).expect("a day"));
        let mail = mail.version(version);
        (day, if version == 3 { mail.trailer("AI-used-for", "code") } else { mail })
    };
    let mails =
        [one(1, "a@example.org", 0), one(2, "b@example.org", 20), one(3, "c@example.org", 40)];
    let (_, all) = judge(&context, &mails);
    let (series, others) = chosen(&all);
    assert_eq!((all.len(), series.len(), others.len()), (3, 1, 0));
    let bins = Bins::new(series.iter().map(|one| one.judged.series.first));
    let share = sections::declared_share(&series, &bins);
    assert_eq!(share.table.rows.len(), 1);
    assert_eq!(share.table.rows[0][1..4], ["1", "1", "100.0 %"]);
    assert_eq!(share.svg, None);
    assert!(share.note.expect("a note").contains("one week"));
}

#[test]
fn outcomes_fall_into_their_weeks() {
    let context = context(None);
    let mails = [
        (0, stated("hw/a: add", "a@example.org", 90)),
        (1, patch("hw/b: add", "b@example.org", 91)),
        (15, stated("hw/c: add", "c@example.org", 10)),
    ];
    let (_, all) = judge(&context, &mails);
    let (series, _) = chosen(&all);
    let bins = Bins::new(series.iter().map(|one| one.judged.series.first));
    let figure = sections::outcomes(&series, &bins);
    let rows = [
        ["2026-06-01", "0", "1", "0", "1"],
        ["2026-06-08", "0", "0", "0", "0"],
        ["2026-06-15", "0", "0", "1", "0"],
    ];
    assert_eq!(figure.table.rows, rows.map(|row| row.map(str::to_owned).to_vec()));
    let svg = figure.svg.expect("a plot");
    assert!(svg.starts_with("<svg viewBox=") && svg.contains("role=\"img\""));
    assert!(svg.contains("<title id=\"outcomes-t\">Outcomes by week</title>"));
    // One layer each: ask in the first week, disclosure in the last.
    assert_eq!(svg.matches("fill=\"#E69F00\"").count(), 1);
    assert_eq!(svg.matches("fill=\"#009E73\"").count(), 1);
}

#[test]
fn the_curve_rises_where_the_largest_declared_patch_fits() {
    let context = context(None);
    let tests = Built::patch("tests: add").id("g@example.org").trailer("AI-used-for", "tests");
    let tests = tests.new_file("tests/qtest/a.c", 70);
    let mails = [
        (0, stated("hw/a: fix", "a@example.org", 20)),
        (1, stated("hw/b: fix", "b@example.org", 50)),
        (2, stated("hw/c: add", "c@example.org", 5).new_file("hw/misc/new.c", 5)),
        (3, stated("hw/d: fix", "d@example.org", 900)),
        (4, patch("hw/e: fix", "e@example.org", 3)),
        (5, patch("hw/f: fix", "f@example.org", 3).trailer("AI-used-for", "research")),
        (6, tests),
    ];
    let (_, all) = judge(&context, &mails);
    let (series, _) = chosen(&all);
    let curve = curve(&context.policies[0], series.iter().map(|one| one.assessment));
    let at = |limit: usize| (curve.within[limit], curve.and_add_nothing[limit]);
    assert_eq!(curve.declared, 5);
    assert_eq!(
        [at(0), at(10), at(19), at(20), at(49), at(50), at(200)],
        [(1, 1), (2, 1), (2, 1), (3, 2), (3, 2), (4, 3), (4, 3)]
    );
}

#[test]
fn two_policies_agree_with_the_terminal() {
    let context = context(Some("qemu-2025-06"));
    let mails = [
        (0, stated("hw/a: fix", "a@example.org", 5)),
        (1, stated("hw/b: add", "b@example.org", 90)),
        (2, patch("hw/c: add", "c@example.org", 9)),
    ];
    let page = &pages(&context, &mails, false)[0].text;
    assert!(page.contains("2 of 3 series come out otherwise under qemu-2025-06"));
    assert!(page.contains("0 gentler, 2 graver"));
    let row = "<tr><th scope=\"row\">B: decline</th><td>–</td><td>1</td><td>1</td><td>–</td><td>–</td></tr>";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("<a href=\"#s1\">hw/b: add</a>"));
}

#[test]
fn silent_series_are_counted_and_many_rows_make_more_pages() {
    let context = context(None);
    let mails: Vec<(i64, Built)> = (0..46_usize)
        .map(|n| {
            let (title, id) = (format!("hw/x{n}: fix"), format!("m{n}@example.org"));
            let of = if n % 23 == 0 { patch } else { stated };
            let mail = of(&title, &id, 1 + n);
            (i64::try_from(n).expect("a day"), mail)
        })
        .collect();
    let (summary, all) = judge(&context, &mails);
    let pages = |room: Room| -> (Vec<HtmlPage>, Vec<usize>) {
        let asked = HtmlAsked::default();
        let report = HtmlReport::within(room, &summary, &context, &all, asked).expect("a report");
        let pages: Vec<_> = report.pages().map(|page| page.expect("a page")).collect();
        let rows = pages.iter().map(|page| page.text.matches("<li id=\"s").count()).collect();
        (pages, rows)
    };
    let (all_pages, rows) = pages(Room { rows: 20, ..ROOM });
    let names: Vec<&str> = all_pages.iter().map(|page| page.name.as_str()).collect();
    assert_eq!(names, ["index.html", "series-2.html", "series-3.html"]);
    assert_eq!(rows, [20, 20, 4]);
    assert!(all_pages[0].text.contains("2 others have nothing to show"));
    assert!(all_pages[1].text.contains("21 to 40 of 44."));
    assert!(all_pages[1].text.contains("<a href=\"index.html#series\">1</a>"));
    assert!(!all_pages[1].text.contains("<figure"));
    // The newest come first, the oldest are left out.
    let (few, rows) = pages(Room { rows: 20, pages: 2, ..ROOM });
    assert_eq!(rows, [20, 20]);
    assert!(few[0].text.contains("hw/x45: fix") && !few[1].text.contains("hw/x4: fix"));
    assert!(few[1].text.contains("4 older ones would have a row"));
    let (_, rows) = pages(Room { bytes: 1, ..ROOM });
    assert_eq!(rows, [1; 20]);
}

#[test]
fn an_empty_archive_has_a_page() {
    let page = &pages(&context(Some("qemu-2025-06")), &[], false)[0].text;
    assert!(page.contains("No series was judged.") && page.contains("There is no such series."));
}

#[test]
fn the_words_judge_nobody() {
    let context = context(Some("qemu-2025-06"));
    let mails =
        [(0, stated("hw/a: fix", "a@example.org", 5)), (9, stated("hw/b: x", "b@example.org", 90))];
    let page = pages(&context, &mails, false)[0].text.to_lowercase();
    // The policy's own words are its own.
    let page = page.replace("copyright violations", "");
    for word in [
        "ai-generated",
        "detect",
        "undisclosed",
        "violat",
        "approve",
        "clean",
        "passed",
        "slop",
        "offend",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("it does not measure how much ai was used"));
}
