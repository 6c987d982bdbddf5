//! What a tag's value names: a tool, a person, uses, nothing.

use tidewaiter_mail::Mailbox;

use super::Vocabulary;

/// How many uses of one tag are kept, and how long one may be, in characters.
const USES: usize = 16;
const USE_LENGTH: usize = 80;

/// What a tag's value names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagValue {
    /// Nothing stands there.
    Empty,
    /// It says that no AI was used.
    Negative,
    /// A person.
    Person,
    /// A tool: its name where one is known or written.
    Tool(Option<String>),
    /// Something that is neither surely a tool nor a person.
    Other,
}

impl Vocabulary {
    /// Tells what a value names.
    ///
    /// A list of tools never suffices: `Foo:bar-1.2` is a tool though nobody knows it, and a
    /// person is one though the first name is a tool's.
    #[must_use]
    pub fn value(&self, value: &str) -> TagValue {
        let value = value.trim();
        let plain = value.trim_matches(|c: char| c.is_whitespace() || ".\"'`".contains(c));
        if value.is_empty() {
            return TagValue::Empty;
        }
        if self.negative.contains(&plain.to_lowercase()) {
            return TagValue::Negative;
        }
        let words = Words::of(self, plain);
        if let Some(mailbox) = Mailbox::parse(plain).filter(|m| m.address.is_some()) {
            return self.mailbox(&mailbox, &words);
        }
        if self.person_endings.iter().any(|end| ends_with_ignore_case(plain, end)) {
            return TagValue::Person;
        }
        if words.other_tool && words.known.is_none() && !words.ai {
            return TagValue::Other;
        }
        if let Some(agent) = agent_and_model(plain) {
            return TagValue::Tool(words.known.or_else(|| Some(agent.to_owned())));
        }
        if (words.known.is_some() || words.ai) && !self.is_person_name(plain) {
            return TagValue::Tool(words.known);
        }
        if plain.split_whitespace().any(is_model_id) {
            return TagValue::Tool(None);
        }
        if self.is_person_name(plain) || looks_like_people(plain) {
            return TagValue::Person;
        }
        TagValue::Other
    }

    /// A value with an address: an agent's, a person's, or nobody's under a tool's name.
    fn mailbox(&self, mailbox: &Mailbox, words: &Words) -> TagValue {
        if let Some(agent) = self.agent(mailbox) {
            return TagValue::Tool(Some(agent.to_owned()));
        }
        let local = mailbox.address.as_ref().map(|a| a.local().to_lowercase()).unwrap_or_default();
        let nobody = self.noreply.contains(&local);
        let is_model = words.known.is_some() && (words.model || words.digits);
        if is_model || (nobody && (words.known.is_some() || words.ai)) {
            return TagValue::Tool(words.known.clone());
        }
        TagValue::Person
    }

    /// Two to four capitalised words, the first a given name, none of the others a tool's word:
    /// "Claude Dupont", "Ai Chen".
    fn is_person_name(&self, value: &str) -> bool {
        let mut words = value.split_whitespace();
        let first = words.next().unwrap_or_default().to_lowercase();
        if self.tool_words.contains_key(&first) || self.ai_words.contains(&first) {
            if !self.given_names.contains(&first) {
                return false;
            }
        } else if !looks_like_people(value) {
            return false;
        }
        let mut rest = 0;
        for word in words {
            let lower = word.to_lowercase();
            let is_name = word.chars().next().is_some_and(char::is_uppercase)
                && word.chars().all(|c| c.is_alphabetic() || "-.'’".contains(c))
                && !self.model_words.contains(&lower)
                && !self.tool_words.contains_key(&lower)
                && !self.ai_words.contains(&lower);
            if !is_name {
                return false;
            }
            rest += 1;
        }
        (1..=3).contains(&rest)
    }

    /// The uses that a value lists: the contract's words where they are known, others as given.
    ///
    /// `code (refactoring), tests` is `code`, `tests`.
    #[must_use]
    pub fn uses(&self, value: &str) -> Vec<String> {
        let mut uses: Vec<String> = Vec::new();
        for item in split_outside_brackets(value) {
            let bare = item.split(['(', '[']).next().unwrap_or_default();
            let bare = if bare.trim().is_empty() { item } else { bare };
            let lower = bare.trim().trim_end_matches('.').to_lowercase();
            if lower.is_empty() || self.negative.contains(&lower) || uses.len() == USES {
                continue;
            }
            let known = self.uses.get(&lower).cloned();
            let used = known.unwrap_or_else(|| lower.chars().take(USE_LENGTH).collect());
            if !uses.contains(&used) {
                uses.push(used);
            }
        }
        uses
    }

