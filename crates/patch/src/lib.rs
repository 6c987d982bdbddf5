//! Message to Mail to Series.

mod body;
mod changes;
mod classify;
mod diff;
mod diffstat;
mod links;
mod loose;
mod mail;
mod subject;
mod trailers;
mod unquoted;
pub use body::{Body, is_scissors};
pub use changes::{DiffLine, DiffLines};
pub use diff::{Diff, FileChange, FileStatus, PatchId};
pub use diffstat::{Diffstat, is_diffstat_line};
pub use links::{Links, id_in};
pub use mail::{Comment, Content, CoverLetter, Header, Kind, Mail, Patch, PullRequest};
pub use subject::{Place, Subject, SubjectTag, Version};
pub use trailers::{Trailer, find_trailers};
pub use unquoted::Unquoted;
pub mod series;
pub use series::{Added, Assembler, MailKey, NotOneSeries, Part, Series, SeriesKind};
