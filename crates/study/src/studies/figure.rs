//! A figure as a study declares it; the crate `report` draws it.

/// Panels side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// Heading of the whole.
    pub title: String,
    /// Panels in one row; further panels begin new rows.
    pub columns: usize,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
}

/// One pair of axes with what is drawn between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Heading, a few words.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, the lowest first.
    pub layers: Vec<Layer>,
}

/// An axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What it shows.
    pub label: String,
    /// Its unit; "" for pure numbers.
    pub unit: &'static str,
    /// Logarithmic: values of 0 and below are left out.
    pub log: bool,
    /// First and last value; `None` for all that is drawn, with a margin.
    pub range: Option<(f64, f64)>,
    /// Names of rows in place of numbers, the first uppermost: row `i` is centred at `i`. Only for vertical axes, and
    /// for panels whose layers are [`Layer::Spans`]; they are as high as their rows need, and as wide as the figure.
    pub rows: Vec<String>,
}

impl Axis {
    /// A linear axis over all that is drawn.
    pub fn new(label: impl Into<String>, unit: &'static str) -> Self {
        Self { label: label.into(), unit, ..Self::default() }
    }

    /// A vertical axis of rows with these names, the first uppermost.
    #[must_use]
    pub fn of_rows(rows: Vec<String>) -> Self {
        Self { rows, ..Self::default() }
    }

    /// The axis from `first` to `last`.
    #[must_use]
    pub fn from_to(self, first: f64, last: f64) -> Self {
        Self { range: Some((first, last)), ..self }
    }

    /// The axis with logarithmic steps.
    #[must_use]
    pub fn logarithmic(self) -> Self {
        Self { log: true, ..self }
    }
}

/// Something drawn in a panel.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// A curve or a set of points.
    Series(Series),
    /// Coloured cells with a scale beside the panel; one per panel.
    Heat(HeatMap),
    /// A vertical line from edge to edge at this x, with its name in the legend.
    Vertical(f64, String, Tone),
    /// A horizontal line from edge to edge at this y, with its name in the legend.
    Horizontal(f64, String, Tone),
    /// Stretches of time in rows, as in a Gantt picture.
    Spans(Spans),
}

/// Stretches of time of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Spans {
    /// Their name in the legend; "" for no entry.
    pub name: String,
    /// Their colour.
    pub tone: Tone,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its middle on an axis of rows: a whole number for the middle of that row.
    pub row: f64,
    /// Its height, as a share of a row's.
    pub height: f64,
    /// Where it begins on the horizontal axis.
    pub from: f64,
    /// Where it ends. A bar too short to be seen is drawn a little longer.
    pub to: f64,
    /// What stands beside it; "" for nothing.
    pub label: String,
}

/// A curve or a set of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend; "" for no entry.
    pub name: String,
    /// Points (x, y); a point that is not finite interrupts a line.
    pub points: Vec<(f64, f64)>,
    /// How it is drawn.
    pub style: Style,
    /// Its colour.
    pub tone: Tone,
}

impl Series {
    /// A series with this name, style and colour.
    pub fn new(name: impl Into<String>, style: Style, tone: Tone, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, style, tone }
    }
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line.
    Line,
    /// A dashed line: theory, as a rule.
    Dashed,
    /// Filled points: measurements, as a rule.
    Points,
    /// Small filled points, for clouds.
    Dots,
    /// A thin line with points on it.
    Linked,
}

/// A colour by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Colour of that number in a palette that colour-blind readers can tell apart; eight, then again from the first.
    Hue(usize),
    /// Black: theory, bounds.
    Ink,
    /// Grey: what stays in the background.
    Grey,
}

/// Coloured cells between the edges of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// What the colour means.
    pub label: String,
    /// Its unit; "" for pure numbers.
    pub unit: &'static str,
    /// Edges of the columns, one more than there are columns, increasing.
    pub x_edges: Vec<f64>,
    /// Edges of the rows, one more than there are rows, increasing.
    pub y_edges: Vec<f64>,
    /// One value per cell, row by row from the smallest y; `None` leaves a cell empty.
    pub values: Vec<Option<f64>>,
}

impl HeatMap {
    /// Edges half-way between neighbouring `centres` (at least one, increasing), and as far beyond the outer ones.
    #[must_use]
    pub fn edges(centres: &[f64]) -> Vec<f64> {
        let last = centres.len() - 1;
        let half = |i: usize| if last == 0 { 0.5 } else { (centres[i + 1] - centres[i]) / 2.0 };
        let mut edges = vec![centres[0] - half(0)];
        edges.extend((0..last).map(|i| centres[i] + half(i)));
        edges.push(centres[last] + half(last.saturating_sub(1)));
        edges
    }
}
