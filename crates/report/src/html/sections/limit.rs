//! The limit for small fixes.

use tidewaiter_policy::Policy;

use super::{
    super::{
        chosen::Chosen,
        curve::{HIGHEST, curve},
        figure::{Figure, Key, Table, share},
        plot::{self, FIRST, SECOND},
    },
    counting,
};

/// What the curve's table shows; the file has every limit.
const SHOWN_LIMITS: [usize; 11] = [0, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200];

/// The limit for small fixes as a curve.
pub(crate) fn limit(series: &[Chosen<'_>], policy: &Policy, second: bool) -> Figure {
    let assessments = series.iter().filter_map(|one| {
        if second { one.judged.against.as_ref()?.assessment.as_ref() } else { Some(one.assessment) }
    });
    let of_policy = assessments.filter(|assessment| assessment.policy == policy.id);
    let curve = curve(policy, of_policy);
    let own = policy.limits.small_fix.and_then(|limit| usize::try_from(limit).ok());
    let mut marks: Vec<(usize, String)> = own
        .filter(|limit| *limit <= HIGHEST)
        .map(|limit| (limit, format!("{limit}, the policy's own")))
        .into_iter()
        .collect();
    for limit in [20, 50] {
        if own.is_none_or(|own| own.abs_diff(limit) > 5) {
            marks.push((limit, limit.to_string()));
        }
    }
    let title = "How many fit under another small-fix limit".to_owned();
    let says = "Two rising curves over limits from 0 to 200 lines: series within the limit, and \
                those of them that add no file or interface either. The numbers are in the table below.";
    let lines: [(_, &[usize]); 2] = [(FIRST, &curve.within), (SECOND, &curve.and_add_nothing)];
    let svg = (curve.declared > 0).then(|| plot::curves(("limit", &title, says), &lines, &marks));
    let rows =
        curve.within.iter().zip(&curve.and_add_nothing).enumerate().map(|(limit, (all, add))| {
            vec![limit.to_string(), all.to_string(), share(*all, curve.declared), add.to_string()]
        });
    let table = Table::new(
        "small-fix-limit",
        &["limit (lines)", "series within it", "share", "and add no file or interface"],
        rows.collect(),
    );
    let key = |class, text: &str| Key { class, text: text.to_owned() };
    Figure {
        id: "limit",
        lead: format!(
            "Of {} series that state a use which the policy does not exempt: in how many is \
             every such patch within the limit? Lines {}. What else the policy asks is left aside.",
            curve.declared,
            counting(Some(policy))
        ),
        legend: if svg.is_some() {
            vec![
                key("k1 line", "every declared patch within the limit"),
                key("k2 line", "and none adds a file or interface"),
            ]
        } else {
            Vec::new()
        },
        svg: svg.flatten(),
        note: own.is_none().then(|| format!("{} sets no limit of its own.", policy.id)),
        table: table.showing(|at| SHOWN_LIMITS.contains(&at)),
        title,
    }
}
