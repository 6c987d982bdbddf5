//! Who wants no notes, for one series or for good.

use tidewaiter_mail::Mailbox;
use tidewaiter_patch::{Part, Series};
use tidewaiter_policy::maintainers::Maintainers;

use crate::{Context, State, context::Entry, versions};

/// How many files of a series are looked up; one that touches more has opted out by nothing.
const FILES: usize = 2_000;

/// Whether a mail asks for quiet about its series. No program's mail does.
pub(crate) fn asks_for_quiet(state: &State, part: &Part) -> bool {
    part.mail.header.automatic.is_none() && state.observed(part.key).asks_for_quiet()
}

/// Whether somebody asked for quiet in the thread of this version.
pub(crate) fn in_series(state: &State, series: &Series) -> bool {
    series.parts().chain(&series.comments).any(|part| asks_for_quiet(state, part))
}

/// Whether somebody asked for quiet: in this series, or in a version before it, whenever they said
/// it and whoever vouches for that version. It only quiets.
pub(crate) fn in_thread(state: &mut State, series: &Series) -> bool {
    // Nobody ever does, mostly, and the versions before need not be looked at.
    state.quiet_asked
        && (in_series(state, series)
            || versions::find_older(state, series, |state, older| {
                let decision = older.parts().find_map(|part| state.decision_of(part.key));
                let asked = decision.is_some_and(|d| d.opted_out) || in_series(state, older);
                asked.then_some(())
            })
            .is_some())
}

/// Whether the author of a series, of all its patches, or its subsystems opted out for good.
pub(crate) fn lasting(
    state: &State,
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
) -> bool {
    let by_list = entry.list.map_or(&[][..], |list| &list.opt_out);
    let out = |person: Option<&Mailbox>| {
        let address = person.and_then(|person| person.address.as_ref());
        address.is_some_and(|a| state.opted_out.contains(a) || by_list.contains(a))
    };
    let author = |part: &Part| out(part.mail.patch().and_then(|patch| patch.author.as_ref()));
    let sections = entry.list.map_or(&[][..], |list| &list.opt_out_subsystems);
    let maintainers = context.maintainers.as_ref().filter(|_| !sections.is_empty());
    out(series.author.as_ref())
        || (!series.patches.is_empty() && series.patches.iter().all(author))
        || maintainers.is_some_and(|maintainers| by_subsystem(maintainers, series, sections))
}

/// Whether every touched file that has a section (other than one that covers everything) has one
/// of these, and there is such a file.
fn by_subsystem(maintainers: &Maintainers, series: &Series, sections: &[String]) -> bool {
    let files = || series.patches.iter().filter_map(|p| p.mail.diff()).flat_map(|d| &d.files);
    if files().nth(FILES).is_some() {
        return false;
    }
    let mut any = false;
    for file in files() {
        let mut own = maintainers
            .sections_for(&file.path)
            .into_iter()
            .filter(|found| !found.is_catch_all())
            .filter_map(|found| maintainers.sections().get(found.section))
            .peekable();
        if own.peek().is_none() {
            continue;
        }
        any = true;
        if !own.any(|section| sections.iter().any(|name| name.eq_ignore_ascii_case(&section.name)))
        {
            return false;
        }
    }
    any
}
