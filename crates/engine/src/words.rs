//! Words by which people tell the program something, and who may say them.
//!
//! `no` is anybody's and needs no proof, since it only quiets; it is read where a series is
//! looked at ([`crate::opt_out`]). Every other word here needs a sender whom the keyring or a
//! trusted server vouches for, whatever the run takes an archive's word for.

use jiff::SignedDuration;
use tidewaiter_mail::{Address, Mailbox, MessageId};
use tidewaiter_patch::{Mail, MailKey, Part, Series};
use tidewaiter_policy::{
    Trust,
    maintainers::Maintainers,
    observe::{Command as Line, CommandWord},
};

use crate::{Command, Context, Effect, Notice, NoticeKind, State, operate, why};

/// How long a word holds after it was said, and how wrong a clock may be.
const HOLDS: SignedDuration = SignedDuration::from_hours(48);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Words of one mail that are looked at.
const MOST: usize = 10;

/// A mail with words for the program, and what is known of it.
struct Said<'a> {
    context: &'a Context,
    mail: &'a Mail,
    key: MailKey,
    /// The first mail of the series that it is a part of, or is about.
    lead: Option<Lead>,
}

/// The first mail of a series.
struct Lead {
    key: MailKey,
    id: Option<MessageId>,
    author: Option<Address>,
}

/// What the sender of a mail is to a series.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Author,
    Maintainer,
    Operator,
    Stranger,
}

/// Follows the words of a mail that has just come. `conflict`: another mail has its Message-ID.
pub(crate) fn follow(
    state: &mut State,
    context: &Context,
    key: MailKey,
    conflict: bool,
    effects: &mut Vec<Effect>,
) {
    let mut words: Vec<CommandWord> = Vec::new();
    for Line { word, .. } in state.observed(key).commands() {
        if !word.agrees() && !words.contains(word) && words.len() < MOST {
            words.push(word.clone());
        }
    }
    let Some(mail) = state.assembler.mail(key).cloned().filter(|_| !words.is_empty()) else {
        return;
    };
    let from = mail.header.from.as_ref().and_then(|from| from.address.as_ref());
    if mail.header.automatic.is_some() || from == Some(&context.config.identity.address) {
        return;
    }
    let lead = match mail.comment() {
        Some(_) => state.assembler.lead_above(key),
        None => state.assembler.lead_of(key),
    };
    let said =
        Said { context, mail: &mail, key, lead: lead.and_then(|lead| Lead::of(state, lead)) };
    let mut told: Vec<NoticeKind> = Vec::new();
    for word in words {
        let done = if conflict {
            Err(NoticeKind::WordConflict)
        } else {
            said.follow(state, from, word, effects)
        };
        if let Err(what) = done
            && !told.contains(&what)
        {
            told.push(what);
            effects.push(Effect::Tell(said.notice(what)));
        }
    }
}

impl Lead {
    fn of(state: &State, key: MailKey) -> Option<Self> {
        let header = &state.assembler.mail(key)?.header;
        let author = header.from.as_ref().and_then(|from| from.address.clone());
        Some(Self { key, id: header.message_id.clone(), author })
    }
}

