//! A password that cannot be printed by accident.

use std::fmt;

/// A password, which has no `Display`, and whose `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being printed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The password itself, for the login command alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the password, as it is and as the login command has it: a server may well
    /// repeat what it was sent.
    pub(crate) fn struck_from(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let escaped = self.0.replace('\\', "\\\\").replace('"', "\\\"");
        text.replace(&escaped, "[password]").replace(&self.0, "[password]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_shown() {
        let secret = Secret::new("canary-7".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_eq!(secret.struck_from("LOGIN \"a\" \"canary-7\""), "LOGIN \"a\" \"[password]\"");
        let odd = Secret::new("a\"b\\c".to_owned());
        assert_eq!(odd.struck_from(r#"a"b\c "a\"b\\c""#), r#"[password] "[password]""#);
        assert_eq!(Secret::new(String::new()).struck_from("as it was"), "as it was");
    }
}
