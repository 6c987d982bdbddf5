//! Signatures by the person: `X-Developer-Signature`, as patatt writes it.
//!
//! patatt (<https://git.kernel.org/pub/scm/utils/patatt/patatt.git>, format 1) signs what `git
//! mailinfo --encoding=utf-8 --no-scissors` makes of a mail: `From` and `Subject` as git reads
//! them, and the text without its transfer encoding. It does not sign who the mail is addressed
//! to, when it was sent, and what it answers.
//!
//! What is hashed here is the text that the rest of the program reads ([`Message::body`]), not a
//! second reading of the bytes: where our reading differs from git's, a signature does not hold,
//! and where one holds, what was read is what was signed.

mod field;
mod keyring;
mod mailinfo;

use data_encoding::BASE64;
use ed25519_dalek::Signature;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use keyring::{BadKey, Keyring};
pub use mailinfo::ends_commit_message;

use self::{field::Field, mailinfo::Signable};
use crate::{Address, Mailbox, Message, headers::Headers, words};

/// The name of the field, in the case in which it is hashed.
const FIELD_NAME: &str = "x-developer-signature";
/// Signatures of a mail that are looked at.
const MOST: usize = 5;

/// A mail whose text, `From`, `Subject` and `Message-ID` a person signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The person: whose key it is, and who the mail is from.
    pub by: Address,
    /// When it was signed, by the signer's clock.
    pub time: Timestamp,
}

/// Who signed a mail with a key of the ring. `headers` are all fields that the mail has.
///
/// Looks at the first signature by the sender, as patatt does, and at no other.
pub(crate) fn verify(
    headers: &Headers<'_>,
    message: &Message,
    keyring: &Keyring,
) -> Option<Signed> {
    let sender = message.from.as_ref()?.address.as_ref()?;
    if message.sender_munged || message.from_count != 1 || !message.attachments.is_empty() {
        return None;
    }
    let mut fields = headers.all(FIELD_NAME).take(MOST).filter_map(Field::parse);
    let field = fields.find(|field| field.by == *sender)?;
    let key = keyring.key(&field.by, &field.selector)?;
    let text = Signable::of(&message.body)?;
    let (length, body) = text.hash();
    if field.length.is_some_and(|l| l != length) || BASE64.encode(&body) != field.body_hash {
        return None;
    }
    let mut hash = Sha256::new();
    for name in field.signed.split(':') {
        let value = match name {
            "from" => {
                let from = decoded(text.from, only(headers, name)?);
                let (name, address) = mailinfo::person(&from)?;
                // git's reading is what is signed; ours has to be the same.
                let ours = Mailbox::parse(&from)?.address?;
                if ours.as_str() != address {
                    return None;
                }
                format!("{name} <{address}>")
            }
            "subject" => mailinfo::subject(&decoded(text.subject, only(headers, name)?)),
            // A field that is not there adds nothing (RFC 6376 section 5.4.2).
            _ if headers.first(name).is_none() => continue,
            _ => String::from_utf8(only(headers, name)?.to_vec()).ok()?,
        };
        // patatt decodes encoded words once more, in a way of its own.
        if value.contains("?q?") {
            return None;
        }
        hash.update(format!("{name}:{}\r\n", field::relaxed(&value)));
    }
    hash.update(format!("{FIELD_NAME}:{}", field.unsigned));
    let digest = hash.finalize();
    // libsodium's form: the signature, then what was signed.
    let (signature, signed) = field.signature.split_first_chunk()?;
    let holds =
        *signed == *digest && key.verify_strict(&digest, &Signature::from_bytes(signature)).is_ok();
    holds.then_some(Signed { by: field.by, time: field.time })
}

/// The raw value of a field that a mail has exactly once.
fn only<'h>(headers: &'h Headers<'_>, name: &str) -> Option<&'h [u8]> {
    let mut all = headers.all(name);
    let value = all.next()?;
    all.next().is_none().then_some(value)
}

/// The in-body header where there is one, else that of the mail.
fn decoded(in_body: Option<&str>, own: &[u8]) -> String {
    words::decode_header(in_body.map_or(own, str::as_bytes)).0
}

#[cfg(test)]
mod tests;
