//! What every form of a snapshot has in common: bounded, and without addresses of authors.

use crate::Snapshot;

/// How many series, and how many replies of a kind, are shown.
const ROWS: usize = 200;

/// Cuts long lists, and leaves out an author's name that is an address.
pub(crate) fn tidy(mut snapshot: Snapshot) -> Snapshot {
    snapshot.series.truncate(ROWS);
    for series in &mut snapshot.series {
        // Also in the look-alikes that NFKC makes an @ of.
        series.author.take_if(|name| name.contains(['@', '\u{fe6b}', '\u{ff20}']));
    }
    let replies = &mut snapshot.replies;
    for some in [&mut replies.doubt, &mut replies.held, &mut replies.waiting] {
        some.truncate(ROWS);
    }
    snapshot
}
