//! Whether a mailbox is an agent's.

use tidewaiter_mail::Mailbox;

use super::Vocabulary;

impl Vocabulary {
    /// The tool whose own mailbox this is; `None` for a person's.
    ///
    /// A name alone counts only beside an address that no person reads.
    #[must_use]
    pub fn agent(&self, mailbox: &Mailbox) -> Option<&str> {
        let address = mailbox.address.as_ref()?;
        let whole = address.as_str().to_ascii_lowercase();
        let local = address.local().to_ascii_lowercase();
        let login = || {
            let is_login = local.ends_with("[bot]") || whole.ends_with("@users.noreply.github.com");
            let bare = local.split_once('+').map_or(local.as_str(), |(_, login)| login);
            is_login.then(|| self.tool_logins.get(&local).or_else(|| self.tool_logins.get(bare)))?
        };
        let by_name = || {
            let name = mailbox.name.as_deref()?;
            let nobody = self.noreply.contains(&local) || local.ends_with("[bot]");
            nobody.then(|| self.tool_named(name))?
        };
        // aider writes itself behind the person's own name.
        let by_ending = || {
            let name = mailbox.name.as_deref()?;
            name.ends_with("(aider)").then(|| self.tool_names.get("aider"))?
        };
        let place =
            self.tool_addresses.get(&whole).or_else(login).or_else(by_name).or_else(by_ending)?;
        self.tools.get(*place).map(String::as_str)
    }

    /// A tool by its whole name, or by its name's first words ("Claude Opus 4.8").
    fn tool_named(&self, name: &str) -> Option<&usize> {
        let lower = name.to_lowercase();
        let first = lower.split([' ', '-', '(']).next().unwrap_or_default();
        self.tool_names.get(&lower).or_else(|| self.tool_words.get(first))
    }
}
