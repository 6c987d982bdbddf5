//! Counts and shares over time.

use plotters::{
    chart::ChartBuilder,
    element::{Circle, Rectangle, Text},
    series::LineSeries,
    style::{
        Color, RGBColor,
        text_anchor::{HPos, VPos},
    },
};

use super::{
    Area, CHARACTER, Drawn, FIRST, HEIGHT, WIDTH, draw, grid, scale, stroke, text_style,
    whole_scale,
};

/// Bars of counts, one on another, over named bins.
pub(crate) fn stacked(
    named: (&str, &str, &str),
    bins: &[String],
    layers: &[(RGBColor, Vec<usize>)],
) -> Option<String> {
    let sum = |at: usize| layers.iter().filter_map(|(_, counts)| counts.get(at)).sum::<usize>();
    let highest = (0..bins.len()).map(sum).max()?;
    let (top, steps) = whole_scale(highest);
    draw(named, HEIGHT, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(14)
            .y_label_area_size(90)
            .x_label_area_size(56)
            .build_cartesian_2d(0.0..bins.len() as f64, 0.0..top)?;
        let plane = chart.plotting_area().clone();
        ticks(root, (top, steps), |at| plane.map_coordinate(&at), bins, &|v| format!("{v:.0}"))?;
        let gap = if bins.len() > 60 { 0.05 } else { 0.15 };
        for at in 0..bins.len() {
            let mut below = 0.0;
            for (colour, counts) in layers {
                let count = counts.get(at).copied().unwrap_or(0) as f64;
                if count > 0.0 {
                    let corners =
                        [(at as f64 + gap, below + count), (at as f64 + 1.0 - gap, below)];
                    chart.draw_series([Rectangle::new(corners, colour.filled())])?;
                }
                below += count;
            }
        }
        Ok(())
    })
}

/// A line of shares in percent over named bins; a bin without a share has a gap.
pub(crate) fn shares(
    named: (&str, &str, &str),
    bins: &[String],
    shares: &[Option<f64>],
) -> Option<String> {
    let highest = shares.iter().flatten().copied().fold(0.0, f64::max);
    let (top, steps) = if highest > 0.0 { scale(highest) } else { (1.0, 1) };
    draw(named, HEIGHT, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(14)
            .y_label_area_size(90)
            .x_label_area_size(56)
            .build_cartesian_2d(0.0..bins.len() as f64, 0.0..top)?;
        let plane = chart.plotting_area().clone();
        let label = |v: f64| if top < 4.0 { format!("{v:.1} %") } else { format!("{v:.0} %") };
        ticks(root, (top, steps), |at| plane.map_coordinate(&at), bins, &label)?;
        let points: Vec<Option<(f64, f64)>> = shares
            .iter()
            .enumerate()
            .map(|(at, share)| share.map(|share| (at as f64 + 0.5, share)))
            .collect();
        for run in points.split(Option::is_none) {
            let run = run.iter().flatten().copied();
            chart.draw_series(LineSeries::new(run, stroke(FIRST, 5)))?;
        }
        let radius = if bins.len() > 80 { 4 } else { 8 };
        let dots = points.iter().flatten().map(|at| Circle::new(*at, radius, FIRST.filled()));
        chart.draw_series(dots)?;
        Ok(())
    })
}

/// Grid lines with their values, and as many names of bins as fit.
fn ticks(
    root: &Area<'_>,
    scale: (f64, usize),
    place: impl Fn((f64, f64)) -> (i32, i32),
    bins: &[String],
    label: &dyn Fn(f64) -> String,
) -> Drawn {
    grid(root, scale, bins.len() as f64, &place, label)?;
    let longest = bins.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64;
    let ((left, _), (right, _)) = (place((0.0, 0.0)), place((bins.len() as f64, 0.0)));
    let width = f64::from(right - left) / bins.len().max(1) as f64;
    let every = ((longest * CHARACTER + 24.0) / width).ceil().max(1.0) as usize;
    for (at, name) in bins.iter().enumerate().step_by(every) {
        let (x, y) = place((at as f64 + 0.5, 0.0));
        let half = (longest * CHARACTER / 2.0) as i32;
        let x = x.clamp(half.min(left + half / 2), (WIDTH as i32 - half).max(half));
        root.draw(&Text::new(name.clone(), (x, y + 12), text_style(HPos::Center, VPos::Top)))?;
    }
    Ok(())
}
