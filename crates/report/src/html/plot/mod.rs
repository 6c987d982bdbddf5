//! SVG by plotters, for a page that colours it itself.
//!
//! Each colour stands for a role: the page's style sheet gives it a colour of the reader's
//! scheme, a dash or a pattern. Without that sheet the plots are still readable on white.

mod bars;
mod curves;
mod time;

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    element::{PathElement, Text},
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

pub(super) use self::{
    bars::{Bar, bars},
    curves::curves,
    time::{shares, stacked},
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

fn stroke(colour: RGBColor, width: u32) -> ShapeStyle {
    ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: width }
}

/// Lines across at round values, each with its value before it.
fn grid(
    root: &Area<'_>,
    (top, steps): (f64, usize),
    right: f64,
    place: impl Fn((f64, f64)) -> (i32, i32),
    label: &dyn Fn(f64) -> String,
) -> Drawn {
    for step in 0..=steps {
        let value = top * step as f64 / steps as f64;
        let (from, to) = (place((0.0, value)), place((right, value)));
        let style = if step == 0 { stroke(INK, 2) } else { stroke(GRID, 2) };
        root.draw(&PathElement::new([from, to], style))?;
        let name = text_style(HPos::Right, VPos::Center);
        root.draw(&Text::new(label(value), (from.0 - 12, from.1), name))?;
    }
    Ok(())
}
