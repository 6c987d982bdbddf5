//! One assertion, by the field it is about.

use serde_json::{Value, json};
use tidewaiter_mail::Mailbox;
use tidewaiter_patch::{FileStatus, Kind, Mail, Series};
use tidewaiter_testkit::corpus::PatchewAssert;

use super::world::World;
use crate::Verdict;

const ROUTING: &str = "which project a mail goes to is configuration";
const TESTING: &str = "Patchew's test runs";
const EXPORT: &str = "Patchew's mbox export";

pub(crate) fn check(world: &mut World, assert: &PatchewAssert) -> Verdict {
    let target = assert.target.as_deref();
    let field = assert.field.as_str();
    let ours = match field {
        "n_projects_matched" | "not_in_project" => return Verdict::Inapplicable(ROUTING),
        "import exit_code" | "exit_code" | "import" if assert.value == json!(1) => {
            return Verdict::Inapplicable(ROUTING);
        }
        "retest" => return Verdict::Inapplicable(TESTING),
        "exported_mbox_payload" => return Verdict::Inapplicable(EXPORT),
        "git_am" => return Verdict::Inapplicable("applying to a tree"),
        // Read as some kind of patch mail with text, not refused.
        "import exit_code" | "exit_code" | "import" => {
            let read = world.mail(None).kind() != Kind::Unparsed && world.texts[0].len() > 100;
            json!(i32::from(!read))
        }
        "body" | "body.strip()" => json!(world.texts[0].trim()),
        "diffstat" => return diffstat(world.mail(target), assert.value.as_str().unwrap()),
        // The parts of a pull request are patches to Patchew.
        "is_patch" => {
            let mail = world.mail(target);
            json!(
                mail.kind() == Kind::Patch || (mail.kind() == Kind::Pull && mail.diff().is_some())
            )
        }
        "obsoleted_by" => {
            // Patchew names the newest version, we the next.
            let newest = world.versions(target).pop().and_then(|series| series.id);
            let id = newest.map(|id| id.to_string());
            json!(id.filter(|id| Some(id.as_str()) != target))
        }
        "same_topic" => return topic(world, &assert.value),
        "different_topic" => {
            let ids = assert.value.as_array().unwrap();
            let one = ids_of(&world.versions(ids[0].as_str()));
            return verdict(!one.contains(&ids[1].as_str().unwrap().to_owned()), || json!(one));
        }
        "versions" => {
            let found = world.versions(None);
            let majors: Vec<u32> = found.iter().map(|series| series.version.major).collect();
            if json!(majors) != assert.value && order_of_time(world) {
                return Verdict::Differs("ADR 0004");
            }
            json!(majors)
        }
        "n_direct_replies_including_patches" => {
            let mails = world.keys.iter().map(|key| world.assembler.mail(*key).unwrap());
            let parents = mails.filter_map(|mail| mail.header.in_reply_to.as_ref());
            json!(parents.filter(|id| Some(id.as_str()) == target).count())
        }
        "every_patch.tags" | "every_reply.tags" => {
            let tags: Vec<String> = lower_tags(world);
            json!(tags)
        }
        _ => match of_series(world, field, target) {
            Some(value) => value,
            None => of_mail(world.mail(target), field),
        },
    };
    let holds = match assert.op.as_str() {
        "contains" => contains(&ours, &assert.value),
        _ => ours == assert.value,
    };
    verdict(holds, || ours)
}

fn verdict(holds: bool, ours: impl FnOnce() -> Value) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Fails(ours().to_string()) }
}

fn contains(ours: &Value, wanted: &Value) -> bool {
    match ours {
        Value::Array(values) => values.contains(wanted),
        Value::String(text) => text.contains(wanted.as_str().unwrap()),
        _ => false,
    }
}

