//! What is drawn with: text, boxes, lines. Places are points from the upper left corner; a text's place is its baseline.

use krilla::geom::{PathBuilder, Point};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;

use super::palette::Ink;
use super::typeface::{Typefaces, Weight};

/// Of a circle's quarter as a curve.
const ROUND: f32 = 0.552;

/// Which point of a text its place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
    pub align: Align,
}

impl Style {
    pub const fn new(size: f32, weight: Weight, ink: Ink) -> Self {
        Self {
            size,
            weight,
            ink,
            align: Align::Left,
        }
    }

    pub const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

/// A place and a size.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    pub fn right(self) -> f32 {
        self.x + self.width
    }

    pub fn bottom(self) -> f32 {
        self.y + self.height
    }

    /// Smaller by so much on each side.
    pub fn within(self, margin: f32) -> Self {
        let (width, height) = (self.width - 2.0 * margin, self.height - 2.0 * margin);
        Self::new(self.x + margin, self.y + margin, width, height)
    }
}

pub struct Canvas<'a, 'b> {
    surface: &'a mut Surface<'b>,
    typefaces: &'a Typefaces,
}

impl<'a, 'b> Canvas<'a, 'b> {
    pub fn new(surface: &'a mut Surface<'b>, typefaces: &'a Typefaces) -> Self {
        Self { surface, typefaces }
    }

    pub fn width(&self, style: Style, text: &str) -> f32 {
        self.typefaces.shape(style.weight, text).width * style.size
    }

    pub fn text(&mut self, (x, y): (f32, f32), style: Style, text: &str) {
        let shaped = self.typefaces.shape(style.weight, text);
        let width = shaped.width * style.size;
        let x = match style.align {
            Align::Left => x,
            Align::Centre => x - width / 2.0,
            Align::Right => x - width,
        };
        self.fill_with(style.ink);
        let place = Point::from_xy(x, y);
        self.surface
            .draw_glyphs(place, &shaped.glyphs, shaped.font, text, style.size, false);
    }

    /// Cut off with an ellipsis where it is wider than `most`.
    pub fn text_within(&mut self, place: (f32, f32), most: f32, style: Style, text: &str) {
        if self.width(style, text) <= most {
            return self.text(place, style, text);
        }
        let letters: Vec<char> = text.chars().collect();
        let cut = |length: usize| {
            let kept: String = letters[..length].iter().collect();
            format!("{}…", kept.trim_end())
        };
        // The longest that fits lies between; what fits is halved until it is found.
        let (mut fits, mut too_long) = (0, letters.len());
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            match self.width(style, &cut(middle)) <= most {
                true => fits = middle,
                false => too_long = middle,
            }
        }
        self.text(place, style, &cut(fits));
    }

    /// Broken into lines of at most `most`; gives back the baseline after the last.
    pub fn paragraph(&mut self, (x, y): (f32, f32), most: f32, style: Style, text: &str) -> f32 {
        let (mut y, mut line) = (y, String::new());
        for word in text.split_whitespace() {
            let longer = match line.is_empty() {
                true => word.to_owned(),
                false => format!("{line} {word}"),
            };
            if self.width(style, &longer) > most && !line.is_empty() {
                self.text_within((x, y), most, style, &line);
                y += style.size * 1.5;
                line = word.to_owned();
            } else {
                line = longer;
            }
        }
        self.text_within((x, y), most, style, &line);
        y + style.size * 1.5
    }

    /// A box with corners of this radius.
    pub fn rectangle(&mut self, area: Area, radius: f32, ink: Ink) {
        let (x, y, right, bottom) = (area.x, area.y, area.right(), area.bottom());
        let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
        let bend = radius * (1.0 - ROUND);
        let mut path = PathBuilder::new();
        path.move_to(x + radius, y);
        path.line_to(right - radius, y);
        path.cubic_to(right - bend, y, right, y + bend, right, y + radius);
        path.line_to(right, bottom - radius);
        path.cubic_to(
            right,
            bottom - bend,
            right - bend,
            bottom,
            right - radius,
            bottom,
        );
        path.line_to(x + radius, bottom);
        path.cubic_to(x + bend, bottom, x, bottom - bend, x, bottom - radius);
        path.line_to(x, y + radius);
        path.cubic_to(x, y + bend, x + bend, y, x + radius, y);
        path.close();
        self.fill_with(ink);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    /// Through the points, so wide.
    pub fn line(&mut self, points: &[(f32, f32)], width: f32, ink: Ink) {
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: ink.colour().into(),
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        }));
        self.path(points, false);
        self.surface.set_stroke(None);
    }

    /// The area that the points enclose.
    pub fn polygon(&mut self, points: &[(f32, f32)], ink: Ink) {
        self.fill_with(ink);
        self.path(points, true);
    }

    fn path(&mut self, points: &[(f32, f32)], closed: bool) {
        let mut path = PathBuilder::new();
        for (number, (x, y)) in points.iter().enumerate() {
            match number {
                0 => path.move_to(*x, *y),
                _ => path.line_to(*x, *y),
            }
        }
        if closed {
            path.close();
        }
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn fill_with(&mut self, ink: Ink) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill {
            paint: ink.colour().into(),
            opacity: NormalizedF32::ONE,
            rule: krilla::paint::FillRule::default(),
        }));
    }
}
