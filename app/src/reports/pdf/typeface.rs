//! The type: Inter, cut down to the letters that a report needs, under the SIL Open Font License (`fonts/OFL.txt`). Shapes text
//! with figures of equal width, so that columns of numbers stand in line.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::ttf_parser::Tag;
use rustybuzz::{Direction, Face, Feature, UnicodeBuffer};

const REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.otf");
const BOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.otf");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// One weight, for drawing and for shaping.
struct Typeface {
    font: Font,
    face: Face<'static>,
}

pub struct Typefaces {
    regular: Typeface,
    bold: Typeface,
}

/// Text as glyphs, and how wide it is at a size of one point.
pub struct Shaped {
    pub font: Font,
    pub glyphs: Vec<KrillaGlyph>,
    pub width: f32,
}

impl Typeface {
    fn load(data: &'static [u8]) -> Option<Self> {
        Some(Self {
            font: Font::new(data.into(), 0)?,
            face: Face::from_slice(data, 0)?,
        })
    }
}

impl Typefaces {
    pub fn load() -> Option<Self> {
        Some(Self {
            regular: Typeface::load(REGULAR)?,
            bold: Typeface::load(BOLD)?,
        })
    }

    pub fn shape(&self, weight: Weight, text: &str) -> Shaped {
        let typeface = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(Direction::LeftToRight);
        let figures = Feature::new(Tag::from_bytes(b"tnum"), 1, ..);
        let shaped = rustybuzz::shape(&typeface.face, &[figures], buffer);
        let em = typeface.font.units_per_em();
        #[expect(clippy::cast_precision_loss, reason = "units of a letter are small")]
        let of_em = |units: i32| units as f32 / em;
        // From the last to the first: a glyph's text ends where the next one's begins.
        let mut end = text.len();
        let (infos, places) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut glyphs = Vec::with_capacity(infos.len());
        for (info, place) in infos.iter().zip(places).rev() {
            let start = info.cluster as usize;
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                of_em(place.x_advance),
                of_em(place.x_offset),
                of_em(place.y_offset),
                of_em(place.y_advance),
                start..end,
                None,
            ));
            end = start;
        }
        glyphs.reverse();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Shaped {
            font: typeface.font.clone(),
            glyphs,
            width,
        }
    }
}
