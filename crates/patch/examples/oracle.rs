//! scratch
#![allow(
    missing_docs,
    clippy::all,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
use std::collections::BTreeMap;
use tidewaiter_patch::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mbox = std::fs::read(&a[1]).unwrap();
    let show: usize = a.get(3).map_or(5, |s| s.parse().unwrap());
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&a[2]).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        if row["apply"] != true {
            continue;
        }
        let start = row["start"].as_u64().unwrap() as usize;
        let raw = &mbox[start..start + row["bytes"].as_u64().unwrap() as usize];
        let mail = Mail::parse(raw);
        *kinds
            .entry(format!("{:?}{}", mail.kind(), if row["re"] == true { " re" } else { "" }))
            .or_default() += 1;
        let mut tally = |what: &'static str, ok: bool, left: String, right: String| {
            let c = counts.entry(what).or_default();
            c.1 += 1;
            if ok {
                c.0 += 1
            } else {
                let n = shown.entry(what).or_default();
                *n += 1;
                if *n <= show {
                    println!(
                        "== {what} #{} {} {}\n ours: {left}\n git:  {right}",
                        row["index"], row["message_id"], row["subject"]
                    );
                }
            }
        };
        let d = mail.diff();
        let mut git: Vec<(String, u64, u64)> = vec![];
        for f in row["files"].as_array().unwrap() {
            let p = f["path"].as_str().unwrap().to_owned();
            git.push((p, f["added"].as_u64().unwrap_or(0), f["removed"].as_u64().unwrap_or(0)));
        }
        git.sort();
        let mut ours: Vec<(String, u64, u64)> = d
            .map(|d| {
                d.files.iter().map(|f| (f.path.clone(), f.added as u64, f.removed as u64)).collect()
            })
            .unwrap_or_default();
        ours.sort();
        tally("diff", git == ours, format!("{ours:?} {:?}", mail.header.notes), format!("{git:?}"));
        if row["re"] == true {
            continue;
        }
        tally(
            "kind",
            matches!(mail.kind(), Kind::Patch | Kind::Pull),
            format!("{:?}", mail.kind()),
            String::new(),
        );
        let (author, message, trailers) = match &mail.content {
            Content::Patch(p) => (p.author.clone(), p.message.clone(), p.trailers.clone()),
            _ => continue,
        };
        let author = author.unwrap_or_default();
        let ours = format!(
            "{} <{}>",
            author.name.unwrap_or_default(),
            author.address.map(|a| a.to_string()).unwrap_or_default()
        );
        let git =
            format!("{} <{}>", row["author"].as_str().unwrap(), row["email"].as_str().unwrap());
        tally("author", ours == git, ours.clone(), git.clone());
        let gm = row["message"].as_str().unwrap_or("").trim_end();
        tally("message", gm == message.trim_end(), message.clone(), gm.to_owned());
        let t: Vec<(String, String)> =
            trailers.iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        let g: Vec<(String, String)> = row["trailers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| (t[0].as_str().unwrap().to_owned(), t[1].as_str().unwrap().to_owned()))
            .collect();
        tally("trailers", t == g, format!("{t:?}"), format!("{g:?}"));
    }
    println!("{kinds:?}");
    for (k, (ok, n)) in counts {
        println!("{k}: {ok}/{n} = {:.3} %", 100.0 * ok as f64 / n as f64);
    }
}
