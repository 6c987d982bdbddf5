//! Signs mails as patatt does, with git itself for the canonical form.

use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};

use crate::git::Oracle;

/// A person with a key of their own; the same seed gives the same key.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
    oracle: Oracle,
    /// Tags before `bh` and `b`, in order; they may be changed to sign something odd.
    pub tags: Vec<(&'static str, String)>,
}

impl Signer {
    /// A person who signs with selector `k1`, at 2026-01-14 10:30 UTC.
    ///
    /// # Panics
    /// Without git.
    #[must_use]
    pub fn new(seed: u8, identity: &str) -> Self {
        let tags = [
            ("v", "1"),
            ("a", "ed25519-sha256"),
            ("t", "1768386600"),
            ("i", identity),
            ("s", "k1"),
            ("h", "from:subject:message-id"),
        ];
        Self {
            key: SigningKey::from_bytes(&[seed; 32]),
            oracle: Oracle::new().expect("git"),
            tags: tags.map(|(tag, value)| (tag, value.to_owned())).to_vec(),
        }
    }

    /// The same with another value of a tag; an empty one leaves the tag out.
    #[must_use]
    pub fn with(mut self, tag: &'static str, value: &str) -> Self {
        self.tags.retain(|(known, _)| *known != tag);
        if !value.is_empty() {
            self.tags.push((tag, value.to_owned()));
        }
        self
    }

    /// The public key, as a file of a keyring has it.
    #[must_use]
    pub fn public(&self) -> String {
        BASE64.encode(self.key.verifying_key().as_bytes())
    }

    /// The mail with a signature as its last header field. Its header fields are not folded, and
    /// it has one `From` and one `Subject`.
    ///
    /// # Panics
    /// Where git does not read the mail.
    #[must_use]
    pub fn sign(&self, mail: &str) -> String {
        let (header, body) = mail.split_once("\n\n").expect("a blank line");
        let info = self.oracle.mailinfo_plain(mail.as_bytes()).expect("git mailinfo");
        let text = [info.message, info.patch].concat();
        let mut canonical = Vec::new();
        for line in String::from_utf8_lossy(&text).trim_end_matches('\n').split('\n') {
            canonical.extend_from_slice(format!("{line}\r\n").as_bytes());
        }
        let body_hash = BASE64.encode(&Sha256::digest(&canonical));
        let names = self.tags.iter().find(|(tag, _)| *tag == "h").map_or("", |(_, names)| names);
        let mut signed = String::new();
        for name in names.split(':') {
            let own = || {
                header.lines().find_map(|line| {
                    let (key, value) = line.split_once(": ")?;
                    key.eq_ignore_ascii_case(name).then(|| value.to_owned())
                })
            };
            let value = match name {
                "from" => Some(format!("{} <{}>", info.author, info.email)),
                "subject" => Some(info.subject.clone()),
                _ => own(),
            };
            if let Some(value) = value {
                signed += &format!("{name}:{value}\r\n");
            }
        }
        let tags: String =
            self.tags.iter().map(|(tag, value)| format!("{tag}={value}; ")).collect();
        let field = format!("{tags}bh={body_hash}; b=");
        let digest = Sha256::digest(format!("{signed}x-developer-signature:{field}"));
        let mut bytes = self.key.sign(&digest).to_bytes().to_vec();
        bytes.extend_from_slice(&digest);
        let value = BASE64.encode(&bytes);
        format!("{header}\nX-Developer-Signature: {field}{value}\n\n{body}")
    }
}
