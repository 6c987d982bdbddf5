//! The files made from the week.

use tidewaiter_testkit::builder::Mbox;

use super::{Row, Week};

const README_HEAD: &str = include_str!("../week/README.head.md");

impl Week {
    /// Name and bytes of every file: `mbox`, `expected`, `readme`, `tree`.
    pub(crate) fn outputs(&self) -> [(&'static str, Vec<u8>); 4] {
        [
            ("mbox", self.posts.iter().map(|post| &post.bytes).collect::<Mbox>().into_bytes()),
            ("expected", self.expected().into_bytes()),
            ("readme", self.readme().into_bytes()),
            ("tree", self.tree.iter().map(|path| format!("{path}\n")).collect::<String>().into()),
        ]
    }

    fn expected(&self) -> String {
        let mut out = "id\tkind\tversion\ttotal\treceived\tnot_judged\tqemu-2025-06\t\
qemu-proposed-2026-05\twhy\n"
            .to_owned();
        for row in &self.rows {
            let not_judged = row.not_judged.as_deref().unwrap_or("-");
            let [first, second] = &row.outcomes;
            out.push_str(&format!(
                "{}\t{}\t{}\t{}\t{}\t{not_judged}\t{first}\t{second}\t{}\n",
                row.id, row.kind, row.version, row.total, row.received, row.why
            ));
        }
        out
    }

    fn readme(&self) -> String {
        let rows: String = self.rows.iter().map(line).collect();
        let numbers = format!(
            "{} mails, {} series versions, of which {} are not judged and {} are silent under both policies.",
            self.posts.len(),
            self.rows.len(),
            self.rows.iter().filter(|row| row.not_judged.is_some()).count(),
            self.rows.iter().filter(|row| row.outcomes == ["silent", "silent"]).count(),
        );
        README_HEAD.replace("{numbers}", &numbers).replace("{rows}\n", &rows)
    }
}

fn line(row: &Row) -> String {
    let title = row.title.replace('|', "\\|").replace('<', "\\<");
    let parts = if row.received == row.total {
        row.total.to_string()
    } else {
        format!("{} of {}", row.received, row.total)
    };
    let outcomes = match &row.not_judged {
        Some(why) => format!("not judged: {why} | -"),
        None => row.outcomes.join(" | "),
    };
    let about = row.about.replace('\n', " ").replace('|', "\\|");
    format!("| {title} | v{} | {parts} | {about} | {outcomes} |\n", row.version)
}