/// A field of a mail.
fn of_mail(mail: &Mail, field: &str) -> Value {
    let header = &mail.header;
    let title = |title: &str| json!(title);
    match field {
        "message_id" => json!(header.message_id.as_ref().map(|id| id.as_str())),
        "in_reply_to" => json!(header.in_reply_to.as_ref().map_or("", |id| id.as_str())),
        "date_utc" => {
            let time = header.date.unwrap().timestamp;
            json!(time.strftime("%Y-%m-%dT%H:%M:%S").to_string())
        }
        "subject" | "search_result_subject" => title(header.subject.as_deref().unwrap()),
        "stripped_subject" => title(&header.title),
        "sender" => mailbox(header.from.as_ref().unwrap()),
        "from.address" => json!(header.from.as_ref().unwrap().address.as_ref().unwrap().as_str()),
        "recipients" => json!(header.to.iter().chain(&header.cc).map(mailbox).collect::<Vec<_>>()),
        "cc[1]" => {
            let mailbox = &header.cc[1];
            json!([mailbox.name, mailbox.address.as_ref().unwrap().as_str()])
        }
        "reviewers[0]" => {
            let patch = mail.patch().unwrap();
            let review = patch.trailers.iter().find(|t| t.is("Reviewed-by")).unwrap();
            mailbox(&Mailbox::parse(&review.value).unwrap())
        }
        other => panic!("no such field: {other}"),
    }
}

/// A field of the series that a mail leads; `None` where the field is a mail's.
fn of_series(world: &mut World, field: &str, target: Option<&str>) -> Option<Value> {
    let key = world.key(target);
    let field = field.strip_prefix("series[0].").unwrap_or(field);
    let series = world.series(target);
    let series = series.as_ref();
    Some(match field {
        "is_series_head" => json!(world.assembler.lead_of(key) == Some(key)),
        "is_complete" => json!(series?.complete()),
        "total_patches" => json!(series?.total),
        "n_replies" => json!(series?.comments.len()),
        "n_patches" => json!(series?.patches.len()),
        "version" => json!(series?.version.major),
        "based_on" => json!(series?.based_on.first().map(|id| id.as_str())),
        "patches[0].subject" => json!(series?.patches[0].mail.header.subject),
        "message.tags" | "series.tags" => json!(tags(series?)),
        "replies" => json!(series?.comments.iter().map(|c| reply(&c.mail)).collect::<Vec<_>>()),
        "patches" => json!(series?.patches.iter().map(|p| part(&p.mail)).collect::<Vec<_>>()),
        _ => return None,
    })
}

fn reply(mail: &Mail) -> Value {
    json!({
        "message_id": of_mail(mail, "message_id"),
        "in_reply_to": of_mail(mail, "in_reply_to"),
        "subject": of_mail(mail, "subject"),
    })
}

fn part(mail: &Mail) -> Value {
    json!({
        "message_id": of_mail(mail, "message_id"),
        "subject": of_mail(mail, "subject"),
        "stripped_subject": of_mail(mail, "stripped_subject"),
    })
}

fn mailbox(mailbox: &Mailbox) -> Value {
    let address = mailbox.address.as_ref().unwrap().as_str();
    match &mailbox.name {
        Some(name) => json!({"name": name, "address": address}),
        None => json!({"address": address}),
    }
}

/// The trailers that Patchew calls tags: a person's word on a patch, never `Signed-off-by`.
fn is_tag(key: &str) -> bool {
    ["Reviewed-by", "Tested-by", "Acked-by", "Reported-by"]
        .iter()
        .any(|tag| tag.eq_ignore_ascii_case(key))
}

/// Tags in a series' lead and in the answers to it.
fn tags(series: &Series) -> Vec<String> {
    let own = series.patches.first().filter(|_| series.cover.is_none());
    let own = own.and_then(|part| part.mail.patch()).into_iter().flat_map(|p| &p.trailers);
    let given = series.comments.iter().filter(|part| part.mail.header.in_reply_to == series.id);
    let given = given.filter_map(|part| part.mail.comment()).flat_map(|c| &c.trailers);
    let all = own.chain(given).filter(|t| is_tag(&t.key));
    all.map(|t| format!("{}: {}", t.key, t.value)).collect()
}

