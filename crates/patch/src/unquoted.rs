//! What a person wrote themselves in a comment: no quotes, no diff, no signature.

use tidewaiter_mail::strip_signature;

use crate::trailers::{self, Trailer};

/// How much of one comment is kept, in bytes.
const MOST: usize = 64 * 1024;

/// The unquoted lines of a text with their numbers, counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unquoted {
    text: String,
    numbers: Vec<usize>,
}

impl Unquoted {
    /// Takes the lines that the sender wrote.
    ///
    /// Left out: lines that start with `>` (initials may stand before it), attributions
    /// (`On ... wrote:`), all below the header of a mail that is quoted whole or forwarded, diffs,
    /// the signature and a list's footer.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut own = Self::default();
        let text = strip_signature(text);
        let mut in_diff = false;
        let mut lines = text.lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            if is_other_mail(line, lines.peek().map(|(_, l)| *l)) {
                break;
            }
            in_diff = line.starts_with("diff --git ") || (in_diff && continues_diff(line));
            if in_diff || is_quoted(line) || is_attribution(line) {
                continue;
            }
            if own.text.len() + line.len() > MOST {
                break;
            }
            own.text.push_str(line);
            own.text.push('\n');
            own.numbers.push(index + 1);
        }
        own
    }

    /// The lines, each with its number in the mail's decoded text.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.numbers.iter().copied().zip(self.text.lines())
    }

    /// The lines as one text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The trailers that the sender gives: `Reviewed-by: ...` and the like on lines of their
    /// own, wherever they stand.
    #[must_use]
    pub fn trailers(&self) -> Vec<Trailer> {
        self.lines()
            .filter_map(|(line, text)| {
                let (key, value) = trailers::split(text)?;
                trailers::is_given(key, value).then(|| Trailer {
                    key: key.to_owned(),
                    value: value.to_owned(),
                    line,
                })
            })
            .take(200)
            .collect()
    }
}

/// `> text`, `>> text`, `JD> text`, and quotes indented by mailers.
fn is_quoted(line: &str) -> bool {
    let text = line.trim_start();
    let initials = text.trim_start_matches(|c: char| c.is_ascii_uppercase());
    text.len() - initials.len() <= 4 && initials.starts_with('>') || text.starts_with("| ")
}

fn is_attribution(line: &str) -> bool {
    let line = line.trim_end();
    (line.ends_with(" wrote:") || line.ends_with(" writes:") || line.ends_with(" schrieb:"))
        && line.len() < 400
}

/// `From:` and `Sent:` of the header block that Outlook puts above an answered mail.
const FROM: &[&str] =
    &["From", "Von", "De", "Da", "Van", "Od", "Från", "Fra", "От", "发件人", "寄件者", "差出人"];
const SENT: &[&str] = &[
    "Sent",
    "Date",
    "Gesendet",
    "Datum",
    "Envoyé",
    "Date d'envoi",
    "Enviado",
    "Inviato",
    "Data",
    "Verzonden",
    "Wysłane",
    "Odesláno",
    "Skickat",
    "Sendt",
    "Отправлено",
    "Дата",
    "发送时间",
    "日期",
    "寄件日期",
    "送信日時",
];

/// What mailers put above a mail that they quote whole or forward, between dashes, in lower case:
/// Outlook, Thunderbird, Gmail, the BSD mailers. Longer ones are mutt's and Apple's.
const OTHER_MAIL: &[&str] = &[
    "original message",
    "original email",
    "forwarded message",
    "forwarded mail",
    "ursprüngliche nachricht",
    "originalnachricht",
    "weitergeleitete nachricht",
    "message d'origine",
    "message original",
    "message transféré",
    "mensaje original",
    "mensaje reenviado",
    "mensagem original",
    "mensagem encaminhada",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "doorgestuurd bericht",
    "původní zpráva",
    "přeposlaná zpráva",
    "oryginalna wiadomość",
    "treść przekazanej wiadomości",
    "ursprungligt meddelande",
    "vidarebefordrat meddelande",
    "oprindelig meddelelse",
    "исходное сообщение",
    "перенаправленное сообщение",
    "邮件原件",
    "原始邮件",
    "转发邮件",
    "元のメッセージ",
    "転送メッセージ",
];

