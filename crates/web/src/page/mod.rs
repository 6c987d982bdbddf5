//! `/`: the page that an operator looks at, what is wrong first.

mod attention;
mod rows;
mod verdict;
mod words;

use minijinja::{Environment, Value, context, value::Serde};

use crate::{
    Snapshot,
    when::{Moment, span},
};

/// The page of a snapshot.
pub(crate) fn page(
    templates: &Environment<'_>,
    snapshot: &Snapshot,
) -> Result<String, minijinja::Error> {
    let now = snapshot.now;
    let replies = &snapshot.replies;
    let queue = |shown: &[crate::Reply], state: &str| {
        let all = replies.by_state.get(state).copied().unwrap_or(0);
        context! {
            rows => Value::from(Serde(rows::replies(shown, now))),
            more => all.saturating_sub(shown.len() as u64),
        }
    };
    let verdict = verdict::verdict(snapshot);
    templates.get_template("page.html")?.render(context! {
        // A tab tells before it is looked at.
        title => if verdict.is_fault() { "tidewaiter: needs attention" } else { "tidewaiter" },
        version => &snapshot.version,
        now => Value::from(Serde(Moment::new(now, now))),
        started => Value::from(Serde(Moment::new(snapshot.started, now))),
        verdict => Value::from(Serde(verdict)),
        numbers => Value::from(Serde(verdict::numbers(snapshot))),
        attention => Value::from(Serde(attention::attention(snapshot))),
        watchers => Value::from(Serde(rows::watchers(snapshot))),
        lists => Value::from(Serde(rows::lists(snapshot))),
        states => Value::from(Serde(words::states(replies))),
        doubt => queue(&replies.doubt, "doubt"),
        held => queue(&replies.held, "held"),
        waiting => queue(&replies.waiting, "ready"),
        series => Value::from(Serde(rows::series(snapshot))),
        caps => Value::from(Serde(rows::caps(snapshot))),
        outcomes => Value::from(Serde(words::outcomes(snapshot))),
        errors => Value::from(Serde(words::words(&snapshot.counters.errors))),
        quarantined => snapshot.counters.quarantined,
        queue_age => snapshot.counters.queue_age_seconds.map(span),
    })
}

/// The page where there is no snapshot.
pub(crate) fn away(templates: &Environment<'_>, why: &str) -> Result<String, minijinja::Error> {
    templates
        .get_template("away.html")?
        .render(context! { title => "tidewaiter: no state", why => why })
}
