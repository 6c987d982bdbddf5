//! Bars from left to right.

use plotters::{
    element::{PathElement, Rectangle, Text},
    style::{
        Color, RGBColor,
        text_anchor::{HPos, VPos},
    },
};

use super::{CHARACTER, INK, WIDTH, draw, stroke, text_style};

/// One bar of counts.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: usize,
    /// What stands behind it.
    pub(crate) text: String,
    pub(crate) colour: RGBColor,
}

/// Bars from left to right, a name before and a number behind each.
pub(crate) fn bars(named: (&str, &str, &str), bars: &[Bar]) -> Option<String> {
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