/// A thread may have thousands of mails with a word, and each asks for little: who says it is told
/// by the first mail of the series, what the series is about by its parts. All that was said there is
/// read only for a word that is followed, and those are counted.
impl Said<'_> {
    fn notice(&self, what: NoticeKind) -> Notice {
        let series = self.lead.as_ref().and_then(|lead| lead.id.clone());
        Notice { series, mail: self.mail.header.message_id.clone(), what }
    }

    fn follow(
        &self,
        state: &mut State,
        from: Option<&Address>,
        word: CommandWord,
        effects: &mut Vec<Effect>,
    ) -> Result<(), NoticeKind> {
        match word {
            CommandWord::Agree | CommandWord::Agreed(_) => Ok(()),
            CommandWord::Unknown(_) => Err(NoticeKind::WordUnknown),
            CommandWord::No => self.quiet(state, from),
            CommandWord::Stop => {
                // Anybody else's asks for quiet, and is that already.
                if self.role(state, from) != Role::Operator {
                    return self.quiet(state, from);
                }
                self.proven(state, false)?;
                effects.push(Effect::Command(Command::Stop));
                Ok(())
            }
            CommandWord::Release(id) => {
                let from = self.allowed(state, from, &[Role::Operator])?;
                self.proven(state, false)?;
                count(state, self.context, from)?;
                effects.push(Effect::Command(Command::Release(id)));
                Ok(())
            }
            CommandWord::Never => self.never(state, from, effects),
            CommandWord::Why => {
                let from = self.about_series(state, from)?;
                let series = self.parts(state).ok_or(NoticeKind::WordWithoutSeries)?;
                if why::was_answered(state, self.context, &series, from) {
                    return Ok(());
                }
                count(state, self.context, from)?;
                if state.is_decided(&series) {
                    let series = self.series(state).ok_or(NoticeKind::WordWithoutSeries)?;
                    effects.push(why::answer(state, self.context, &series, self.key));
                } else {
                    // It is answered once there is something to tell.
                    state.asking.insert(self.key);
                }
                Ok(())
            }
            CommandWord::Recheck => {
                let from = self.about_series(state, from)?;
                count(state, self.context, from)?;
                if let Some(series) = self.series(state) {
                    operate::recheck(state, self.context, series, effects);
                }
                Ok(())
            }
        }
    }

    /// What quiets needs no proof; only who said it may be worth a look.
    fn quiet(&self, state: &mut State, from: Option<&Address>) -> Result<(), NoticeKind> {
        match self.lead {
            Some(_) if self.role(state, from) == Role::Stranger => Err(NoticeKind::QuietByStranger),
            _ => Ok(()),
        }
    }

    /// The wish of a person about all their series. It is their own, so it only needs to be
    /// theirs; one of whom nothing was ever seen has nothing to wish for.
    fn never(
        &self,
        state: &mut State,
        from: Option<&Address>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), NoticeKind> {
        let from = from.ok_or(NoticeKind::WordUnproven)?;
        if self.role(state, Some(from)) == Role::Stranger && !state.known_authors.contains(from) {
            return Err(NoticeKind::WordNotAllowed);
        }
        self.proven(state, false)?;
        if state.opted_out.contains(from) {
            return Ok(());
        }
        effects.push(Effect::Command(Command::OptOut(from.clone())));
        effects.push(Effect::Tell(self.notice(NoticeKind::OptedOut)));
        operate::opt_out(state, from, effects);
        Ok(())
    }

    /// The sender, where they may say something about the series and are believed to be there.
    fn about_series<'f>(
        &self,
        state: &mut State,
        from: Option<&'f Address>,
    ) -> Result<&'f Address, NoticeKind> {
        if self.lead.is_none() {
            return Err(NoticeKind::WordWithoutSeries);
        }
        let from = self.allowed(state, from, &[Role::Author, Role::Maintainer, Role::Operator])?;
        self.proven(state, true)?;
        Ok(from)
    }

    fn allowed<'f>(
        &self,
        state: &mut State,
        from: Option<&'f Address>,
        roles: &[Role],
    ) -> Result<&'f Address, NoticeKind> {
        let from = from.ok_or(NoticeKind::WordUnproven)?;
        let role = self.role(state, Some(from));
        if roles.contains(&role) { Ok(from) } else { Err(NoticeKind::WordNotAllowed) }
    }

    /// Whether the mail is from whom it says, and was sent of late. `here`: what it says depends on
    /// the thread that it stands in.
    fn proven(&self, state: &mut State, here: bool) -> Result<(), NoticeKind> {
        let header = &self.mail.header;
        // The text of a patch may be another's.
        let address = |person: &Option<Mailbox>| person.as_ref().and_then(|p| p.address.clone());
        let author = self.mail.patch().map(|patch| address(&patch.author));
        let others = author.is_some_and(|author| author != address(&header.from));
        let trust = self.context.trust();
        let trust = match self.lead {
            // A signature does not cover what a mail answers. How late it came is looked at below.
            Some(_) if here && self.mail.comment().is_some() => {
                let series = self.parts(state);
                let answered = series.as_ref().and_then(|series| answered(series, self.mail));
                let came = header.date.map_or(state.now, |date| date.timestamp);
                trust.of_answer(header, came, answered)
            }
            _ => trust.of(header),
        };
        if trust < Trust::Domain || others {
            return Err(NoticeKind::WordUnproven);
        }
        let sent = header.date.map(|date| date.timestamp);
        let signed = header.signed.as_ref().map(|signed| signed.time);
        // A domain's signature covers the date, a person's its own time alone.
        let said = if trust == Trust::Person { signed } else { sent };
        match said {
            Some(said) if state.now.duration_since(said).abs() <= HOLDS => Ok(()),
            _ => Err(NoticeKind::WordStale),
        }
    }

    fn role(&self, state: &mut State, from: Option<&Address>) -> Role {
        let Some(from) = from else { return Role::Stranger };
        let operator = self.context.config.identity.operator.address.as_ref();
        if operator == Some(from) {
            return Role::Operator;
        }
        if self.lead.as_ref().and_then(|lead| lead.author.as_ref()) == Some(from) {
            return Role::Author;
        }
        // Few are maintainers of anything, and no other needs a look at what the series touches.
        let maintainers = self.context.maintainers.as_ref().filter(|all| is_named(all, from));
        let Some(maintainers) = maintainers else { return Role::Stranger };
        match self.parts(state) {
            Some(series) if maintains(maintainers, &series, from) => Role::Maintainer,
            _ => Role::Stranger,
        }
    }

    /// The parts of the series, without what was said of them.
    fn parts(&self, state: &mut State) -> Option<Series> {
        state.assembler.parts_of(self.lead.as_ref()?.key)
    }

    fn series(&self, state: &mut State) -> Option<Series> {
        state.assembler.series_of(self.lead.as_ref()?.key)
    }
}

