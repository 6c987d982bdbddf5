//! Message to Mail to Series.

mod subject;
pub use subject::{Subject, SubjectTag, Version};
