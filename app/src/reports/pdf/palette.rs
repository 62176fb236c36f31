//! The colours. Each text on its ground has a contrast of at least 4.5 to 1; nothing is told by colour alone.

use krilla::color::rgb::Color;

/// One colour.
#[derive(Debug, Clone, Copy)]
pub struct Ink(u8, u8, u8);

pub const TEXT: Ink = Ink(0x1d, 0x21, 0x27);
pub const QUIET: Ink = Ink(0x5c, 0x63, 0x6d);
pub const LINE: Ink = Ink(0xde, 0xdc, 0xd5);
pub const GROUND: Ink = Ink(0xf6, 0xf5, 0xf1);
pub const ACCENT: Ink = Ink(0x0b, 0x6e, 0x6e);
pub const ACCENT_PALE: Ink = Ink(0xd8, 0xeb, 0xe9);
/// Between the two, for the days before.
pub const ACCENT_MIDDLE: Ink = Ink(0x8f, 0xc4, 0xc0);
pub const GOOD: Ink = Ink(0x1a, 0x74, 0x46);
pub const BAD: Ink = Ink(0xb3, 0x26, 0x1e);

impl Ink {
    pub fn colour(self) -> Color {
        Color::new(self.0, self.1, self.2)
    }
}
