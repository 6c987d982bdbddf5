//! A mail as the list and the receiving server see it: fields and a body, with LF.

/// Fields that a list puts on, and takes off what comes in.
const OF_A_LIST: &[&str] = &[
    "list-id",
    "list-post",
    "list-help",
    "list-unsubscribe",
    "list-subscribe",
    "list-archive",
    "list-owner",
    "precedence",
    "sender",
    "errors-to",
    "return-path",
    "dkim-signature",
];

#[derive(Clone, Debug)]
pub(super) struct Mail {
    /// Each with its folded lines, without the last line end.
    pub(super) fields: Vec<Vec<u8>>,
    pub(super) body: Vec<u8>,
}

impl Mail {
    /// Reads a mail with any line ends. What stands before the first empty line are fields.
    pub(super) fn read(raw: &[u8]) -> Self {
        let mut text = Vec::with_capacity(raw.len());
        for line in raw.split_inclusive(|b| *b == b'\n') {
            match line.strip_suffix(b"\r\n") {
                Some(line) => {
                    text.extend_from_slice(line);
                    text.push(b'\n');
                }
                None => text.extend_from_slice(line),
            }
        }
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut lines = text.split_inclusive(|b| *b == b'\n');
        for line in lines.by_ref() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            match fields.last_mut() {
                Some(field) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                    field.push(b'\n');
                    field.extend_from_slice(line);
                }
                _ => fields.push(line.to_vec()),
            }
        }
        let body = lines.flatten().copied().collect();
        Self { fields, body }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.fields.join(&b'\n');
        bytes.extend_from_slice(b"\n\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The values of a field, unfolded and without blanks at both ends.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        self.fields
            .iter()
            .filter(|field| is(field, name))
            .map(|field| {
                let text = String::from_utf8_lossy(field).replace('\n', "");
                text.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
            })
            .collect()
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.values(name).into_iter().next()
    }

    /// The address in `From`, in lower case, as far as a test's mails need it.
    pub(super) fn from(&self) -> Option<String> {
        let value = self.value("from")?;
        let address = match value.rsplit_once('<') {
            Some((_, rest)) => rest.split('>').next()?,
            None => value.as_str(),
        };
        Some(address.trim().to_ascii_lowercase())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.fields.retain(|field| !is(field, name));
    }

    pub(super) fn remove_list_fields(&mut self) {
        for name in OF_A_LIST {
            self.remove(name);
        }
    }

    /// Takes out every `Authentication-Results` that claims to be by `id` (RFC 8601 section 5).
    pub(super) fn remove_results_of(&mut self, id: &str) {
        self.fields.retain(|field| {
            let text = String::from_utf8_lossy(field);
            let value = text.split_once(':').map(|(_, value)| value).unwrap_or_default();
            let claimed = value.split([';', ' ', '\t', '\n']).find(|word| !word.is_empty());
            !is(field, "authentication-results")
                || !claimed.is_some_and(|claimed| claimed.eq_ignore_ascii_case(id))
        });
    }

    pub(super) fn add(&mut self, field: String) {
        self.fields.push(field.into_bytes());
    }

    pub(super) fn add_on_top(&mut self, field: String) {
        self.fields.insert(0, field.into_bytes());
    }

    /// Whether a footer can be written below the text: it is plain text, and not encoded.
    pub(super) fn takes_footer(&self) -> bool {
        let plain = self
            .value("content-type")
            .is_none_or(|value| value.to_ascii_lowercase().starts_with("text/plain"));
        let encoding = self.value("content-transfer-encoding");
        let bare = encoding.is_none_or(|value| {
            value.eq_ignore_ascii_case("7bit") || value.eq_ignore_ascii_case("8bit")
        });
        plain && bare
    }
}

fn is(field: &[u8], name: &str) -> bool {
    let found = field.split(|b| *b == b':').next().unwrap_or_default();
    found.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
}

/// A mail of a list as its author sent it: without what the list and the servers on the way put
/// on. For posting recorded mail again.
#[must_use]
pub fn as_sent(raw: &[u8]) -> Vec<u8> {
    let mut mail = Mail::read(raw);
    mail.remove_list_fields();
    for name in ["received", "x-beenthere", "x-mailman-version", "x-mailman-approved-at"] {
        mail.remove(name);
    }
    mail.bytes()
}
