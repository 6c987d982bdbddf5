//! Whole archives through the assembler: every patch in exactly one series.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use jiff::Timestamp;
use tidewaiter_patch::{Added, Assembler, Kind, Mail};

/// How many series there are, of what kinds.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) series: usize,
    by_kind: BTreeMap<String, usize>,
    singles: usize,
    with_cover: usize,
    without_cover: usize,
    pub(crate) incomplete: usize,
    twice: usize,
    pub(crate) linked: usize,
    copies: usize,
    conflicts: usize,
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} series: {:?}", self.series, self.by_kind)?;
        writeln!(
            f,
            "{} unnumbered, {} with a cover letter, {} numbered without one; {} incomplete; {} with \
             a number twice; {} replace another",
            self.singles,
            self.with_cover,
            self.without_cover,
            self.incomplete,
            self.twice,
            self.linked
        )?;
        write!(f, "{} copies, {} conflicts", self.copies, self.conflicts)
    }
}

/// Puts the mails together and checks that none is lost or stands twice.
pub(crate) fn assemble(mails: Vec<Mail>) -> Sums {
    let mut sums = Sums::default();
    let mut assembler = Assembler::new();
    let mut time = Timestamp::UNIX_EPOCH;
    let mut conflicts = HashSet::new();
    for mail in mails {
        let date = mail.header.date.as_ref().map(|date| date.timestamp);
        time = mail.header.received.or(date).unwrap_or(time);
        match assembler.add(mail, time) {
            Added::New(_) => {}
            Added::Copy(_) | Added::Vouched(_) => sums.copies += 1,
            Added::Conflict(key) => {
                sums.conflicts += 1;
                conflicts.insert(key);
            }
        }
    }
    let mut named = HashSet::new();
    let mut ids = HashSet::new();
    for lead in assembler.leads() {
        let series = assembler.series_of(lead).unwrap();
        for part in series.parts() {
            assert!(named.insert(part.key), "{:?} is in two series", part.key);
        }
        if let Some(id) = &series.id {
            assert!(ids.insert(id.clone()), "two series have one id");
        }
        sums.series += 1;
        *sums.by_kind.entry(format!("{:?}", series.kind)).or_default() += 1;
        let lead = assembler.mail(lead).unwrap();
        let numbered = lead.header.tag.as_ref().is_some_and(|tag| tag.index.is_some());
        sums.singles += usize::from(!numbered);
        sums.with_cover += usize::from(numbered && series.cover.is_some());
        sums.without_cover += usize::from(numbered && series.cover.is_none());
        sums.incomplete += usize::from(numbered && !series.complete());
        sums.twice += usize::from(series.received() as usize != series.patches.len());
        sums.linked += usize::from(series.supersedes.is_some());
    }
    for key in assembler.keys() {
        let kind = assembler.mail(key).unwrap().kind();
        let placed = matches!(kind, Kind::Patch | Kind::Cover | Kind::Pull);
        // Of two contents under one Message-ID one is in the series, and which may change.
        if placed && !named.contains(&key) && conflicts.is_empty() {
            panic!("{key:?} is in no series");
        }
    }
    sums
}
