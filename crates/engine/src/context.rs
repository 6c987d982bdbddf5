//! Everything that decisions depend on besides the mails: validated, and the same for all of them.

use jiff::SignedDuration;
use tidewaiter_mail::{Keyring, ListId, Mailbox};
use tidewaiter_patch::{Mail, Series};
use tidewaiter_policy::{Policy, TreeFiles, TrustRules, Vocabulary, maintainers::Maintainers};
use tidewaiter_reply::{IdKey, ListReply, Mode, Templates};

use crate::{Config, Judgement, config::ListConfig};

/// The validated configuration and all that it names.
#[derive(Debug)]
pub struct Context {
    /// The configuration.
    pub config: Config,
    /// The policies that it, or the command line, names.
    pub policies: Vec<Policy>,
    /// A second policy, to compare with.
    pub against: Option<Policy>,
    /// What to look for in mails.
    pub vocabulary: Vocabulary,
    /// The tree's MAINTAINERS.
    pub maintainers: Option<Maintainers>,
    /// The tree's paths.
    pub tree: Option<TreeFiles>,
    /// Keys that are known to be a person's; `None` where no mail is to be verified.
    pub keyring: Option<Keyring>,
    /// What replies say.
    pub templates: Templates,
    /// What replies' ids are made from.
    pub key: IdKey,
    /// How a run differs from what the configuration says.
    pub overrides: Overrides,
}

/// How a run differs from what the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Nobody will ask why each rule spoke or did not.
    pub without_trace: bool,
    /// Judge every series under this policy, whatever list and tree it is for.
    pub policy: Option<String>,
    /// Render replies as in this mode, every outcome allowed; caps do not count.
    pub mode: Option<Mode>,
    /// The archive's word for who sent a mail is not enough, as it never is as configured.
    pub strict: bool,
    /// The archive's word is enough for an agreement.
    pub trust_claimed: bool,
    /// Only a copy whose List-Id is the entry's own counts for a list, not an address in To or Cc.
    pub by_list_id: bool,
}

/// One configured project that a series reached, and what it is judged under there.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    /// The list's entry; `None` where a policy was asked for whatever the list.
    pub(crate) list: Option<&'a ListConfig>,
    pub(crate) policy: &'a Policy,
    /// How replies are sent there.
    pub(crate) reply: ListReply,
}

impl Context {
    /// The policy with this id.
    #[must_use]
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// Reads a mail's bytes, and looks who signed it where there is a keyring. Every mail that is
    /// to be judged is read with it.
    #[must_use]
    pub fn read(&self, raw: &[u8]) -> Mail {
        Mail::parse_with(raw, self.keyring.as_ref())
    }

    /// What is believed of who sent a mail.
    #[must_use]
    pub fn trust(&self) -> TrustRules<'_> {
        TrustRules {
            authserv_ids: &self.config.trust.authserv_ids,
            strict: self.overrides.strict || self.overrides.mode.is_none(),
            claimed: self.overrides.trust_claimed,
        }
    }

    /// The configured lists that a mail reached: by its List-Id, or by an address in To or Cc
    /// where [`Overrides::by_list_id`] is not set.
    pub fn lists_reached<'a, 'm>(
        &'a self,
        lists: &'m [ListId],
        recipients: impl Iterator<Item = &'m Mailbox> + Clone,
    ) -> impl Iterator<Item = &'a ListConfig> {
        self.config.lists.iter().filter(move |list| {
            let addressed = |m: &Mailbox| m.address.as_ref() == Some(&list.reply.list);
            lists.contains(&list.id)
                || (!self.overrides.by_list_id && recipients.clone().any(addressed))
        })
    }

    /// Whether a mail can be part of something that is judged.
    pub(crate) fn may_judge(&self, mail: &Mail) -> bool {
        let header = &mail.header;
        let recipients = header.to.iter().chain(&header.cc);
        self.overrides.policy.is_some()
            || self.lists_reached(&header.lists, recipients).next().is_some()
    }

    /// Whether a mail was sent to the program alone: to its own address, through no list, and to
    /// none that counts by its address.
    pub(crate) fn is_private(&self, mail: &Mail) -> bool {
        let header = &mail.header;
        let own = Some(&self.config.identity.address);
        let recipients = header.to.iter().chain(&header.cc);
        header.lists.is_empty()
            && recipients.clone().any(|m| m.address.as_ref() == own)
            && self.lists_reached(&header.lists, recipients).next().is_none()
    }

    /// The least time that any series has to settle.
    pub(crate) fn shortest_settle(&self) -> SignedDuration {
        self.config.lists.iter().map(|list| list.settle).min().unwrap_or(SignedDuration::ZERO)
    }

    /// One entry for each project that a series reached, in the configuration's order: a
    /// cross-post is decided once, for the first of a project's lists that it went to.
    pub(crate) fn entries(&self, series: &Series) -> Vec<Entry<'_>> {
        self.entries_after(series, &[])
    }

    /// The same for a series that was decided: a copy that came later through another list of a
    /// project does not change the list, and so the policy, that it was decided for.
    pub(crate) fn entries_after(&self, series: &Series, decided: &[Judgement]) -> Vec<Entry<'_>> {
        let mut entries: Vec<Entry<'_>> = Vec::new();
        let mut reached: Vec<&ListConfig> = self.reached(series);
        reached.sort_by_key(|list| !decided.iter().any(|j| j.list.as_ref() == Some(&list.id)));
        if let Some(id) = &self.overrides.policy {
            let Some(policy) = self.policy(id) else { return entries };
            let list = reached.first().copied();
            let reply = list.map_or_else(|| self.stand_in(series, policy), |l| l.reply.clone());
            entries.push(Entry { list, policy, reply: self.in_mode(reply) });
            return entries;
        }
        for list in reached {
            let known = entries.iter().any(|e| e.reply.project == list.reply.project);
            if !known && let Some(policy) = self.policy(&list.policy) {
                let reply = self.in_mode(list.reply.clone());
                entries.push(Entry { list: Some(list), policy, reply });
            }
        }
        entries
    }

    fn reached(&self, series: &Series) -> Vec<&ListConfig> {
        let parts = || series.parts().map(|part| &part.mail.header);
        let recipients = parts().flat_map(|header| header.to.iter().chain(&header.cc));
        let recipients: Vec<&Mailbox> = recipients.collect();
        self.lists_reached(&series.lists, recipients.into_iter()).collect()
    }

    fn in_mode(&self, mut reply: ListReply) -> ListReply {
        if let Some(mode) = self.overrides.mode {
            reply.mode = mode;
            reply.decline = mode;
        }
        reply
    }

    /// Where a reply would go for a list without an entry: to the address in To or Cc that its
    /// List-Id is made of.
    fn stand_in(&self, series: &Series, policy: &Policy) -> ListReply {
        let of_list = |m: &&Mailbox| {
            m.address.as_ref().is_some_and(|a| {
                let id = format!("{}.{}", a.local(), a.domain()).to_ascii_lowercase();
                series.lists.iter().any(|list| list.as_str() == id)
            })
        };
        let parts = || series.parts().map(|part| &part.mail.header);
        let address = parts()
            .flat_map(|h| h.to.iter().chain(&h.cc))
            .find(of_list)
            .or_else(|| parts().flat_map(|h| &h.to).next())
            .and_then(|m| m.address.clone())
            .unwrap_or_else(|| self.config.identity.address.clone());
        ListReply {
            project: policy.project.clone(),
            list_name: address.local().to_owned(),
            list: address,
            mode: Mode::List,
            cc_maintainers: false,
            decline: Mode::List,
            never_to: Vec::new(),
        }
    }
}
