//! Public keys that are known to be a person's.

use std::{collections::HashMap, fmt};

use data_encoding::BASE64;
use ed25519_dalek::VerifyingKey;

use crate::Address;

/// Keys by person and selector; whoever fills it vouches for them.
#[derive(Clone, Debug, Default)]
pub struct Keyring(HashMap<(Address, String), VerifyingKey>);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// It is not the base64 of 32 bytes.
    NoKey,
    /// The bytes are no ed25519 public key, or one that anybody can sign for.
    Unusable,
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKey => "it does not hold 32 bytes in base64",
            Self::Unusable => "its bytes are no usable ed25519 public key",
        })
    }
}

impl std::error::Error for BadKey {}

impl Keyring {
    /// Adds a person's public key, as `patatt genkey` writes it: 32 bytes in base64. Letter case
    /// of address and selector does not matter; a key under the same names is replaced.
    ///
    /// # Errors
    /// The text is no key.
    pub fn add(&mut self, person: Address, selector: &str, text: &str) -> Result<(), BadKey> {
        let bytes = BASE64.decode(text.trim().as_bytes()).map_err(|_| BadKey::NoKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| BadKey::NoKey)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey::Unusable)?;
        if key.is_weak() {
            return Err(BadKey::Unusable);
        }
        self.0.insert((person, selector.to_ascii_lowercase()), key);
        Ok(())
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn key(&self, person: &Address, selector: &str) -> Option<&VerifyingKey> {
        self.0.get(&(person.clone(), selector.to_ascii_lowercase()))
    }
}
