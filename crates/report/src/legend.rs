//! Legends: above the axes, in lines, where they hide nothing.

use equipoise_study::studies::{Layer, Panel, Style, Tone};

/// What a legend shows beside a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name.
    pub name: &'a str,
    /// How the sample is drawn; `None` for a bar.
    pub style: Option<Style>,
    /// Its colour.
    pub tone: Tone,
}

/// Width of the sample beside a name, with the gap behind it, in points.
pub const SAMPLE: f64 = 26.0;
/// The gap behind an entry.
const GAP: f64 = 14.0;

/// The entries of a panel in lines no wider than `width`.
pub fn lines<'a>(panel: &'a Panel, width: f64, font_size: f64) -> Vec<Vec<(f64, Entry<'a>)>> {
    let mut lines: Vec<Vec<(f64, Entry<'a>)>> = Vec::new();
    let mut used = f64::INFINITY;
    for entry in panel.layers.iter().filter_map(entry) {
        let wide = SAMPLE + text_width(entry.name, font_size);
        if used + wide > width {
            lines.push(Vec::new());
            used = 0.0;
        }
        if let Some(line) = lines.last_mut() {
            line.push((used, entry));
        }
        used += wide + GAP;
    }
    lines
}

fn entry(layer: &Layer) -> Option<Entry<'_>> {
    let entry = match layer {
        Layer::Series(series) => Entry { name: &series.name, style: Some(series.style), tone: series.tone },
        Layer::Vertical(_, name, tone) | Layer::Horizontal(_, name, tone) => {
            Entry { name, style: Some(Style::Line), tone: *tone }
        }
        Layer::Spans(spans) => Entry { name: &spans.name, style: None, tone: spans.tone },
        Layer::Heat(_) => return None,
    };
    (!entry.name.is_empty()).then_some(entry)
}

/// The width of `text` in a usual sans-serif font, rather too wide than too narrow.
pub fn text_width(text: &str, font_size: f64) -> f64 {
    0.58 * font_size * text.chars().count() as f64
}
