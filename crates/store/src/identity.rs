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

    /// Up to which UID a mailbox holds what lay there when it was read anew under this UIDVALIDITY;
    /// 0 where it was not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn again_until(&self, mailbox: &str, uid_validity: u32) -> Result<u32, Error> {
        let text = meta(&self.conn, &again(mailbox))?;
        let known = text.as_deref().and_then(|text| text.split_once(' '));
        let known = known.filter(|(life, _)| *life == uid_validity.to_string());
        Ok(known.and_then(|(_, uid)| uid.parse().ok()).unwrap_or_default())
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

    /// Notes that a mailbox is read anew up to this UID.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn read_again(&self, mailbox: &str, uid_validity: u32, uid: u32) -> Result<(), Error> {
        self.set_meta(&again(mailbox), &format!("{uid_validity} {uid}"))
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

fn again(mailbox: &str) -> String {
    ["again ", mailbox].concat()
}
