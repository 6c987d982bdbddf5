//! What the value of a tag looks like.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the value of a project's own tag looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Grammar {
    /// A list with commas of the values that the policy names, each perhaps with words in
    /// brackets behind it: `code (refactoring), tests`.
    Values,
    /// An agent and its model without a blank, then tools: `Agent:model-1.2 sparse`
    /// (Linux, `Documentation/process/coding-assistants.rst` until mid-2026).
    AgentModel,
    /// The word `LLM`, then tools: `LLM sparse` (the same file since).
    Llm,
    /// `Uses` and the name of a tool (Yocto's contributor guide).
    UsesTool,
    /// Any words.
    FreeText,
}

impl Grammar {
    /// The form in one line, for people.
    #[must_use]
    pub fn form(self) -> &'static str {
        match self {
            Self::Values => "a list of the policy's values",
            Self::AgentModel => "AGENT:MODEL [TOOL]...",
            Self::Llm => "LLM [TOOL]...",
            Self::UsesTool => "Uses TOOL",
            Self::FreeText => "free text",
        }
    }

    /// What is wrong with a value, in words that go after "because"; `None` where it fits.
    pub(super) fn mistake(
        self,
        value: &str,
        values: &[String],
        unlisted_tools: &[String],
    ) -> Option<String> {
        let value = value.trim();
        let (first, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        let fits = match self {
            Self::Values => return not_named(value, values),
            Self::FreeText => !value.is_empty(),
            Self::UsesTool => first.eq_ignore_ascii_case("uses") && !rest.trim().is_empty(),
            Self::Llm => first.eq_ignore_ascii_case("llm"),
            Self::AgentModel => first
                .split_once(':')
                .is_some_and(|(agent, model)| !agent.is_empty() && !model.is_empty()),
        };
        if !fits {
            return Some(format!("the form is `{}`", self.form()));
        }
        let tools = || rest.split(|c: char| c.is_whitespace() || ",;[]()".contains(c));
        let listed = |tool: &&str| unlisted_tools.iter().any(|t| t.eq_ignore_ascii_case(tool));
        let basic = tools().find(listed)?;
        Some(format!("`{}` is not to be listed", basic.to_ascii_lowercase()))
    }
}

fn not_named(value: &str, values: &[String]) -> Option<String> {
    let (mut depth, mut item, mut items) = (0_u32, String::new(), Vec::new());
    // What stands in brackets qualifies the word before it.
    for c in value.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            c if depth == 0 => item.push(c),
            _ => {}
        }
    }
    items.push(item);
    let named = |item: &str| values.iter().any(|value| value.eq_ignore_ascii_case(item.trim()));
    let all = items.iter().all(|item| named(item));
    (!all).then(|| format!("the values are `{}`", values.join("`, `")))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(Grammar::AgentModel, "Agent:model-1.2" => true; "agent and model")]
    #[test_case(Grammar::AgentModel, "Agent:model-1.2 sparse smatch" => true; "tools")]
    #[test_case(Grammar::AgentModel, "Agent:model-1.2 [sparse] [smatch]" => true; "tools in brackets")]
    #[test_case(Grammar::AgentModel, "Agent:vendor/model:free" => true; "a second colon")]
    #[test_case(Grammar::AgentModel, "Agent" => false; "no model")]
    #[test_case(Grammar::AgentModel, "Agent: model" => false; "blank after the colon")]
    #[test_case(Grammar::AgentModel, "Two Words:model-1.2" => false; "blank in the agent")]
    #[test_case(Grammar::AgentModel, ":model" => false; "no agent")]
    #[test_case(Grammar::AgentModel, "LLM" => false; "the later form")]
    #[test_case(Grammar::AgentModel, "Agent:model-1.2 gcc" => false; "basic tool")]
    #[test_case(Grammar::Llm, "LLM" => true; "the word")]
    #[test_case(Grammar::Llm, "llm sparse" => true; "case and a tool")]
    #[test_case(Grammar::Llm, "LLM [gcc]" => false; "basic tool in brackets")]
    #[test_case(Grammar::Llm, "Agent:model-1.2" => false; "the older form")]
    #[test_case(Grammar::Llm, "LLMs" => false; "another word")]
    #[test_case(Grammar::Llm, "" => false; "nothing")]
    #[test_case(Grammar::UsesTool, "Uses Some Tool" => true; "uses")]
    #[test_case(Grammar::UsesTool, "Uses" => false; "no tool")]
    #[test_case(Grammar::UsesTool, "Some Tool" => false; "tool alone")]
    #[test_case(Grammar::Values, "code" => true; "one")]
    #[test_case(Grammar::Values, "Tests, docs (of a, b)" => true; "two")]
    #[test_case(Grammar::Values, "code," => false; "an empty one")]
    #[test_case(Grammar::Values, "poetry" => false; "another")]
    #[test_case(Grammar::FreeText, "whatever it was" => true; "words")]
    #[test_case(Grammar::FreeText, " " => false; "no word")]
    fn fits(grammar: Grammar, value: &str) -> bool {
        let values = ["code", "tests", "docs"].map(str::to_owned);
        grammar.mistake(value, &values, &["gcc".to_owned()]).is_none()
    }
}
