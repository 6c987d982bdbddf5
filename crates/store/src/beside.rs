//! A store that another process, the daemon, may have open.

use std::{ops::Deref, path::Path};

use crate::{Error, View, migrations::check, open::second};

/// A store to look at, and to leave a command in, while the daemon runs on it.
#[derive(Debug)]
pub struct Beside(pub(crate) View);

impl Deref for Beside {
    type Target = View;

    fn deref(&self) -> &View {
        &self.0
    }
}

impl Beside {
    /// Opens a store that exists and has this program's schema.
    ///
    /// # Errors
    /// Where it does not exist, or is of another version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let conn = second(path)?;
        let found = check(&conn, path)?;
        if found != crate::SCHEMA {
            return Err(Error::Damaged(format!(
                "its schema is {found} and needs the daemon to be started once"
            )));
        }
        Ok(Self(View { conn }))
    }
}
