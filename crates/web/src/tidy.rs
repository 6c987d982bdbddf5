//! What every form of a snapshot has in common: bounded, and without addresses of authors.

use crate::{Snapshot, shown::LETTERS};

/// How many series, and how many replies of a kind, are shown.
const ROWS: usize = 200;
/// How many lists of a series are shown: a mail may carry as many List-Ids as it likes.
const LISTS: usize = 20;

/// Cuts lists and texts that a mail can make long, and leaves out an author's name that is an address.
pub(crate) fn tidy(mut snapshot: Snapshot) -> Snapshot {
    snapshot.series.truncate(ROWS);
    for series in &mut snapshot.series {
        // Also with the look-alikes that NFKC makes an @ of.
        series.author.take_if(|name| name.contains(['@', '\u{fe6b}', '\u{ff20}']));
        series.lists.truncate(LISTS);
        let texts = series.title.iter_mut().chain(&mut series.author).chain(&mut series.lists);
        texts.for_each(cut);
    }
    let replies = &mut snapshot.replies;
    for some in [&mut replies.doubt, &mut replies.held, &mut replies.waiting] {
        some.truncate(ROWS);
        for reply in some {
            let texts = reply.subject.iter_mut().chain(&mut reply.list).chain(&mut reply.note);
            texts.for_each(cut);
        }
    }
    snapshot
}

fn cut(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(LETTERS) {
        text.truncate(at);
        text.push('…');
    }
}
