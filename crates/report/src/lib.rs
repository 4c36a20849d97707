//! Pictures of results, as SVG.
//!
//! A study says what is to be seen ([`Figure`]); this crate decides how it looks: sizes, fonts, colours, ticks, and where
//! legends stand, so that all figures look alike and no text lies on another.

mod colours;
mod legend;
mod page;
mod panel;
mod scale;
mod ticks;

use equipoise_study::studies::Figure;

/// A figure that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("drawing the figure: {0}")]
pub struct DrawError(String);

/// Draws `figure`. The same figure gives the same text.
///
/// # Errors
/// If the plotting library refuses.
pub fn svg(figure: &Figure) -> Result<String, DrawError> {
    page::draw(figure)
}
