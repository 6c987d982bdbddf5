//! Declarations with the mail that carries them.

use tidewaiter_patch::{Mail, Series};

use crate::{
    Declared, DeclaredForm, Policy,
    assess::{ObservedBy, scope::patches_named},
    observe::{Place, SeenTag},
};

/// How many declarations of one patch are kept: a thread can hold any number of answers.
const MOST: usize = 100;

/// One declaration that holds for a patch.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'a> {
    /// The tag or sentence.
    pub tag: &'a SeenTag,
    /// The mail that carries it.
    pub mail: &'a Mail,
    /// It stands in the patch itself, not in the cover letter or an answer of the author.
    pub own: bool,
    /// It holds for every patch of the series.
    pub whole_series: bool,
}

impl Declaration<'_> {
    /// How it was made, under a policy.
    #[must_use]
    pub fn form(&self, policy: &Policy) -> DeclaredForm {
        match &self.tag.key {
            Some(key) if policy.is_own_tag(key) => DeclaredForm::Tag,
            Some(_) => DeclaredForm::OtherTag,
            None => DeclaredForm::Prose,
        }
    }

    /// The line as it may be shown: `AI-used-for: tests`.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.tag.key {
            Some(key) => format!("{key}: {}", self.tag.value),
            None => self.tag.value.clone(),
        }
    }

    pub(super) fn as_declared(&self, policy: &Policy) -> Declared {
        Declared {
            form: self.form(policy),
            key: self.tag.key.clone(),
            value: self.tag.value.clone(),
            uses: self.tag.uses.clone(),
            tool: self.tag.tool.clone(),
            line: self.tag.line,
            message_id: if self.own { None } else { self.mail.header.message_id.clone() },
        }
    }
}

/// The declarations of a series: for each patch its own, then the cover letter's, then those of
/// the author's answers. Nobody else's answer declares anything.
pub(super) fn of_patches<'a>(
    series: &'a Series,
    observed: &ObservedBy<'a>,
) -> Vec<Vec<Declaration<'a>>> {
    let mut all: Vec<Vec<Declaration<'a>>> = series
        .patches
        .iter()
        .map(|part| {
            let tags = observed(part.key).tags().iter();
            tags.map(|tag| Declaration { tag, mail: &part.mail, own: true, whole_series: false })
                .collect()
        })
        .collect();
    if let Some(cover) = &series.cover {
        for tag in observed(cover.key).tags() {
            spread(series, &mut all, tag, &cover.mail);
        }
    }
    let author = series.author.as_ref().and_then(|author| author.address.as_ref());
    for comment in &series.comments {
        let header = &comment.mail.header;
        let sender = header.from.as_ref().and_then(|from| from.address.as_ref());
        let tags = observed(comment.key).tags();
        if tags.is_empty() || author.is_none() || sender != author || header.sender_munged {
            continue;
        }
        let answered = series.patches.iter().position(|part| {
            header.in_reply_to.is_some() && part.mail.header.message_id == header.in_reply_to
        });
        for tag in tags.iter().filter(|tag| tag.place == Place::Comment) {
            let mail = &comment.mail;
            match answered.and_then(|place| all.get_mut(place)) {
                Some(patch) => {
                    add(patch, Declaration { tag, mail, own: false, whole_series: false });
                }
                None => spread(series, &mut all, tag, mail),
            }
        }
    }
    all
}

/// What is said of the series holds for each of its patches; a sentence that numbers some of
/// them holds for those.
fn spread<'a>(series: &Series, all: &mut [Vec<Declaration<'a>>], tag: &'a SeenTag, mail: &'a Mail) {
    let is_sentence = tag.key.is_none() && series.patches.len() > 1;
    let named = is_sentence.then(|| patches_named(&tag.value, series.total)).flatten();
    let names = |index: u32| {
        let named = named.as_ref();
        named.is_none_or(|named| named.iter().any(|(from, to)| (*from..=*to).contains(&index)))
    };
    // Those that are named may be on their way.
    let whole_series = named.is_none();
    for (part, patch) in series.patches.iter().zip(all) {
        if names(part.index) {
            add(patch, Declaration { tag, mail, own: false, whole_series });
        }
    }
}

fn add<'a>(patch: &mut Vec<Declaration<'a>>, declaration: Declaration<'a>) {
    if patch.len() < MOST {
        patch.push(declaration);
    }
}