    /// Whether a value holds a word for AI or for a known tool, as keys that other programs use
    /// need it.
    pub(crate) fn names_ai(&self, value: &str) -> bool {
        let words = Words::of(self, value);
        words.ai || words.known.is_some()
    }

    /// The tool that follows "Generated with" straight away: `[Claude Code](...)`.
    ///
    /// A word that is also a name or a thing ("Made with cursor keys in mind") counts only where
    /// nothing but a tool's words or a link follows.
    pub(crate) fn marker_tool(&self, rest: &str) -> Option<&str> {
        const FILLERS: [&str; 9] =
            ["the", "help", "assistance", "support", "of", "from", "github", "google", "openai"];
        let (name, linked) = rest.split_once("](").map_or((rest, false), |(name, _)| (name, true));
        let mut words = name
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty())
            .skip_while(|word| FILLERS.contains(&word.as_str()));
        let first = words.next()?;
        let place = self.tool_words.get(&first)?;
        let is_tools = |word: String| {
            self.tool_words.contains_key(&word)
                || self.model_words.contains(&word)
                || word.bytes().all(|b| b.is_ascii_digit())
        };
        let certain = linked || !self.given_names.contains(&first) || words.all(is_tools);
        certain.then(|| self.tools.get(*place).map(String::as_str))?
    }

    /// The uses in a tool tag's brackets, `LLM [analysis, codegen]`; none where no word there is
    /// a use (`Claude:model [gdb]` names another tool).
    #[must_use]
    pub fn bracketed_uses(&self, value: &str) -> Vec<String> {
        let Some((_, rest)) = value.split_once('[') else { return Vec::new() };
        let Some((inside, _)) = rest.split_once(']') else { return Vec::new() };
        let uses = self.uses(inside);
        let known = uses.iter().any(|used| self.uses.values().any(|word| word == used));
        if known { uses } else { Vec::new() }
    }
}

/// What the words of a value tell.
struct Words {
    known: Option<String>,
    ai: bool,
    model: bool,
    digits: bool,
    other_tool: bool,
}

impl Words {
    fn of(vocabulary: &Vocabulary, value: &str) -> Self {
        let mut found =
            Self { known: None, ai: false, model: false, digits: false, other_tool: false };
        for word in value.split(|c: char| !c.is_alphanumeric()).take(64) {
            let lower = word.to_lowercase();
            // "ChatGPTv5", "gpt5": the version is glued to the name.
            let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
            let bare = if bare.len() < lower.len() {
                bare.strip_suffix('v').unwrap_or(bare)
            } else {
                bare
            };
            if let Some(place) = vocabulary.tool_words.get(bare)
                && found.known.is_none()
            {
                found.known = vocabulary.tools.get(*place).cloned();
            }
            found.ai |= vocabulary.ai_words.contains(bare);
            found.model |= vocabulary.model_words.contains(bare);
            found.digits |= word.bytes().any(|b| b.is_ascii_digit());
            found.other_tool |= vocabulary.other_tools.contains(&lower);
        }
        found
    }
}

/// The agent of `AGENT:MODEL` (kernel, `Documentation/process/coding-assistants.rst` of 2026-03).
fn agent_and_model(value: &str) -> Option<&str> {
    let (agent, model) = value.split_once(':')?;
    let fits = !agent.trim().is_empty()
        && agent.split_whitespace().count() <= 3
        && model.starts_with(|c: char| !c.is_whitespace() && c != '/')
        && !agent.contains(['<', '(', '@']);
    fits.then(|| agent.trim())
}

/// `claude-opus-4-8`, `GLM-5.1`: letters and digits, joined by a dash or a dot.
fn is_model_id(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.contains(['-', '.'])
        && word.bytes().any(|b| b.is_ascii_digit())
        && !word.contains(['/', '@'])
}

/// Capitalised words, perhaps several people: "Jane Doe, John Roe", "Jane Doe and John Roe".
fn looks_like_people(value: &str) -> bool {
    let mut words = 0;
    for word in value.split([' ', ',', '&', '\t']).filter(|w| !w.is_empty() && *w != "and") {
        let particle =
            ["de", "van", "von", "der", "den", "da", "di", "la", "le", "el", "bin", "al"];
        let is_name = (word.chars().next().is_some_and(char::is_uppercase)
            || particle.contains(&word))
            && word.chars().all(|c| c.is_alphabetic() || "-.'’".contains(c));
        if !is_name {
            return false;
        }
        words += 1;
    }
    words >= 2
}

fn ends_with_ignore_case(text: &str, end: &str) -> bool {
    let start = text.len().saturating_sub(end.len());
    text.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// Items between commas and semicolons that stand outside brackets.
fn split_outside_brackets(value: &str) -> Vec<&str> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, c) in value.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => {
                items.extend(value.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    items.extend(value.get(start..));
    items
}
