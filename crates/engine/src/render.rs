//! The whole state as text, to hold two against each other.

use std::fmt::{self, Write};

use crate::State;

impl State {
    /// Writes everything that decisions depend on, the same for the same state. Two states that
    /// write the same decide the same from here on.
    ///
    /// # Errors
    /// Where `out` cannot be written to.
    pub fn render(&mut self, out: &mut impl Write) -> fmt::Result {
        writeln!(out, "now {} replied {}", self.now, self.replied)?;
        writeln!(out, "quiet asked {} of {:?}", self.quiet_asked, self.quieted)?;
        writeln!(out, "waiting {:?} again {:?}", self.waiting, self.again)?;
        for (key, observed) in self.observed.iter().enumerate() {
            writeln!(out, "observed {key} {observed:?}")?;
        }
        let keys: Vec<_> = self.assembler.keys().collect();
        for key in keys {
            writeln!(out, "mail {} {:?}", key.0, self.assembler.mail(key))?;
        }
        let mut leads = self.assembler.leads();
        leads.sort_unstable();
        for lead in leads {
            writeln!(out, "series {} {:?}", lead.0, self.assembler.series_of(lead))?;
        }
        let mut decided: Vec<_> = self.decided.iter().collect();
        decided.sort_unstable();
        writeln!(out, "decided {decided:?}")?;
        for decision in &self.decisions {
            writeln!(out, "decision {decision:?}")?;
        }
        for (what, all) in [("first", &self.first_posted), ("last", &self.last_posted)] {
            let mut posted: Vec<String> = all.iter().map(|posted| format!("{posted:?}")).collect();
            posted.sort_unstable();
            writeln!(out, "{what} posted {posted:?}")?;
        }
        let mut taken: Vec<String> = self.taken.iter().map(|diff| format!("{diff:?}")).collect();
        taken.sort_unstable();
        writeln!(out, "taken {taken:?}")?;
        let mut known: Vec<&str> = self.known_authors.iter().map(|a| a.as_str()).collect();
        known.sort_unstable();
        writeln!(out, "known authors {known:?}")?;
        let mut vouched: Vec<_> = self.vouched.iter().map(|(a, all)| (a.as_str(), all)).collect();
        vouched.sort_unstable();
        writeln!(out, "vouched {vouched:?}")?;
        for (what, all) in [("opted out", &self.opted_out), ("refused", &self.refused)] {
            let mut all: Vec<&str> = all.iter().map(|a| a.as_str()).collect();
            all.sort_unstable();
            writeln!(out, "{what} {all:?}")?;
        }
        writeln!(out, "pulled {:?}", self.pulled)?;
        for (what, all) in
            [("told", &self.pulls_told), ("answered", &self.answered), ("unsaid", &self.unsaid)]
        {
            let mut all: Vec<&str> = all.iter().map(|id| id.as_str()).collect();
            all.sort_unstable();
            writeln!(out, "{what} {all:?}")?;
        }
        writeln!(out, "followed {:?} asking {:?}", self.followed, self.asking)?;
        let mut given_up: Vec<_> = self.given_up.iter().collect();
        given_up.sort_unstable();
        writeln!(out, "given up {given_up:?}")?;
        writeln!(out, "sent {:?}", self.sent)?;
        writeln!(out, "digests {:?}", self.digests)
    }
}
