//! A password.

/// A password. It has no `Debug` and no `Display`, and so can be in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes it, white space at its end left out as a file has it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim_end().to_owned())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}
