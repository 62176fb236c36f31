//! Servers that go while everybody works, and clocks that disagree: nothing is lost, nothing is doubled, and it passes.

mod clocks;
mod primary;
mod redis;
