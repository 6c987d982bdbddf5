//! The last series, as they were judged.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

/// One series version. Fields that `docs/json.md` has, too, mean the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// The Message-ID of its cover letter or first patch, without angle brackets.
    pub id: String,
    /// The title of its cover letter or first patch.
    pub title: Option<String>,
    /// The name of who sent it, never an address: a name with an `@` in it is left out.
    pub author: Option<String>,
    /// Its version, from 1.
    pub version: u32,
    /// When its first mail came.
    pub first: Timestamp,
    /// When its assessment was last made or changed; `None` while it still waits for that.
    pub judged: Option<Timestamp>,
    /// List-Ids of the lists that it came from.
    pub lists: Vec<String>,
    /// Its mails: cover letter and patches.
    pub mails: u32,
    /// In some patch AI use is stated.
    pub declared: bool,
    /// Some patch carries a tool's mark.
    pub indicated: bool,
    /// `silent`, `disclosure`, `ask` or `decline`; `None` where it is not judged.
    pub outcome: Option<String>,
    /// Why it is not judged, as a word: `not-this-tree`, `pull`, ...
    pub not_judged: Option<String>,
    /// Why nothing is said although it was judged, as a word: `nothing-to-say`, `rfc`, ...
    pub silence: Option<String>,
    /// The id of the policy that it was held against.
    pub policy: Option<String>,
    /// The date of that policy's text.
    pub policy_date: Option<Date>,
    /// The rules that found something, gravest first.
    pub rules: Vec<String>,
    /// The state of the reply to it, where there is one.
    pub reply: Option<String>,
}
