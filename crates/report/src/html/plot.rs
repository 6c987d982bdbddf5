//! SVG by plotters, for a page that colours it itself.
//!
//! Each colour stands for a role: the page's style sheet gives it a colour of the reader's
//! scheme, a dash or a pattern. Without that sheet the plots are still readable on white.

use plotters::{
    backend::SVGBackend,
    chart::ChartBuilder,
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    element::{Circle, PathElement, Rectangle, Text, TriangleMarker},
    series::LineSeries,
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::safe;

/// Drawn at twice the size, so that whole coordinates are fine enough.
const WIDTH: u32 = 1120;
const HEIGHT: u32 = 540;
const FONT: f64 = 31.0;
/// How wide a character of that font is, on the safe side.
const CHARACTER: f64 = 15.0;

const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
/// First, second and third role; see `style.css`.
pub(super) const FIRST: RGBColor = RGBColor(0x00, 0x72, 0xB2);
pub(super) const SECOND: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
pub(super) const THIRD: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const MARK: RGBColor = RGBColor(0x99, 0x99, 0x99);

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A drawing with what a screen reader says of it; `None` where it cannot be drawn.
fn draw(
    (id, title, description): (&str, &str, &str),
    height: u32,
    fill: impl FnOnce(&Area<'_>) -> Drawn,
) -> Option<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        fill(&root).ok()?;
        root.present().ok()?;
    }
    let (_, inside) = svg.split_once(">\n")?;
    let [title, description] = [title, description].map(|text| escaped(&safe(text).to_string()));
    Some(format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{title}</title>\
         <desc id=\"{id}-d\">{description}</desc>\n{inside}"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn text_style(horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    FontDesc::new(FontFamily::SansSerif, FONT, FontStyle::Normal)
        .color(&INK)
        .pos(Pos::new(horizontal, vertical))
}

/// A round number at or above the highest, and into how many steps it divides.
fn scale(highest: f64) -> (f64, usize) {
    let rough = highest.max(f64::MIN_POSITIVE) / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(power);
    let steps = (highest / step).ceil().max(1.0);
    (step * steps, steps as usize)
}

/// Whole numbers need whole steps.
fn whole_scale(highest: usize) -> (f64, usize) {
    let highest = highest.max(1);
    if highest < 5 { (highest as f64, highest) } else { scale(highest as f64) }
}

/// Bars of counts, one on another, over named bins.
pub(super) fn stacked(
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
pub(super) fn shares(
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

fn stroke(colour: RGBColor, width: u32) -> ShapeStyle {
    ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: width }
}

/// Grid lines with their values, and as many names of bins as fit.
fn ticks(
    root: &Area<'_>,
    (top, steps): (f64, usize),
    place: impl Fn((f64, f64)) -> (i32, i32),
    bins: &[String],
    label: &dyn Fn(f64) -> String,
) -> Drawn {
    for step in 0..=steps {
        let value = top * step as f64 / steps as f64;
        let (left, y) = place((0.0, value));
        let (right, _) = place((bins.len() as f64, value));
        let style = if step == 0 { stroke(INK, 2) } else { stroke(GRID, 2) };
        root.draw(&PathElement::new([(left, y), (right, y)], style))?;
        let right_aligned = text_style(HPos::Right, VPos::Center);
        root.draw(&Text::new(label(value), (left - 12, y), right_aligned))?;
    }
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

/// One bar of counts.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: usize,
    /// What stands behind it.
    pub(super) text: String,
    pub(super) colour: RGBColor,
}

/// Bars from left to right, a name before and a number behind each.
pub(super) fn bars(named: (&str, &str, &str), bars: &[Bar]) -> Option<String> {
    const LINE: i32 = 46;
    let highest = bars.iter().map(|bar| bar.value).max()?.max(1);
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0) as f64;
    let cut = |label: &str| crate::width::cut(&crate::width::one_line(label), 34);
    let left =
        longest(&mut bars.iter().map(|bar| cut(&bar.label).chars().count())) * CHARACTER + 24.0;
    let right = longest(&mut bars.iter().map(|bar| bar.text.chars().count())) * CHARACTER + 24.0;
    let wide = (f64::from(WIDTH) - left - right).max(200.0);
    let height = u32::try_from(bars.len()).ok()?.checked_mul(46)? + 16;
    draw(named, height, |root| {
        let left = left as i32;
        for (bar, row) in bars.iter().zip(0_i32..) {
            let top = 8 + row * LINE;
            let middle = top + LINE / 2;
            let name = Text::new(
                cut(&bar.label),
                (left - 14, middle),
                text_style(HPos::Right, VPos::Center),
            );
            root.draw(&name)?;
            let end = left + (wide * bar.value as f64 / highest as f64).round() as i32;
            if bar.value > 0 {
                let corners = [(left, top + 8), (end.max(left + 3), top + LINE - 8)];
                root.draw(&Rectangle::new(corners, bar.colour.filled()))?;
            }
            let behind = text_style(HPos::Left, VPos::Center);
            root.draw(&Text::new(bar.text.clone(), (end + 14, middle), behind))?;
        }
        root.draw(&PathElement::new(
            [(left, 4), (left, i32::try_from(height).unwrap_or(0) - 4)],
            stroke(INK, 2),
        ))
    })
}

/// Rising counts over limits from 0 on, with some limits marked.
pub(super) fn curves(
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
        for step in 0..=steps {
            let value = top * step as f64 / steps as f64;
            let (from, to) = (place((0.0, value)), place((last as f64, value)));
            let style = if step == 0 { stroke(INK, 2) } else { stroke(GRID, 2) };
            root.draw(&PathElement::new([from, to], style))?;
            let label = text_style(HPos::Right, VPos::Center);
            root.draw(&Text::new(format!("{value:.0}"), (from.0 - 12, from.1), label))?;
        }
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
