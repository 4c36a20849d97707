//! From an axis as a study declares it to positions: logarithms are taken here, so that drawing knows straight lines only.

use crate::ticks;
use equipoise_study::studies::{Axis, Layer, Panel};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use std::ops::Range;

/// An axis with its ends and ticks in drawing coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Position of the first end.
    pub low: f64,
    /// Position of the last end.
    pub high: f64,
    /// Positions of the ticks.
    pub ticks: Vec<f64>,
    /// What stands along the axis, its unit in brackets.
    pub label: String,
    log: bool,
    /// Names of the rows of an axis that has them; row `i` lies at -i.
    rows: Vec<String>,
}

/// Ticks that suit a panel.
const WANTED_TICKS: usize = 8;
/// Share of the range that is left empty at either end.
const MARGIN: f64 = 0.04;

impl Scale {
    /// The horizontal axis of `panel`.
    pub fn horizontal(panel: &Panel) -> Self {
        let of_layer = |layer: &Layer| match layer {
            Layer::Series(series) => series.points.iter().map(|point| point.0).collect(),
            Layer::Heat(heat) => heat.x_edges.clone(),
            Layer::Vertical(x, ..) => vec![*x],
            Layer::Horizontal(..) => Vec::new(),
            Layer::Spans(spans) => spans.bars.iter().flat_map(|bar| [bar.from, bar.to]).collect(),
        };
        Self::new(&panel.x, panel.layers.iter().flat_map(of_layer))
    }

    /// The vertical axis of `panel`.
    pub fn vertical(panel: &Panel) -> Self {
        let of_layer = |layer: &Layer| match layer {
            Layer::Series(series) => series.points.iter().map(|point| point.1).collect(),
            Layer::Heat(heat) => heat.y_edges.clone(),
            Layer::Horizontal(y, ..) => vec![*y],
            Layer::Vertical(..) => Vec::new(),
            Layer::Spans(spans) => spans.bars.iter().map(|bar| bar.row).collect(),
        };
        if !panel.y.rows.is_empty() {
            return Self::of_rows(&panel.y);
        }
        Self::new(&panel.y, panel.layers.iter().flat_map(of_layer))
    }

    /// An axis over `values`, or from end to end where it says so.
    pub fn new(axis: &Axis, values: impl Iterator<Item = f64>) -> Self {
        let to_place = |value: f64| if axis.log { value.log10() } else { value };
        let (low, high) = match axis.range {
            Some((low, high)) => (to_place(low), to_place(high)),
            None => spanned(values.map(to_place)),
        };
        let ticks = if axis.log {
            ticks::logarithmic(low, high, WANTED_TICKS)
        } else {
            ticks::linear(low, high, WANTED_TICKS)
        };
        let label = match axis.unit {
            "" => axis.label.clone(),
            unit => format!("{} [{unit}]", axis.label),
        };
        Self { low, high, ticks, label, log: axis.log, rows: Vec::new() }
    }

    /// An axis of named rows, the first uppermost.
    fn of_rows(axis: &Axis) -> Self {
        let rows = axis.rows.clone();
        let (low, high) = (0.5 - rows.len() as f64, 0.5);
        let ticks = (0..rows.len()).map(|row| -(row as f64)).collect();
        Self { low, high, ticks, label: axis.label.clone(), log: false, rows }
    }

    /// Where `value` lies; `None` if not on the axis.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = match (self.log, self.rows.is_empty()) {
            (true, _) => value.log10(),
            (false, true) => value,
            (false, false) => -value,
        };
        let slack = 1e-9 * (self.high - self.low);
        (place >= self.low - slack && place <= self.high + slack).then_some(place)
    }

    /// What stands beside the tick at `place`.
    pub fn tick_label(&self, place: f64) -> String {
        if self.log {
            return ticks::logarithmic_label(place);
        }
        if !self.rows.is_empty() {
            return self.rows.get((-place).round() as usize).cloned().unwrap_or_default();
        }
        let step = self.ticks.get(1).map_or(1.0, |second| second - self.ticks[0]);
        ticks::label(place, step)
    }
}

/// What the plotting library has to know of an axis.
impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, pixels: (i32, i32)) -> i32 {
        let share = (place - self.low) / (self.high - self.low);
        pixels.0 + (share * f64::from(pixels.1 - pixels.0)).round() as i32
    }
    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }
    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// The ends of all finite `places` with a margin; never a point.
fn spanned(places: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = places.filter(|place| place.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)));
    if low > high {
        return (0.0, 1.0);
    }
    // What is flat but for rounding is shown as flat.
    let flat = 1e-9 * low.abs().max(high.abs()).max(1e-3);
    let margin = if high - low > flat { MARGIN * (high - low) } else { 0.5 * low.abs().max(1.0) };
    (low - margin, high + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_from_the_top_down_under_their_names() {
        let rows = Scale::of_rows(&Axis::of_rows(["LOAD", "FREE"].map(str::to_owned).to_vec()));
        assert_eq!((rows.low, rows.high), (-1.5, 0.5));
        assert_eq!((rows.place(0.0), rows.place(1.25), rows.place(2.0)), (Some(0.0), Some(-1.25), None));
        let names: Vec<String> = rows.ticks.iter().map(|&tick| rows.tick_label(tick)).collect();
        assert_eq!(names, ["LOAD", "FREE"]);
    }

    #[test]
    fn an_axis_holds_all_values_and_leaves_out_what_has_no_logarithm() {
        let axis = Scale::new(&Axis::new("x", "steps"), [1.0, f64::NAN, 3.0].into_iter());
        assert!(axis.low < 1.0 && axis.high > 3.0 && axis.place(f64::NAN).is_none());
        assert_eq!(axis.label, "x [steps]");
        let log = Scale::new(&Axis::new("x", "").logarithmic(), [0.0, 0.01, 100.0].into_iter());
        assert_eq!((log.place(0.0), log.place(1.0)), (None, Some(0.0)));
        let flat = Scale::new(&Axis::new("x", ""), [2.0, 2.0].into_iter());
        assert!(flat.low < 2.0 && flat.high > 2.0);
        assert_eq!(Scale::new(&Axis::default(), std::iter::empty()).ticks.len(), 6);
    }
}
