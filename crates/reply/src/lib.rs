//! What a reply says and to whom it goes: recipients, threading, text and bytes.
//!
//! [`recipients()`] decides who would get it, [`render`] writes it, [`Reply::to_eml`] gives the
//! bytes. Whether and when it is sent is decided elsewhere. This crate is pure: no clock, socket,
//! file, environment or terminal; the built-in templates are compiled in.

mod digest;
mod eml;
mod held;
mod id;
mod recipients;
mod render;
mod reply;
mod settings;
mod statement;
mod templates;
pub mod text;
mod why;

#[cfg(test)]
mod tests;

pub use digest::{DigestDraft, DigestItem, digest, saying};
pub use eml::sendable;
pub use held::HeldBy;
pub use id::{IdKey, ReplyKind, reply_id};
pub use recipients::{AuthorFacts, MOST_RECIPIENTS, RecipientNote, Recipients, recipients};
pub use render::{Draft, RenderError, render};
pub use reply::Reply;
pub use settings::{Identity, ListReply, Mode};
pub use statement::{PolicyView, Sentence};
pub use templates::{TemplateError, Templates};
pub use why::{WhyDraft, why, why_id};