/// Tags in answers to anything but the lead.
fn lower_tags(world: &mut World) -> Vec<String> {
    let lead = world.assembler.leads()[0];
    let series = world.assembler.series_of(lead).unwrap();
    let given = series.comments.iter().filter(|part| part.mail.header.in_reply_to != series.id);
    let given = given.filter_map(|part| part.mail.comment()).flat_map(|c| &c.trailers);
    given.map(|t| t.key.clone()).filter(|key| is_tag(key)).collect()
}

fn ids_of(versions: &[Series]) -> Vec<String> {
    versions.iter().filter_map(|series| Some(series.id.as_ref()?.to_string())).collect()
}

fn topic(world: &mut World, wanted: &Value) -> Verdict {
    let wanted: Vec<&str> =
        wanted.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let found = ids_of(&world.versions(Some(wanted[0])));
    let holds = wanted.iter().all(|id| found.iter().any(|known| known == id));
    if !holds && order_of_time(world) {
        return Verdict::Differs("ADR 0004");
    }
    verdict(holds, || json!(found))
}

/// Whether a later version has an earlier date in these mails.
fn order_of_time(world: &World) -> bool {
    let mails = world.keys.iter().filter_map(|key| world.assembler.mail(*key));
    let mut ages: Vec<_> = mails
        .filter_map(|mail| Some((mail.header.tag.as_ref()?.version, mail.header.date?.timestamp)))
        .collect();
    ages.sort();
    ages.windows(2).any(|pair| pair[0].1 > pair[1].1)
}

/// Patchew tells the diffstat as text: one line a file, the sum, then modes and renames.
fn diffstat(mail: &Mail, wanted: &str) -> Verdict {
    let diff = mail.diff().unwrap();
    let mut ours: Vec<String> = diff
        .files
        .iter()
        .map(|file| {
            let count = if file.binary {
                "Bin".to_owned()
            } else {
                (file.added + file.removed).to_string()
            };
            format!("{} {count}", file.path)
        })
        .collect();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let (added, removed) = (diff.added as usize, diff.removed as usize);
    ours.push(format!(
        "{} file{} changed, {added} insertion{}(+), {removed} deletion{}(-)",
        diff.files.len(),
        plural(diff.files.len()),
        plural(added),
        plural(removed)
    ));
    for file in &diff.files {
        match file.status {
            FileStatus::Mode => ours.push(format!("mode {}", file.path)),
            FileStatus::Renamed => ours.push(format!("rename {}", file.path)),
            _ => {}
        }
    }
    let theirs: Vec<String> = wanted
        .lines()
        .map(|line| {
            if let Some((path, count)) = line.split_once(" | ") {
                let count = count.split_whitespace().next().unwrap();
                format!("{} {count}", renamed(path.trim()))
            } else if let Some((_, path)) = line.split_once(" => 100755 ") {
                format!("mode {path}")
            } else if let Some(rename) = line.strip_prefix("rename ") {
                format!("rename {}", renamed(rename.rsplit_once(" (").unwrap().0))
            } else {
                line.to_owned()
            }
        })
        .collect();
    ours.sort();
    let mut sorted = theirs;
    sorted.sort();
    let claim = mail.patch().and_then(|patch| patch.diffstat);
    let same_claim = claim.is_some_and(|claim| {
        (claim.files as usize, claim.added as usize, claim.removed as usize)
            == (diff.files.len(), added, removed)
    });
    verdict(ours == sorted && same_claim, || json!([ours, sorted, format!("{claim:?}")]))
}

/// `a/{b => c}/d` after the rename.
fn renamed(path: &str) -> String {
    let Some((start, rest)) = path.split_once('{') else { return path.to_owned() };
    let (inner, end) = rest.split_once('}').unwrap();
    format!("{start}{}{end}", inner.split_once(" => ").unwrap().1)
}
