//! Which mailbox a name of the configuration stands for.

use rusqlite::params;

use crate::{Error, View, Writer, open::meta};

impl View {
    /// The mailbox that was read under a name of the configuration; `None` where none was, or by an
    /// older program, which kept cursors under the name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn mailbox_named(&self, name: &str) -> Result<Option<String>, Error> {
        meta(&self.conn, &key(name))
    }
}

impl Writer<'_> {
    /// Notes which mailbox is read under a name of the configuration.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn name_mailbox(&self, name: &str, mailbox: &str) -> Result<(), Error> {
        self.set_meta(&key(name), mailbox)
    }

    /// Gives what an older program kept under a name, cursor and places, to the mailbox itself.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn take_over(&self, name: &str, mailbox: &str) -> Result<(), Error> {
        self.run("UPDATE places SET mailbox = ?2 WHERE mailbox = ?1", params![name, mailbox])?;
        self.run("UPDATE cursors SET mailbox = ?2 WHERE mailbox = ?1", params![name, mailbox])
    }
}

fn key(name: &str) -> String {
    ["mailbox ", name].concat()
}
