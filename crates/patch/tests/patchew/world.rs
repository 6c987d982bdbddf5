//! The mails of one of Patchew's files, read and put together.

use jiff::Timestamp;
use tidewaiter_mail::{Message, MessageId, mbox::Splitter};
use tidewaiter_patch::{Assembler, Mail, MailKey, Series};

/// Mails and the series they make.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) assembler: Assembler,
    pub(crate) keys: Vec<MailKey>,
    /// The decoded text of each mail.
    pub(crate) texts: Vec<String>,
}

impl World {
    /// Reads a file: one mail, an mbox, or JSON with the mail under `mbox`.
    pub(crate) fn read(&mut self, bytes: &[u8], container: &str) {
        match container {
            "rfc822" => self.add(bytes),
            "mbox" => self.split(bytes),
            "json" => {
                let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                let text = value["mbox"].as_str().unwrap().as_bytes();
                if text.starts_with(b"From ") { self.split(text) } else { self.add(text) }
            }
            other => panic!("no container {other}"),
        }
    }

    fn split(&mut self, bytes: &[u8]) {
        let mut splitter = Splitter::new(1 << 24);
        splitter.feed(bytes);
        splitter.finish();
        while let Some(cut) = splitter.take() {
            for (_, mail) in cut.iter() {
                self.add(mail);
            }
        }
    }

    fn add(&mut self, raw: &[u8]) {
        self.texts.push(Message::parse(raw).body);
        let mail = Mail::parse(raw);
        // Patchew knows no other time than that of `Date`.
        let time = mail.header.date.map_or(Timestamp::UNIX_EPOCH, |date| date.timestamp);
        self.keys.push(self.assembler.add(mail, time).key());
    }

    /// The mail with this id; the first where an assertion names none.
    pub(crate) fn mail(&self, target: Option<&str>) -> &Mail {
        self.assembler.mail(self.key(target)).unwrap()
    }

    pub(crate) fn key(&self, target: Option<&str>) -> MailKey {
        let Some(target) = target else { return *self.keys.first().unwrap() };
        self.assembler.key_of(&MessageId::new(target).unwrap()).unwrap()
    }

    pub(crate) fn series(&mut self, target: Option<&str>) -> Option<Series> {
        let key = self.key(target);
        self.assembler.series_of(key)
    }

    /// The versions of a series from the oldest, by links alone.
    pub(crate) fn versions(&mut self, target: Option<&str>) -> Vec<Series> {
        let mut found: Vec<Series> = self.series(target).into_iter().collect();
        while let Some(id) = found.first().unwrap().supersedes.clone() {
            found.insert(0, self.series(Some(id.as_str())).unwrap());
        }
        while let Some(id) = found.last().unwrap().superseded_by.clone() {
            found.push(self.series(Some(id.as_str())).unwrap());
        }
        found
    }
}
