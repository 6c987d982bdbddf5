//! What the list makes of a mail, as Mailman 2.1 does.

use super::faults::Faults;
use super::mail::Mail;

/// A mailing list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Where one posts: `qemu-devel@nongnu.org`.
    pub address: String,
    /// What `List-Id` has between its brackets: `qemu-devel.nongnu.org`.
    pub id: String,
}

impl List {
    /// A list with the `List-Id` that Mailman gives it: the address with a dot for the at sign.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_ascii_lowercase(), id: address.replace('@', ".") }
    }

    pub(super) fn name(&self) -> &str {
        self.address.split('@').next().unwrap_or_default()
    }

    pub(super) fn domain(&self) -> &str {
        self.address.split('@').nth(1).unwrap_or_default()
    }

    /// Where bounces of the list go; the sender of the envelope of all that it sends.
    pub(super) fn bounces(&self) -> String {
        format!("{}-bounces@{}", self.name(), self.domain())
    }

    /// Whether the mail has been through this list.
    pub(super) fn knows(&self, mail: &Mail) -> bool {
        let own = |value: &String| value.trim().eq_ignore_ascii_case(&self.address);
        mail.values("x-beenthere").iter().any(own)
    }

    /// The mail as its subscribers get it.
    pub(super) fn process(&self, mail: &Mail, faults: &Faults) -> Mail {
        let mut out = mail.clone();
        out.remove_list_fields();
        let (name, domain, address) = (self.name(), self.domain(), &self.address);
        if faults.munge_from
            && let Some(from) = mail.value("from")
        {
            let shown = from.split('<').next().unwrap_or_default().trim().trim_matches('"');
            let shown = if shown.is_empty() { &from } else { shown };
            out.remove("from");
            out.remove("reply-to");
            out.add(format!("From: \"{shown} via {name}\" <{address}>"));
            out.add(format!("Reply-To: {from}"));
        }
        out.add(format!("X-BeenThere: {address}"));
        out.add("X-Mailman-Version: 2.1.29".to_owned());
        out.add("Precedence: list".to_owned());
        out.add(format!("List-Id: <{}>", self.id));
        let request = format!("mailto:{name}-request@{domain}");
        out.add(format!("List-Unsubscribe: <{request}?subject=unsubscribe>"));
        out.add(format!("List-Post: <mailto:{address}>"));
        out.add(format!("List-Help: <{request}?subject=help>"));
        out.add(format!("Errors-To: {}", self.bounces()));
        out.add(format!("Sender: \"{name}\" <{}>", self.bounces()));
        if faults.mangle_from_lines {
            mangle(&mut out.body);
        }
        if faults.footer && out.takes_footer() {
            if !out.body.ends_with(b"\n") {
                out.body.push(b'\n');
            }
            let rule = "_".repeat(47);
            let footer = format!(
                "{rule}\n{name} mailing list\n{address}\n\
                 https://{domain}/mailman/listinfo/{name}\n"
            );
            out.body.extend_from_slice(footer.as_bytes());
        }
        out
    }
}

/// Puts a `>` before every line that begins with `From `, as an archive does.
fn mangle(body: &mut Vec<u8>) {
    let mut mangled = Vec::with_capacity(body.len() + 16);
    for line in body.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b"From ") {
            mangled.push(b'>');
        }
        mangled.extend_from_slice(line);
    }
    *body = mangled;
}
