//! Tags, sign-offs and agents: what a policy says of a patch's trailers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Grammar;

/// One of the project's own tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTag {
    /// Its key.
    pub key: String,
    /// How strongly the policy asks for it, where it says so.
    pub asked: Option<Asked>,
    /// What its value looks like.
    pub grammar: Grammar,
    /// The values that the policy names.
    pub values: Vec<String>,
    /// Tools that the value should not list, in lower case.
    pub unlisted_tools: Vec<String>,
    /// Keys of trailers that it has to precede.
    pub before: Vec<String>,
    /// Keys of trailers that it has to follow.
    pub after: Vec<String>,
}

impl OwnTag {
    /// What is wrong with a value, in words that go after "because"; `None` where it fits.
    #[must_use]
    pub fn mistake(&self, value: &str) -> Option<String> {
        self.grammar.mistake(value, &self.values, &self.unlisted_tools)
    }
}

/// How strongly a policy asks for a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// Where AI was used the tag has to be there.
    Required,
    /// The policy recommends it.
    Recommended,
    /// The policy takes it.
    Accepted,
}

/// A tag of another project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherTag {
    /// Its key.
    pub key: String,
    /// What it means here.
    pub here: Here,
    /// The same in words.
    pub meaning: String,
}

/// What a tag of another project means on this policy's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Here {
    /// It is another project's; nobody asked for it.
    NotAsked,
    /// It must not stand on a patch.
    Forbidden,
    /// It credits a person: without the name of a tool it declares nothing.
    Person,
}

/// What a policy asks of `Signed-off-by`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignOff {
    /// A patch needs one.
    pub required: bool,
    /// One of them is the author's.
    pub by_author: bool,
}

/// What an agent may be on a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgentRole {
    /// Named in `Signed-off-by`.
    SignOff,
    /// The sender or the author.
    Author,
    /// Named in `Co-authored-by` or `Co-developed-by`.
    CoAuthor,
}
