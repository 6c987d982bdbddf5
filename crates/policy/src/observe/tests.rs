use std::sync::LazyLock;

use test_case::test_case;
use tidewaiter_mail::MessageId;

use super::*;

static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::builtin().expect("the shipped vocabulary reads"));

fn seen(mail: &str) -> Observed {
    observe(&VOCABULARY, &Mail::parse(mail.as_bytes()))
}

fn patch(message: &str, notes: &str) -> String {
    format!(
        "From: Alice Author <alice@example.org>\nSubject: [PATCH] hw/misc: add frob\n\
         Message-ID: <a@example.org>\n\nWhy.\n\n{message}\
         Signed-off-by: Alice Author <alice@example.org>\n---\n{notes} hw/misc/frob.c | 2 +-\n \
         1 file changed, 1 insertion(+), 1 deletion(-)\n\ndiff --git a/hw/misc/frob.c b/hw/misc/frob.c\n\
         --- a/hw/misc/frob.c\n+++ b/hw/misc/frob.c\n@@ -1 +1 @@\n-a\n+b\n-- \n2.47.3\n"
    )
}

fn comment(text: &str) -> String {
    format!(
        "From: Rita Reviewer <rita@example.com>\nSubject: Re: [PATCH] hw/misc: add frob\n\
         Message-ID: <b@example.org>\nIn-Reply-To: <a@example.org>\n\n{text}"
    )
}

#[test_case("AI-used-for: tests\n" => vec!["AI-used-for: tests [tests] Trailer 3".to_owned()]; "own tag")]
#[test_case("ai-used-for: Code (x), docs\n" => vec!["ai-used-for: Code (x), docs [code docs] Trailer 3".to_owned()]; "lower case")]
#[test_case("Assisted-by: Assisted-by: Claude:claude-opus-4-8\n" => vec!["Assisted-by: Claude:claude-opus-4-8 [] Trailer 3".to_owned()]; "doubled key")]
#[test_case("Assisted-by: Jane Doe <jane@example.org>\n" => Vec::<String>::new(); "person")]
#[test_case("Generated-by: protoc 3.2\n" => Vec::<String>::new(); "protoc")]
#[test_case("Generated-by: Claude\n" => vec!["Generated-by: Claude [] Trailer 3".to_owned()]; "weak key with a tool")]
#[test_case("AI-generated: Uses GitHub Copilot\n" => vec!["AI-generated: Uses GitHub Copilot [] Trailer 3".to_owned()]; "yocto")]
#[test_case("AI-used-for:\n" => Vec::<String>::new(); "empty")]
#[test_case("AI-used-for: none\n" => Vec::<String>::new(); "none")]
#[test_case("AI-used-for: code\n\nMore words.\n\n" => vec!["AI-used-for: code [code] Message 3".to_owned()]; "in the message")]
#[test_case("  AI-used-for: code\n\nMore words.\n\n" => Vec::<String>::new(); "indented")]
fn tags(message: &str) -> Vec<String> {
    seen(&patch(message, ""))
        .tags()
        .iter()
        .map(|tag| {
            let key = tag.key.as_deref().unwrap_or_default();
            format!("{key}: {} [{}] {:?} {}", tag.value, tag.uses.join(" "), tag.place, tag.line)
        })
        .collect()
}

