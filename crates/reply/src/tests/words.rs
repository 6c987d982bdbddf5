//! What a reply may never say, and never look like.

use std::sync::LazyLock;

use regex::Regex;
use test_case::test_case;
use tidewaiter_policy::IndicatedForm;
use unicode_width::UnicodeWidthStr;

use super::{
    read_back::scenes,
    scene::{self, known_word},
};
use crate::{Templates, text};

/// What nobody may read in our own words.
pub(super) const NEVER: [&str; 17] = [
    "ai-generated",
    "ai generated",
    "detected",
    "undisclosed",
    "suspicious",
    "suspect",
    "risk",
    "violate",
    "rejected",
    "approved",
    "agreed",
    "%",
    "score",
    "thank",
    "clean",
    "passed",
    "dco",
];

/// How b4 and others find trailers in answers.
pub(super) static TRAILER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\w\S+:\s+\S").unwrap());

/// A text that may go out: no line for a tool to harvest, short, narrow, nothing hidden.
pub(super) fn assert_harmless(body: &str) {
    assert!(body.lines().count() < 40, "{body}");
    for line in body.lines().take_while(|line| *line != "-- ") {
        assert!(!TRAILER.is_match(line), "{line}");
    }
    assert_narrow(body);
}

/// No line over 72 columns but a link's, and nothing hidden.
pub(super) fn assert_narrow(body: &str) {
    for line in body.lines() {
        assert!(line.width() <= 72 || line.contains("://"), "{line}");
        assert!(!line.chars().any(text::is_hidden), "{line:?}");
    }
}

#[test]
fn replies_are_harmless() {
    for scene in scenes() {
        let mut scene = scene;
        let body = scene.reply().body;
        assert_harmless(&body);
        // Without the policy's own sentences, no such word is left.
        scene.sentences = vec![];
        let own = scene.reply().body.to_lowercase();
        for word in NEVER {
            assert!(!own.contains(word), "{word} in {own}");
        }
    }
}

#[test]
fn templates_say_nothing_forbidden() {
    let tags = Regex::new(r"(?s)\{#.*?#\}|\{%.*?%\}").unwrap();
    for (name, text) in Templates::builtin_texts() {
        let own = tags.replace_all(&text, "").to_lowercase();
        for word in NEVER {
            assert!(!own.contains(word), "{word} in {name}");
        }
        assert!(text.is_ascii() && !text.contains('!'), "{name}");
    }
}

#[test_case(Some("AI-used-for"), "tests" => "line 9: \"AI-used-for: tests\""; "known")]
#[test_case(Some("AI-used-for"), "tests,  docs (research)" => "line 9: \"AI-used-for: tests, docs (research)\""; "several")]
#[test_case(Some("AI-used-for"), "code, see https://evil.example" => "line 9: \"AI-used-for:\" with other text"; "other")]
#[test_case(Some("AI-used-for"), "" => "line 9: \"AI-used-for:\" with other text"; "empty")]
#[test_case(Some("AI-used-for"), "code code code code code code code code code" => "line 9: \"AI-used-for:\" with other text"; "long")]
#[test_case(Some("AI-used-for"), "co\u{200b}de" => "line 9: \"AI-used-for:\" with other text"; "hidden")]
#[test_case(Some("Reviewed-by"), "code" => "line 9: in a tag"; "unknown key")]
#[test_case(Some("bad key"), "code" => "line 9: in a sentence"; "no key")]
#[test_case(None, "I used an LLM." => "line 9: in a sentence"; "prose")]
fn cited(key: Option<&str>, value: &str) -> String {
    text::cite(9, key, value, &known_word)
}

#[test_case("hw/misc: add frob" => Some("hw/misc: add frob".to_owned()); "plain")]
#[test_case("see https://evil.example/" => None; "link")]
#[test_case("Reviewed-By: me" => None; "credit")]
#[test_case("a\u{202e}b\nc" => Some("a\\u{202e}b c".to_owned()); "hidden")]
#[test_case("" => None; "empty")]
fn titles(title: &str) -> Option<String> {
    text::title(title)
}

