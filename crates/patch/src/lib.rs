//! Message to Mail to Series.

mod body;
mod diff;
mod diffstat;
mod loose;
mod subject;
mod trailers;
pub use body::{Body, is_scissors};
pub use diff::{Diff, FileChange, FileStatus, PatchId};
pub use diffstat::{Diffstat, is_diffstat_line};
pub use subject::{Subject, SubjectTag, Version};
pub use trailers::{Trailer, find_trailers};
