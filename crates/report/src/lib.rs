//! What people and programs read of an archive: JSON Lines, the terminal summary, a page with
//! plots.

mod difference;
mod difference_text;
mod explain;
mod html;
mod operate;
mod over_time;
mod paint;
mod parsed;
mod parsed_text;
mod record;
mod safe;
mod summary;
mod summary_text;
mod versions;
mod width;

pub use difference::{ByPolicy, Difference, Moved};
pub use explain::explain_text;
pub use html::{HtmlAsked, HtmlError, HtmlPage, HtmlReport};
pub use operate::{CheckStatus, Checked, CheckedType, StoredAttempt, StoredReply, StoredReplyType};
pub use parsed::ParsedMail;
pub use parsed_text::parsed_text;
pub use record::{JudgementRecord, ListJudgement, RecordType, ReplyRecord, SeriesRecord};
pub use safe::{Safe, safe};
pub use summary::Summary;
pub use summary_text::{Asked, summary_text};
pub use width::{counted, cut, lines, one_line, wrap};
