//! What the page counts, as figures.

mod limit;
mod stated;
mod time;
mod touched;

use std::collections::BTreeMap;

use tidewaiter_policy::Policy;

pub(super) use self::{
    limit::limit,
    stated::{forms, rules, uses},
    time::{declared_share, outcomes},
    touched::{categories, sizes, subsystems},
};
use crate::summary::word;

/// How many subsystems, tags and rules have a row of their own.
const NAMED: usize = 20;

/// A count for each name, the largest first, what is beyond [`NAMED`] together.
fn largest(counts: BTreeMap<String, (usize, usize)>) -> Vec<(String, (usize, usize))> {
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|(a, x), (b, y)| (y.0, y.1, a).cmp(&(x.0, x.1, b)));
    rows
}

/// How a policy counts lines, in words.
fn counting(policy: Option<&Policy>) -> String {
    let Some(policy) = policy else { return "as its policy counts them".to_owned() };
    let limits = &policy.limits;
    let what = match word(&limits.count).as_str() {
        "larger" => "the greater of added and removed",
        "added" => "added ones",
        _ => "added and removed together",
    };
    let left: Vec<&str> = limits.leave_out.iter().map(|category| category.name()).collect();
    let left =
        if left.is_empty() { String::new() } else { format!(", without {}", left.join(", ")) };
    let blank = if limits.blank_lines { "" } else { ", blank lines aside" };
    format!("as {} counts them: {what}{left}{blank}", policy.id)
}
