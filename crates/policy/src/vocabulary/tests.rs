use std::sync::LazyLock;

use test_case::test_case;
use tidewaiter_mail::Mailbox;

use super::*;

static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::builtin().expect("the shipped vocabulary reads"));

fn vocabulary() -> &'static Vocabulary {
    &VOCABULARY
}

fn kind(value: &str) -> String {
    match vocabulary().value(value) {
        TagValue::Tool(Some(tool)) => format!("tool {tool}"),
        TagValue::Tool(None) => "tool".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test_case("Claude:claude-opus-4-8" => "tool Claude"; "agent and model")]
#[test_case("Claude Code:GLM-5.2" => "tool Claude"; "agent of two words")]
#[test_case("LLM [analysis, codegen]" => "tool"; "llm")]
#[test_case("GitHub Copilot:claude-sonnet-4.6" => "tool Copilot"; "copilot")]
#[test_case("Foo:bar-1.2" => "tool Foo"; "nobody knows it")]
#[test_case("opencode:big-pickle" => "tool OpenCode"; "model without digits")]
#[test_case("unnamed:deepseek-v3.2 coccinelle" => "tool DeepSeek"; "with another tool")]
#[test_case("claude-opus-4-6" => "tool Claude"; "bare model")]
#[test_case("GLM-5.1" => "tool GLM"; "bare model of another")]
#[test_case("kres (claude-opus-4-7)" => "tool kres"; "model in brackets")]
#[test_case("Nemo-12.1" => "tool"; "unknown model")]
#[test_case("ChatGPTv5" => "tool Codex"; "glued version")]
#[test_case("GPT-5.6 Sol via Codex" => "tool Codex"; "via")]
#[test_case("generic LLM chatbot" => "tool"; "words")]
#[test_case("Claude" => "tool Claude"; "name alone")]
#[test_case("Claude Code" => "tool Claude"; "two words")]
#[test_case("Claude Opus 4.6 <noreply@anthropic.com>" => "tool Claude"; "address")]
#[test_case("Claude Code <noreply@anthropic.com> [claude-opus-4-6]" => "tool Claude"; "address and brackets")]
#[test_case("Gemini CLI <noreply@google.com>" => "tool Gemini"; "nobody's address")]
#[test_case("Devin AI" => "tool Devin"; "name and ai")]
#[test_case("Jane Doe <jane@example.org>" => "person"; "person")]
#[test_case("Claude Dupont <claude@example.org>" => "person"; "person named claude")]
#[test_case("Claude Dupont" => "person"; "named claude without address")]
#[test_case("Ai Chen" => "person"; "named ai")]
#[test_case("Jules van der Berg <jules@example.org>" => "person"; "named jules")]
#[test_case("Jane Doe" => "person"; "name only")]
#[test_case("Jane Doe, John Roe" => "person"; "two people")]
#[test_case("Jane Doe and John Roe" => "person"; "two people with and")]
#[test_case("jd42 on github" => "person"; "login")]
#[test_case("jd42@users.noreply.github.com" => "person"; "login address")]
#[test_case("coccinelle" => "other"; "no ai")]
#[test_case("none" => "negative"; "none")]
#[test_case("N/A" => "negative"; "n a")]
#[test_case("" => "empty"; "empty")]
fn values(value: &str) -> String {
    kind(value)
}

#[test_case("code" => vec!["code"]; "one")]
#[test_case("tests, docs" => vec!["tests", "docs"]; "two")]
#[test_case("Code (refactoring), tests" => vec!["code", "tests"]; "qualifier")]
#[test_case("code (a, b)" => vec!["code"]; "comma in brackets")]
#[test_case("research, commit message" => vec!["research", "commit-message"]; "spaces")]
#[test_case("collecting comments and updating patch" => vec!["collecting comments and updating patch"]; "free text")]
#[test_case("code, code" => vec!["code"]; "twice")]
#[test_case("" => Vec::<String>::new(); "empty")]
fn uses(value: &str) -> Vec<String> {
    vocabulary().uses(value)
}

#[test_case("LLM [analysis, codegen]" => vec!["analysis", "code"]; "uses")]
#[test_case("LLM [analysis, plan]" => vec!["analysis", "plan"]; "one of them known")]
#[test_case("Claude:claude-opus-4-8 [gdb] [perf]" => Vec::<String>::new(); "other tools")]
#[test_case("Claude" => Vec::<String>::new(); "no brackets")]
fn bracketed(value: &str) -> Vec<String> {
    vocabulary().bracketed_uses(value)
}

#[test_case("Claude <noreply@anthropic.com>" => Some("Claude".to_owned()); "address")]
#[test_case("Jane Doe <jane@anthropic.com>" => None; "staff")]
#[test_case("copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>" => Some("Copilot".to_owned()); "login with number")]
#[test_case("Jane <copilot@example.org>" => None; "local part elsewhere")]
#[test_case("Gemini Rossi <gemini@example.org>" => None; "person named gemini")]
#[test_case("Claude <claude@example.org>" => None; "name alone")]
#[test_case("Jane Doe (aider) <jane@example.org>" => Some("aider".to_owned()); "aider's ending")]
#[test_case("dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>" => None; "another bot")]
fn agents(mailbox: &str) -> Option<String> {
    let mailbox = Mailbox::parse(mailbox)?;
    vocabulary().agent(&mailbox).map(str::to_owned)
}

#[test]
fn unknown_keys_are_told_with_their_place() {
    let text = format!("{BUILTIN}\n[extra]\nx = 1\n");
    let errors = Vocabulary::parse(&text).expect_err("an unknown key");
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("`extra`"), "{}", errors[0]);
    let span = errors[0].span.clone().expect("its place");
    assert_eq!(text.get(span), Some("extra"));
}

proptest::proptest! {
    #[test]
    fn any_value_is_read(value in "(?s).{0,80}|[A-Za-z0-9:<>@.,() \\[\\]-]{0,60}") {
        let vocabulary = vocabulary();
        let _ = vocabulary.value(&value);
        let uses = vocabulary.uses(&value);
        proptest::prop_assert!(uses.len() <= 16 && uses.iter().all(|u| u.chars().count() <= 80));
        let _ = vocabulary.bracketed_uses(&value);
        let _ = vocabulary.marker_tool(&value);
        let _ = Mailbox::parse(&value).map(|mailbox| vocabulary.agent(&mailbox).is_some());
    }
}
