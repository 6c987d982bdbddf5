//! What people and programs read of an archive: JSON Lines and the terminal summary.

mod parsed;
mod parsed_text;
mod safe;

pub use parsed::ParsedMail;
pub use parsed_text::parsed_text;
pub use safe::{Safe, safe};
