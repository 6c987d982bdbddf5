//! What the list and the servers do otherwise than well.

use std::time::Duration;

/// Whose mails a fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of the bot: by its domain in `From` or in the envelope's sender.
    Bots,
    /// All that come to the list.
    All,
}

impl Whose {
    pub(super) fn meets(self, is_bots: bool) -> bool {
        self == Self::All || is_bots
    }
}

/// A step of SMTP at which the submission port answers otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, before a byte of the mail.
    Data,
    /// The final dot.
    Dot,
}

impl Step {
    /// What Postfix calls the step (`SMTPD_POLICY_README`, `protocol_state`).
    pub(super) fn state(self) -> &'static str {
        match self {
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Dot => "END-OF-MESSAGE",
        }
    }
}

/// An answer of the submission port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub step: Step,
    /// For this address only; at `Data` and `Dot` Postfix tells none where there are several.
    pub recipient: Option<String>,
    /// What it says: a code of 4yz or 5yz, an enhanced code, words (`450 4.2.0 greylisted`).
    pub answer: String,
    /// How often; `None` for always.
    pub times: Option<usize>,
}

/// What a test wants the list and the submission port to do. The usual: all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The list takes so long, by the machine's clock.
    pub delay: Option<(Whose, Duration)>,
    /// The list holds what comes for moderation until [`super::Rig::release_held`].
    pub hold: Option<Whose>,
    /// The list drops the next so many.
    pub drop: Option<(Whose, usize)>,
    /// The list delivers each so often: 2 for an account that is subscribed twice.
    pub copies: Option<(Whose, usize)>,
    /// No list copy for the bot where `To` or `Cc` names it.
    pub nodupes: bool,
    /// No list copy of its own mails for the bot.
    pub notmetoo: bool,
    /// `From` becomes the list's, as for senders with a strict DMARC policy.
    pub munge_from: bool,
    /// `From ` at the start of a line of the body gets a `>`.
    pub mangle_from_lines: bool,
    /// The list writes its footer below plain text. On at the start.
    pub footer: bool,
    /// Answers of the submission port; the first that fits counts.
    pub refusals: Vec<Refusal>,
}

impl Faults {
    pub(super) fn none() -> Self {
        Self { footer: true, ..Self::default() }
    }

    /// The answer at a step, counted.
    pub(super) fn refusal(&mut self, state: &str, recipient: &str) -> Option<String> {
        let fits = |refusal: &&mut Refusal| {
            refusal.step.state() == state
                && refusal.times != Some(0)
                && refusal.recipient.as_ref().is_none_or(|r| r.eq_ignore_ascii_case(recipient))
        };
        let refusal = self.refusals.iter_mut().find(fits)?;
        if let Some(times) = &mut refusal.times {
            *times -= 1;
        }
        Some(refusal.answer.clone())
    }

    /// Whether the next is dropped, counted.
    pub(super) fn drops(&mut self, is_bots: bool) -> bool {
        match &mut self.drop {
            Some((whose, left)) if *left > 0 && whose.meets(is_bots) => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}
