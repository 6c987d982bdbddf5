//! Reading mail archives: mbox, Maildir, single mails, folders of them, and public-inbox git.
//!
//! [`Reader`] goes through any number of paths and yields [`Batch`]es of mails in archive order,
//! about a megabyte each. [`for_each_parallel`] hands batches to threads and puts what they make
//! of the mails back in order. Memory stays flat however large the archive is.
//!
//! ```no_run
//! use std::{num::NonZeroUsize, ops::ControlFlow, path::PathBuf, sync::atomic::AtomicBool};
//! use tidewaiter_archive::{Options, Reader, for_each_parallel};
//!
//! let cancel = AtomicBool::new(false);
//! let mut reader = Reader::open(&[PathBuf::from("list.mbox.xz")], Options::default(), &cancel)?;
//! for_each_parallel(
//!     &mut reader,
//!     NonZeroUsize::MIN,
//!     |mail| (mail.source_label(), mail.bytes.len()),
//!     |(label, length)| {
//!         println!("{label}: {length} bytes");
//!         ControlFlow::Continue(())
//!     },
//! )?;
//! # Ok::<(), tidewaiter_archive::Error>(())
//! ```

mod batch;
mod error;
mod git;
mod note;
mod parallel;
mod progress;
mod reader;
mod stream;
#[cfg(test)]
mod tests;
mod walk;

pub use batch::{Batch, ObjectId, Place, RawMailRef};
pub use error::{Compression, Error};
pub use note::{Note, Notes, Skipped};
pub use parallel::{Ended, for_each_parallel};
pub use progress::Progress;
pub use reader::{Options, Reader};
