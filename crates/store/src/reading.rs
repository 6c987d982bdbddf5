//! `FILE.reading`: what is being taken or decided, in case the program dies over it.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use crate::{Error, open::beside};

/// The most of a name that is noted.
const LONGEST: usize = 1000;
/// What an event's number and no name take.
const EMPTY: u64 = 10;

/// The file. It is not written through to the disk: that would take minutes for a large store, and
/// what cuts the power is no mail.
#[derive(Debug)]
pub(crate) struct Reading(File);

/// What an earlier run ended at, where it did not come through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedAt {
    /// The number of the stored event; 0 for one that is not stored yet.
    pub(crate) event: i64,
    /// The name of what was due, where that was being decided and not the event itself.
    pub(crate) due: Option<String>,
}

impl Reading {
    pub(crate) fn open(store: &Path) -> Result<Self, Error> {
        let path = beside(store, "reading");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path);
        file.map(Self).map_err(|source| Error::Io { doing: "open", path, source })
    }

    pub(crate) fn ended_at(&self) -> Option<EndedAt> {
        let mut file = &self.0;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes)).ok()?;
        let (event, rest) = bytes.split_first_chunk::<8>()?;
        let event = i64::from_le_bytes(*event);
        let named = rest.split_first_chunk::<2>().and_then(|(length, rest)| {
            let name = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
            std::str::from_utf8(name).ok().filter(|name| !name.is_empty())
        });
        let due = named.map(str::to_owned);
        (event > 0 || due.is_some()).then_some(EndedAt { event, due })
    }

    /// Notes that an event is taken, or decided what is due before it.
    pub(crate) fn note(&self, event: i64, due: Option<&str>) {
        let name = due.unwrap_or_default().as_bytes();
        let name = name.get(..LONGEST).unwrap_or(name);
        let mut bytes = event.to_le_bytes().to_vec();
        bytes.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
        bytes.extend(name);
        let mut file = &self.0;
        // Without it what takes the program down is not found, and nothing else is lost.
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&bytes));
    }

    /// Nothing is taken, and no name stays.
    pub(crate) fn clear(&self) {
        self.note(0, None);
        let _ = self.0.set_len(EMPTY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        let reading = Reading::open(&store).unwrap();
        assert_eq!(reading.ended_at(), None);
        for (event, due) in
            [(7, None), (7, Some("a@x")), (0, Some("digests until then")), (8, None)]
        {
            reading.note(event, due);
            let due = due.map(str::to_owned);
            assert_eq!(Reading::open(&store).unwrap().ended_at(), Some(EndedAt { event, due }));
        }
        reading.note(0, Some(&"x".repeat(5_000)));
        assert_eq!(reading.ended_at().unwrap().due.unwrap().len(), LONGEST);
        reading.clear();
        assert_eq!(reading.ended_at(), None);
        assert_eq!(std::fs::metadata(beside(&store, "reading")).unwrap().len(), EMPTY);
        // One of an earlier program.
        std::fs::write(beside(&store, "reading"), 5_i64.to_le_bytes()).unwrap();
        assert_eq!(reading.ended_at(), Some(EndedAt { event: 5, due: None }));
    }
}
