//! Rising curves.

use plotters::{
    chart::ChartBuilder,
    element::{Circle, PathElement, Text, TriangleMarker},
    series::LineSeries,
    style::{
        Color, RGBColor,
        text_anchor::{HPos, VPos},
    },
};

use super::{CHARACTER, FIRST, HEIGHT, MARK, draw, grid, stroke, text_style, whole_scale};

/// Rising counts over limits from 0 on, with some limits marked.
pub(crate) fn curves(
    named: (&str, &str, &str),
    lines: &[(RGBColor, &[usize])],
    marks: &[(usize, String)],
) -> Option<String> {
    let last = lines.iter().map(|(_, counts)| counts.len()).max()?.saturating_sub(1).max(1);
    let highest = lines.iter().flat_map(|(_, counts)| counts.iter().copied()).max()?;
    let (top, steps) = whole_scale(highest);
    draw(named, HEIGHT + 40, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(14)
            .margin_right(40)
            .margin_top(60)
            .y_label_area_size(90)
            .x_label_area_size(60)
            .build_cartesian_2d(0.0..last as f64, 0.0..top)?;
        let plane = chart.plotting_area().clone();
        let place = |at: (f64, f64)| plane.map_coordinate(&at);
        grid(root, (top, steps), last as f64, place, &|value| format!("{value:.0}"))?;
        for limit in (0..=last).step_by(50.min(last)) {
            let (x, y) = place((limit as f64, 0.0));
            let label = text_style(HPos::Center, VPos::Top);
            root.draw(&Text::new(limit.to_string(), (x, y + 12), label))?;
        }
        let mut free = 0;
        for (limit, label) in marks.iter().filter(|(limit, _)| *limit <= last) {
            let (low, high) = (place((*limit as f64, 0.0)), place((*limit as f64, top)));
            root.draw(&PathElement::new([low, high], stroke(MARK, 3)))?;
            let left = (high.0 - 8).max(free);
            free = left + (label.chars().count() as f64 * CHARACTER) as i32 + 16;
            let style = text_style(HPos::Left, VPos::Bottom);
            root.draw(&Text::new(label.clone(), (left, high.1 - 10), style))?;
        }
        for (colour, counts) in lines {
            let mut points: Vec<(f64, f64)> = Vec::new();
            for (limit, count) in counts.iter().enumerate() {
                // It rises in steps: nothing lies between two limits.
                if let Some((_, before)) = points.last().copied() {
                    points.push((limit as f64, before));
                }
                points.push((limit as f64, *count as f64));
            }
            chart.draw_series(LineSeries::new(points.iter().copied(), stroke(*colour, 5)))?;
            let marked =
                marks.iter().filter_map(|(at, _)| Some((*at as f64, *counts.get(*at)? as f64)));
            if *colour == FIRST {
                chart.draw_series(marked.map(|at| Circle::new(at, 9, colour.filled())))?;
            } else {
                chart.draw_series(marked.map(|at| TriangleMarker::new(at, 11, colour.filled())))?;
            }
        }
        Ok(())
    })
}