/// Whether a person is on an `M:` line of any section.
fn is_named(maintainers: &Maintainers, person: &Address) -> bool {
    let mut all = maintainers.sections().iter().flat_map(|section| section.maintainers());
    all.any(|p| p.address.eq_ignore_ascii_case(person.as_str()))
}

/// The part of a series that a mail answers: the nearest above it.
fn answered<'s>(series: &'s Series, mail: &Mail) -> Option<&'s Part> {
    let id = |part: &'s Part| part.mail.header.message_id.as_ref();
    mail.header.parents().find_map(|above| series.parts().find(|part| id(part) == Some(above)))
}

/// Whether a person is on an `M:` line of a section that a series touches, other than one that
/// covers everything.
fn maintains(maintainers: &Maintainers, series: &Series, person: &Address) -> bool {
    let files = series.patches.iter().filter_map(|p| p.mail.diff()).flat_map(|d| &d.files);
    files.take(200).any(|file| {
        maintainers
            .sections_for(&file.path)
            .iter()
            .filter(|found| !found.is_catch_all())
            .filter_map(|found| maintainers.sections().get(found.section))
            .any(|section| {
                section.maintainers().any(|p| p.address.eq_ignore_ascii_case(person.as_str()))
            })
    })
}

/// Counts a word that is followed, unless its sender has said as many as may be in a day.
fn count(state: &mut State, context: &Context, from: &Address) -> Result<(), NoticeKind> {
    let now = state.now;
    state.followed.retain(|(time, _)| now.duration_since(*time) < DAY);
    let said = state.followed.iter().filter(|(_, person)| person == from).count();
    if said >= context.config.caps.words_day as usize {
        return Err(NoticeKind::WordOverCap);
    }
    state.followed.push((now, from.clone()));
    Ok(())
}