/// `-----Original Message-----`, `----- Forwarded message from ...`, or a rule or nothing above
/// `From:` and `Sent:`.
///
/// All below counts as another's. mutt writes where it ends, but so may who wrote it.
fn is_other_mail(line: &str, next: Option<&str>) -> bool {
    let line = line.trim_end();
    if line.starts_with("--") && line.len() < 400 {
        let text = line.trim_matches(['-', ' ']).replace('’', "'").to_lowercase();
        if OTHER_MAIL.contains(&&*text) || text.starts_with("forwarded message from ") {
            return true;
        }
    }
    if line.eq_ignore_ascii_case("Begin forwarded message:") {
        return true;
    }
    let field = |names: &[&str], l: &str| {
        let l = l.trim_start_matches('*');
        let after = names.iter().find_map(|name| l.strip_prefix(name));
        after.is_some_and(|rest| rest.trim_start_matches(['*', ' ']).starts_with([':', '：']))
    };
    let header = |l: &str| field(FROM, l);
    let second = |l: &str| field(SENT, l);
    (header(line) && next.is_some_and(second))
        || (line.len() >= 20 && line.bytes().all(|b| b == b'_') && next.is_some_and(header))
}

fn continues_diff(line: &str) -> bool {
    line.is_empty()
        || line.starts_with(['+', '-', ' ', '@', '\\'])
        || [
            "index ",
            "diff ",
            "new file",
            "deleted file",
            "old mode",
            "new mode",
            "similarity ",
            "rename ",
        ]
        .iter()
        .any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("> q\nmine\n" => vec![(2, "mine".to_owned())]; "quote")]
    #[test_case("JD> q\nmine\n" => vec![(2, "mine".to_owned())]; "initials")]
    #[test_case("On Monday, A B wrote:\n> q\nmine\n" => vec![(3, "mine".to_owned())]; "attribution")]
    #[test_case("mine\n-----Original Message-----\nFrom: a\ntheirs\n" => vec![(1, "mine".to_owned())]; "outlook")]
    #[test_case("mine\nFrom: a\nSent: b\ntheirs\n" => vec![(1, "mine".to_owned())]; "outlook without a rule")]
    #[test_case("mine\nVon: a\nGesendet: b\ntheirs\n" => vec![(1, "mine".to_owned())]; "outlook in German")]
    #[test_case("mine\nDe : a\nEnvoyé : b\ntheirs\n" => vec![(1, "mine".to_owned())]; "outlook in French")]
    #[test_case("mine\n----- Forwarded message from A B <a@example.org> -----\n\ntidewaiter: agree\n----- End forwarded message -----\ntheirs\n" => vec![(1, "mine".to_owned())]; "mutt")]
    #[test_case("mine\n---------- Forwarded message ---------\nFrom: a\nDate: b\ntheirs\n" => vec![(1, "mine".to_owned())]; "gmail")]
    #[test_case("mine\n---------- Forwarded message ----------\ntheirs\n" => vec![(1, "mine".to_owned())]; "gmail of old")]
    #[test_case("mine\n-------- Weitergeleitete Nachricht --------\nBetreff: x\ntheirs\n" => vec![(1, "mine".to_owned())]; "thunderbird in German")]
    #[test_case("mine\n-----Message d’origine-----\ntheirs\n" => vec![(1, "mine".to_owned())]; "a rule in French")]
    #[test_case("mine\n-----Исходное сообщение-----\ntheirs\n" => vec![(1, "mine".to_owned())]; "a rule in Russian")]
    #[test_case("mine\n------------------ 原始邮件 ------------------\ntheirs\n" => vec![(1, "mine".to_owned())]; "a rule in Chinese")]
    #[test_case("mine\n\nBegin forwarded message:\n\ntheirs\n" => vec![(1, "mine".to_owned()), (2, String::new())]; "apple")]
    #[test_case("mine\n---\nForwarded message\n--- forwarded ---\n" => vec![(1, "mine".to_owned()), (2, "---".to_owned()), (3, "Forwarded message".to_owned()), (4, "--- forwarded ---".to_owned())]; "dashes and words")]
    #[test_case("mine\nFrom: a\nmine too\n" => vec![(1, "mine".to_owned()), (2, "From: a".to_owned()), (3, "mine too".to_owned())]; "a lone field")]
    #[test_case("mine\ndiff --git a/x b/x\n+ new\nalso mine\n" => vec![(1, "mine".to_owned()), (4, "also mine".to_owned())]; "diff")]
    #[test_case("mine\n-- \nsig\n" => vec![(1, "mine".to_owned())]; "signature")]
    fn own(text: &str) -> Vec<(usize, String)> {
        Unquoted::of(text).lines().map(|(n, l)| (n, l.to_owned())).collect()
    }

    #[test]
    fn given_trailers() {
        let own = Unquoted::of(
            "Looks good.\nReviewed-by: R <r@example.org>\n> Acked-by: no\nNote: not one\n",
        );
        let keys: Vec<_> = own.trailers().into_iter().map(|t| (t.line, t.key)).collect();
        assert_eq!(keys, [(2, "Reviewed-by".to_owned())]);
    }
}