#[test]
fn titles_are_cut_by_columns() {
    let shown = text::title(&"\u{65e5}".repeat(80)).unwrap();
    assert!(shown.width() <= 60 && shown.ends_with("..."));
}

#[test_case("touches accel/tcg" => true; "path")]
#[test_case("57 lines (limit: 20)" => true; "count")]
#[test_case("touches Acked-by: x" => false; "credit")]
#[test_case("touches http://x" => false; "link")]
#[test_case("touches a\"b" => false; "quote")]
fn counted(text: &str) -> bool {
    text::counted(text).is_some()
}

#[test]
fn a_long_path_is_named_by_its_end() {
    let path = format!("touches {}qtest/frob-test.c, hw/a.c", "tests/deep/".repeat(9));
    let shown = text::counted(&path).unwrap();
    assert!(shown.starts_with("touches .../deep/") || shown.starts_with("touches .../tests/"));
    assert!(shown.ends_with("/qtest/frob-test.c, hw/a.c"), "{shown}");
    assert!(shown.split(' ').all(|word| word.width() <= 56), "{shown}");
    let name = format!("adds tests/{}.c", "n".repeat(90));
    let shown = text::counted(&name).unwrap();
    assert!(shown.width() <= 61 && shown.ends_with("nn.c"), "{shown}");
}

#[test_case(&[], 6 => ""; "none")]
#[test_case(&[4], 6 => "4"; "one")]
#[test_case(&[2, 3], 6 => "2 and 3"; "two")]
#[test_case(&[1, 2, 3, 5], 6 => "1-3 and 5"; "run")]
#[test_case(&[1, 3, 5, 7, 9, 10, 11], 3 => "1, 3, 5 and 4 more"; "most")]
fn numbers(numbers: &[u32], most: usize) -> String {
    text::numbers(numbers, most)
}

#[test]
fn no_line_starts_with_a_word_and_a_colon() {
    let line = format!("{} fix: 20 and more words", "word ".repeat(14).trim_end());
    let set = text::fill(&line, 2);
    assert!(set.lines().all(|line| !line.trim_start().starts_with("fix:")), "{set}");
}

#[test_case("Reviewed-by: x" => true; "trailer")]
#[test_case("   fix: 20" => true; "indented")]
#[test_case("a: b" => false; "one letter")]
#[test_case("says:" => false; "nothing behind")]
#[test_case("two words: x" => false; "not the first word")]
#[test_case("\"Fixes: x\"" => false; "quoted")]
#[test_case("https://example.org/ x" => false; "link")]
#[test_case("\u{e9}t\u{e9}:\u{a0}x" => true; "not ASCII")]
fn like_a_trailer(line: &str) -> bool {
    let ours = text::is_trailer_like(line);
    assert_eq!(ours, TRAILER.is_match(line));
    ours
}

/// A finding may hold the line of the mail; that is never repeated as a count.
#[test]
fn a_cited_line_is_no_count() {
    let prose = "3 patches here were written by a friend";
    let mut scene = scene::series_of(2).declares(1, 9, "code");
    scene.patch(1).declared[0].key = None;
    scene.patch(1).declared[0].value = prose.to_owned();
    let scene = scene.asks(1, prose).asks(1, "please trust me");
    let body = scene.reply().body;
    assert!(!body.contains("friend") && !body.contains("trust"), "{body}");
}

#[test_case(IndicatedForm::AgentAddress, None, None, Some("Copilot") => "an address of Copilot"; "address")]
#[test_case(IndicatedForm::ToolFile, None, None, Some("Copilot") => "a file of Copilot"; "file")]
#[test_case(IndicatedForm::SessionLink, Some(9), Some("Session"), None => "line 9: a line of a tool"; "session")]
#[test_case(IndicatedForm::Marker, Some(9), None, Some("evil.example") => "line 9: a line of a tool"; "unknown tool")]
#[test_case(IndicatedForm::AgentTrailer, Some(9), Some("Co-authored-by"), Some("Copilot") => "line 9: \"Co-authored-by: Copilot <...>\""; "trailer")]
fn marks(
    form: IndicatedForm,
    line: Option<usize>,
    key: Option<&str>,
    tool: Option<&str>,
) -> String {
    text::cite_mark(form, line, key, tool, &known_word)
}