#[test_case("Assisted by: Claude Opus 9\n" => "Assisted-by: Claude Opus 9 Key Trailer"; "blanks in the key")]
#[test_case("AI used for: tests\n" => "AI-used-for: tests Key Trailer"; "blanks in our key")]
#[test_case("AI_used_for: tests\n" => "AI-used-for: tests Key Trailer"; "underscores")]
#[test_case("AI-used-for code, docs\n" => "AI-used-for: code, docs Colon Trailer"; "no colon")]
#[test_case("Assisted-by Claude Code\n" => "Assisted-by: Claude Code Colon Trailer"; "no colon before a tool")]
#[test_case("Assisted-by Jane Doe\n" => ""; "no colon before a person")]
#[test_case("AI-used-for code and for this and that, which takes a whole sentence to tell.\n" => ""; "no colon, free text")]
#[test_case("Assisted-by: Assisted-by: LLM\n" => "Assisted-by: LLM Doubled Trailer"; "doubled")]
#[test_case("AI-use-for: tests\n" => "AI-use-for: tests Key Trailer"; "letter missing")]
#[test_case("Assited-by: Codex:gpt-5.9\n" => "Assited-by: Codex:gpt-5.9 Key Trailer"; "another letter missing")]
#[test_case("Asissted-by: LLM\n" => "Asissted-by: LLM Key Trailer"; "letters swapped")]
#[test_case("Assited-by: Jane Doe <jane@example.org>\n" => ""; "slip before a person")]
#[test_case("AI-used-for: tests\n" => "AI-used-for: tests - Trailer"; "well formed")]
fn malformed(message: &str) -> String {
    let observed = seen(&patch(message, ""));
    let tags = observed.tags().iter().map(|tag| {
        let key = tag.key.as_deref().unwrap_or("sentence");
        let wrong = tag.malformed.map_or("-".to_owned(), |wrong| format!("{wrong:?}"));
        format!("{key}: {} {wrong} {:?}", tag.value, tag.place)
    });
    tags.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_key_without_a_value_says_nothing() {
    let observed = seen(&patch("AI-used-for:\n", ""));
    assert_eq!((observed.tags(), observed.negative()), (&[][..], &[][..]));
    assert_eq!(observed.unclear()[0].malformed, Some(Malformed::Empty));
}

#[test_case("AI tool disclosure\n------------------\nThe lookup table comes from a model, the rest is mine.\n\n" => "+5"; "section")]
#[test_case("AI disclosure: tests drafted by a model.\n\n" => "+3"; "on the heading's line")]
#[test_case("## AI usage\n\nNone.\n\n" => "-5"; "section that denies")]
#[test_case("AI usage statement:\nNo AI was used.\n\n" => "-3"; "denies on the next line")]
#[test_case("AI use in the driver is fine.\n\n" => ""; "a sentence that begins so")]
#[test_case("This was\nwritten with Claude\nCode.\n\n" => "+3"; "over several lines")]
#[test_case("- The tests were generated by an LLM.\n\n" => "+3"; "item")]
#[test_case("> This was written with Claude.\n\n" => ""; "quoted")]
#[test_case("    This was written with Claude.\n\n" => ""; "indented")]
#[test_case("\tThis was written with Claude.\n\n" => ""; "indented by a tab")]
#[test_case("Cc: Claude Dupont <claude@example.org>\nThis was written with Claude.\n" => ""; "beside a person of that name")]
#[test_case("Co-authored-by: Claude <noreply@anthropic.com>\nThis was written with Claude.\n" => "+4"; "beside the tool itself")]
fn sentences(message: &str) -> String {
    let observed = seen(&patch(message, ""));
    let shown = |sign: &str, tags: &[SeenTag]| {
        tags.iter().map(|tag| format!("{sign}{}", tag.line)).collect::<String>()
    };
    shown("+", observed.tags()) + &shown("-", observed.negative())
}

#[test_case("> Why?\nI used Claude to write the tests.\n" => 1; "own words")]
#[test_case("> I used Claude to write the tests.\nGood to know.\n" => 0; "quoted")]
#[test_case("Did you use Claude for this?\n" => 0; "question")]
#[test_case("The old driver was generated by an LLM.\n" => 0; "about something else")]
#[test_case("Your patch was written by an LLM.\n" => 0; "about another's patch")]
#[test_case("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+I used Claude to write this.\n" => 0; "diff")]
fn sentences_in_answers(text: &str) -> usize {
    seen(&comment(text)).tags().len()
}

#[test]
fn a_hostile_text_is_read_in_bounded_time() {
    let sentence = "AI was used with the help of AI by an AI, not written in part with ".repeat(14);
    let text = format!("{sentence}AI. ").repeat(2_000);
    let started = std::time::Instant::now();
    let observed = seen(&patch(&format!("{text}\n\n"), ""));
    assert!(observed.tags().len() + observed.negative().len() <= 2 * MOST);
    let lines = format!("{sentence}AI.\n").repeat(2_000);
    let _ = seen(&patch(&format!("{lines}\n\n"), ""));
    eprintln!("{:?}", started.elapsed());
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}

#[test_case("Co Authored By Claude Opus 9\n" => "AgentTrailer Claude"; "no dashes, no colon")]
#[test_case("Co-authored by: Claude <noreply@anthropic.com>\n" => "AgentTrailer Claude"; "one dash missing")]
#[test_case("Co Authored By Jane Doe\n" => ""; "person")]
fn malformed_person_trailers(message: &str) -> String {
    let observed = seen(&patch(message, ""));
    let marks = observed.marks().iter();
    marks.map(|m| format!("{:?} {}", m.form, m.tool.clone().unwrap_or_default())).collect()
}

#[test]
fn below_the_dashes() {
    let observed = seen(&patch("", "AI-used-for: tests\n"));
    let tag = &observed.tags()[0];
    assert!(tag.is_misplaced());
    assert_eq!((tag.place, tag.line), (Place::Notes, 5));
}

#[test]
fn none_is_no_declaration() {
    let observed = seen(&patch("AI-used-for: none\n", ""));
    assert_eq!(observed.tags(), &[]);
    assert_eq!(observed.negative().len(), 1);
}

#[test_case("Co-authored-by: Claude <noreply@anthropic.com>\n" => vec!["AgentTrailer Claude 3".to_owned()]; "co author")]
#[test_case("Co-developed-by: Claude claude-4-sonnet\n" => vec!["AgentTrailer Claude 3".to_owned()]; "without an address")]
#[test_case("Co-developed-by: Claude Dupont <claude@example.org>\n" => Vec::<String>::new(); "person")]
#[test_case("Claude-Session: https://claude.ai/code/session_1\n" => vec!["SessionLink  3".to_owned()]; "session key")]
#[test_case("Link: https://chatgpt.com/share/1\n" => vec!["SessionLink  3".to_owned()]; "session link")]
#[test_case("🤖 Generated with [Claude Code](https://claude.ai/code)\n\n" => vec!["Marker Claude 3".to_owned()]; "marker")]
#[test_case("Generated by the QAPI scripts.\n\n" => Vec::<String>::new(); "generated by a script")]
#[test_case("Generated by scripts/x.py, for Claude.\n\n" => Vec::<String>::new(); "generated by another")]
#[test_case("Made with cursor keys in mind.\n\n" => Vec::<String>::new(); "thing of that name")]
#[test_case("Made with Cursor\n\n" => vec!["Marker Cursor 3".to_owned()]; "tool of that name")]
#[test_case("Generated with the help of GitHub Copilot.\n\n" => vec!["Marker Copilot 3".to_owned()]; "help of")]
#[test_case("Made with love.\n\n" => Vec::<String>::new(); "love")]
fn marks(message: &str) -> Vec<String> {
    seen(&patch(message, ""))
        .marks()
        .iter()
        .map(|m| {
            let tool = m.tool.clone().unwrap_or_default();
            format!("{:?} {tool} {}", m.form, m.line.unwrap_or_default())
        })
        .collect()
}

#[test_case("tidewaiter: no\n" => (true, None); "command")]
#[test_case("> q\nPatchChecker: No\n" => (true, None); "other key, other case")]
#[test_case("> tidewaiter: no\n" => (false, None); "quoted")]
#[test_case("Do not write tidewaiter: no here\n" => (false, None); "in a sentence")]
#[test_case("tidewaiter: sing\n" => (false, None); "unknown word")]
#[test_case("Queued, thanks.\n" => (false, Some(Quiet::Queued)); "queued")]
#[test_case("Thanks, applied to block-next.\n" => (false, Some(Quiet::Applied)); "applied")]
#[test_case("> Queued.\n" => (false, None); "quoted queued")]
#[test_case("thanks, applied\n" => (false, Some(Quiet::Applied)); "small letter")]
#[test_case("The waiter has\nqueued semaphores.\n" => (false, None); "inside a sentence")]
#[test_case("Queueing theory says no.\n" => (false, None); "another word")]
fn comments(text: &str) -> (bool, Option<Quiet>) {
    let observed = seen(&comment(text));
    (observed.asks_for_quiet(), observed.quiet)
}

#[test_case("tidewaiter: agree\n" => vec![CommandWord::Agree]; "agree")]
#[test_case("Fine.\nTideWaiter : Agree!\n" => vec![CommandWord::Agree]; "letter case")]
#[test_case("tidewaiter: agreed <a@b.example>\n" => vec![agreed("a@b.example")]; "agreed")]
#[test_case("tidewaiter: agreed a@b.example.\n" => vec![agreed("a@b.example")]; "without brackets")]
#[test_case("tidewaiter: agreed\n" => vec![unknown("agreed")]; "agreed with nothing")]
#[test_case("tidewaiter: agreed then\n" => vec![unknown("agreed then")]; "no id")]
#[test_case("tidewaiter: agreed <a@b> <c@d>\n" => vec![unknown("agreed <a@b> <c@d>")]; "two ids")]
#[test_case("tidewaiter: agreed <<a@b>\n" => vec![unknown("agreed <<a@b>")]; "bad id")]
#[test_case("tidewaiter: agree <a@b>\n" => vec![unknown("agree <a@b>")]; "agree with an id")]
#[test_case("tidewaiter: agree to what?\n" => vec![unknown("agree to what?")]; "agree in a sentence")]
#[test_case("> tidewaiter: agree\n" => Vec::<CommandWord>::new(); "quoted agree")]
#[test_case("I say tidewaiter: agree\n" => Vec::<CommandWord>::new(); "agree behind words")]
#[test_case("Fine.\n-- \ntidewaiter: agree\n" => Vec::<CommandWord>::new(); "agree in a signature")]
#[test_case("tidewaiter: why\n" => vec![CommandWord::Why]; "why")]
#[test_case("patchchecker: Why?\n" => vec![CommandWord::Why]; "why with its mark")]
#[test_case("tidewaiter: recheck\n" => vec![CommandWord::Recheck]; "recheck")]
#[test_case("tidewaiter: never\n" => vec![CommandWord::Never]; "never")]
#[test_case("tidewaiter: stop\n" => vec![CommandWord::Stop]; "stop")]
#[test_case("tidewaiter: off\n" => vec![CommandWord::No]; "off")]
#[test_case("tidewaiter: release <tw.1@b.example>\n" => vec![release("tw.1@b.example")]; "release")]
#[test_case("tidewaiter: release\n" => vec![unknown("release")]; "release nothing")]
#[test_case("tidewaiter: release all\n" => vec![unknown("release all")]; "release all")]
#[test_case("tidewaiter: why not ask me\n" => vec![unknown("why not ask me")]; "why in a sentence")]
#[test_case("tidewaiter: never again\n" => vec![unknown("never again")]; "never in a sentence")]
#[test_case("> tidewaiter: never\nJD> tidewaiter: why\n| tidewaiter: stop\n" => Vec::<CommandWord>::new(); "quoted words")]
#[test_case("Hi.\n-----Original Message-----\nFrom: a\ntidewaiter: never\n" => Vec::<CommandWord>::new(); "below Outlook's quote")]
#[test_case("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n a\n+tidewaiter: never\n" => Vec::<CommandWord>::new(); "in a diff")]
#[test_case("tidew\u{430}iter: never\n" => Vec::<CommandWord>::new(); "a letter that looks like an a")]
#[test_case("tidewaiter: nev\u{435}r\n" => vec![unknown("nev\u{435}r")]; "a letter that looks like an e")]
#[test_case("tidewaiter\u{200b}: never\n" => Vec::<CommandWord>::new(); "a letter that is not seen")]
#[test_case("tidewaiter\u{ff1a} never\n" => Vec::<CommandWord>::new(); "a wide colon")]
#[test_case("\u{202e}tidewaiter: never\n" => Vec::<CommandWord>::new(); "turned round")]
fn words_told(text: &str) -> Vec<CommandWord> {
    seen(&comment(text)).commands().iter().map(|command| command.word.clone()).collect()
}

fn agreed(id: &str) -> CommandWord {
    CommandWord::Agreed(MessageId::new(id).expect("an id"))
}

fn release(id: &str) -> CommandWord {
    CommandWord::Release(MessageId::new(id).expect("an id"))
}

fn unknown(words: &str) -> CommandWord {
    CommandWord::Unknown(words.to_owned())
}

#[test_case("Was an LLM used here?\n" => true; "llm")]
#[test_case("See the AI policy.\n" => true; "policy")]
#[test_case("Please add AI-used-for.\n" => true; "tag")]
#[test_case("> Was an LLM used here?\nNo.\n" => false; "quoted")]
#[test_case("Maintain the AIO context.\n" => false; "part of a word")]
fn raises(text: &str) -> bool {
    seen(&comment(text)).raises_policy
}

#[test]
fn most_mails_say_nothing() {
    assert!(seen(&patch("", "")).is_nothing());
    assert!(seen(&comment("Looks fine to me.\n")).is_nothing());
    assert!(size_of::<Observed>() <= 16);
    assert!(seen(&comment("Reviewed-by: Rita Reviewer <rita@example.com>\n")).reviewed);
}

/// What each mail of `fixtures/mail` about AI is to give: tags (with `!` where misplaced), marks,
/// commands. All other patches and cover letters give nothing; how answers quote is tested where
/// that is read.
const FIXTURES: &[(&str, &str)] = &[
    ("quirks/ai-assisted-by-agent", "tag "),
    ("quirks/ai-assisted-by-tools", "tag tag "),
    ("quirks/ai-co-authored-agent", "AgentTrailer "),
    ("quirks/ai-co-authored-cursor", "AgentTrailer "),
    ("quirks/ai-from-agent", "AgentAddress AgentTrailer "),
    ("quirks/ai-generated-by-llm", "tag "),
    ("quirks/ai-generated-with-line", "AgentTrailer Marker "),
    ("quirks/ai-prose-below-dashes", "prose "),
    ("quirks/ai-prose-message", "prose "),
    ("quirks/ai-prose-negated", "none "),
    ("quirks/ai-prose-tool-found", "prose "),
    ("quirks/ai-session-link", "SessionLink "),
    ("quirks/ai-signed-off-agent", "AgentTrailer "),
    ("quirks/ai-tag-below-dashes", "tag! "),
    ("quirks/ai-tag-bidi", "tag "),
    ("quirks/ai-tag-cover-only", "tag "),
    ("quirks/ai-tag-cover-per-patch", "tag "),
    ("quirks/ai-tag-folded", "tag "),
    ("quirks/ai-tag-free-text", "tag "),
    ("quirks/ai-tag-in-message", "tag! "),
    ("quirks/ai-tag-long", "tag "),
    ("quirks/ai-tag-lower-case", "tag "),
    ("quirks/ai-tag-no-colon", "tag "),
    ("quirks/ai-tag-none", "none "),
    ("quirks/ai-tag-repeated", "tag tag tag "),
    ("quirks/ai-tag-research", "tag "),
    ("quirks/ai-tag-space-before-colon", "tag "),
    ("quirks/ai-tag-spaces", "tag "),
    ("quirks/ai-tag-tests", "tag "),
    ("quirks/ai-tag-typo", "tag "),
    ("quirks/ai-tag-underscores", "tag "),
    ("quirks/ai-tool-file", "ToolFile "),
    ("replies/bot-no-patchchecker", "no "),
    ("replies/bot-no-tidewaiter", "no "),
    ("replies/tag-added-by-author", "tag "),
    ("replies/tag-added-by-author-prose", "prose "),
    ("replies/tag-added-by-namesake", "tag "),
    ("replies/tag-added-by-other", "tag "),
];

#[test]
fn fixture_mails() {
    let mut found = Vec::new();
    for fixture in tidewaiter_testkit::fixtures::fixture_mails() {
        let ours = ["quirks/ai-", "replies/tag-", "replies/bot-"];
        let is_comment = Mail::parse(&fixture.lf).comment().is_some();
        if is_comment && !ours.iter().any(|start| fixture.id.starts_with(start)) {
            continue;
        }
        let shown = |raw: &[u8]| {
            let observed = observe(&VOCABULARY, &Mail::parse(raw));
            let tags = observed.tags().iter();
            let tags = tags.map(|t| match (&t.key, t.is_misplaced()) {
                (None, _) => "prose ",
                (_, true) => "tag! ",
                (_, false) => "tag ",
            });
            let mut text: String = tags.collect();
            observed.negative().iter().for_each(|_| text.push_str("none "));
            observed.marks().iter().for_each(|mark| text.push_str(&format!("{:?} ", mark.form)));
            observed.commands().iter().for_each(|_| text.push_str("no "));
            text
        };
        let (lf, crlf) = (shown(&fixture.lf), shown(&fixture.crlf()));
        assert_eq!(lf, crlf, "{}", fixture.id);
        if !lf.is_empty() {
            found.push((fixture.id, lf));
        }
    }
    let found: Vec<(&str, &str)> = found.iter().map(|(id, text)| (&**id, &**text)).collect();
    assert_eq!(found, FIXTURES);
}

/// However many lines there are, few are kept, and reading them takes no time.
#[test]
fn words_are_bounded() {
    let seen = seen(&comment(&"tidewaiter: release <a@b.example>\n".repeat(50_000)));
    assert_eq!(seen.commands().len(), MOST);
}

/// Of a mail that nobody else can read, only commands count, and none that agrees.
#[test]
fn in_private() {
    let text = "AI-used-for: code\nQueued, thanks.\ntidewaiter: agree\ntidewaiter: why\n";
    let seen = seen(&comment(text)).in_private();
    let words: Vec<_> = seen.commands().iter().map(|command| &command.word).collect();
    assert_eq!(words, [&CommandWord::Why]);
    assert!(seen.tags().is_empty() && seen.quiet.is_none() && !seen.raises_policy);
}
