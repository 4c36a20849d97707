//! One pair of axes and what lies between them.

use crate::legend::text_width;
use crate::page::FINE;
use crate::scale::Scale;
use crate::ticks;
use crate::{DrawError, colours};
use equipoise_study::studies::{Axis, HeatMap, Layer, Panel, Series, Spans, Style};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Size of axis and legend text, in points.
pub const TEXT: f64 = 11.0;
/// Size of headings.
pub const TITLE: f64 = 13.0;
/// From the left edge of a panel to its axes; names of rows may need more.
const LEFT: f64 = 62.0;
/// From the axes to the right edge of a panel.
pub const RIGHT: f64 = 22.0;
/// Height of a panel's axes with their labels.
const HEIGHT: f64 = 290.0;
/// Height of a named row.
const ROW: f64 = 22.0;
/// From the top of a panel to its axes.
const TOP: f64 = 4.0;
/// Room below the axes for ticks and label.
const BOTTOM: f64 = 44.0;
/// From the edge of a panel to the middle of an axis' label.
const LABEL_GAP: f64 = 16.0;
/// Room right of the axes for the scale of a heat map.
const SCALE_ROOM: f64 = 78.0;

/// A rectangle of the picture, in points.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Left,
    Middle,
    /// The middle of a text that runs upwards.
    Upwards,
}

/// The picture, drawn on in points.
pub struct Canvas<'a>(DrawingArea<SVGBackend<'a>, Shift>);

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

fn failed(error: impl std::fmt::Display) -> DrawError {
    DrawError(error.to_string())
}

/// Points to pixels.
fn fine(points: f64) -> i32 {
    (points * FINE).round() as i32
}

fn stroke(colour: RGBColor, points: f64) -> ShapeStyle {
    ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: fine(points) as u32 }
}

fn font(size: f64) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size * FINE).into_font()).color(&colours::INK)
}

impl<'a> Canvas<'a> {
    pub fn new(area: DrawingArea<SVGBackend<'a>, Shift>) -> Self {
        Self(area)
    }

    pub fn fill(&self) -> Result<(), DrawError> {
        self.0.fill(&WHITE).map_err(failed)
    }

    pub fn present(&self) -> Result<(), DrawError> {
        self.0.present().map_err(failed)
    }

    pub fn text(&self, text: &str, at: (f64, f64), size: f64, anchor: Anchor) -> Result<(), DrawError> {
        if text.is_empty() {
            return Ok(());
        }
        let style = match anchor {
            Anchor::Left => font(size).pos(Pos::new(HPos::Left, VPos::Center)),
            Anchor::Middle => font(size).pos(Pos::new(HPos::Center, VPos::Center)),
            Anchor::Upwards => {
                font(size).transform(FontTransform::Rotate270).pos(Pos::new(HPos::Center, VPos::Center))
            }
        };
        self.0.draw_text(text, &style, (fine(at.0), fine(at.1))).map_err(failed)
    }

    pub fn bold(&self, text: &str, at: (f64, f64), size: f64) -> Result<(), DrawError> {
        let font = ("sans-serif", size * FINE).into_font().style(FontStyle::Bold);
        let style = TextStyle::from(font).color(&colours::INK).pos(Pos::new(HPos::Left, VPos::Center));
        self.0.draw_text(text, &style, (fine(at.0), fine(at.1))).map_err(failed)
    }

    /// A short piece of a series, or a bar, for a legend.
    pub fn sample(
        &self,
        style: Option<Style>,
        colour: RGBColor,
        at: (f64, f64),
        length: f64,
    ) -> Result<(), DrawError> {
        let y = fine(at.1);
        let Some(style) = style else {
            let corners = [(fine(at.0), y - fine(3.5)), (fine(at.0 + length), y + fine(3.5))];
            return self.0.draw(&Rectangle::new(corners, colour.filled())).map_err(failed);
        };
        let piece = |from: f64, to: f64| {
            let ends = vec![(fine(at.0 + from), y), (fine(at.0 + to), y)];
            self.0.draw(&PathElement::new(ends, stroke(colour, LINE_WIDTH))).map_err(failed)
        };
        match style {
            Style::Line | Style::Linked => piece(0.0, length)?,
            Style::Dashed => {
                let gap = 0.2 * length;
                piece(0.0, 2.0 * gap)?;
                piece(3.0 * gap, length)?;
            }
            Style::Points | Style::Dots => {}
        }
        if let Some(radius) = radius(style) {
            let middle = (fine(at.0 + 0.5 * length), y);
            self.0.draw(&Circle::new(middle, fine(radius), colour.filled())).map_err(failed)?;
        }
        Ok(())
    }

    fn part(&self, frame: Frame) -> DrawingArea<SVGBackend<'a>, Shift> {
        let Frame { x, y, width, height } = frame;
        self.0.clone().shrink((fine(x), fine(y)), (fine(width), fine(height)))
    }
}

const LINE_WIDTH: f64 = 1.6;

/// Radius of a style's points.
fn radius(style: Style) -> Option<f64> {
    match style {
        Style::Line | Style::Dashed => None,
        Style::Points => Some(2.6),
        Style::Dots => Some(1.2),
        Style::Linked => Some(2.2),
    }
}

/// From the left edge of `panel` to its axes.
pub fn left(panel: &Panel) -> f64 {
    panel.y.rows.iter().map(|row| text_width(row, TEXT) + 14.0).fold(LEFT, f64::max)
}

/// The height of `panel` without heading and legend.
pub fn height(panel: &Panel) -> f64 {
    match panel.y.rows.len() {
        0 => HEIGHT,
        rows => TOP + rows as f64 * ROW + BOTTOM,
    }
}

/// Draws `panel` into `frame`.
pub fn draw(canvas: &Canvas<'_>, panel: &Panel, frame: Frame) -> Result<(), DrawError> {
    let (x, y) = (Scale::horizontal(panel), Scale::vertical(panel));
    let heat =
        panel.layers.iter().find_map(|layer| if let Layer::Heat(heat) = layer { Some(heat) } else { None });
    let right = if heat.is_some() { SCALE_ROOM } else { RIGHT };
    let area = canvas.part(frame);
    let mut chart = ChartBuilder::on(&area)
        .margin_top(fine(TOP))
        .margin_right(fine(right))
        .x_label_area_size(fine(BOTTOM))
        .y_label_area_size(fine(left(panel)))
        .build_cartesian_2d(x.clone(), y.clone())
        .map_err(failed)?;
    mesh(&mut chart, &x, &y, heat.is_none())?;
    let (middle, bottom) = (0.5 * (left(panel) + frame.width - right), frame.height - LABEL_GAP);
    canvas.text(&x.label, (frame.x + middle, frame.y + bottom), TEXT + 1.0, Anchor::Middle)?;
    let middle = 0.5 * (frame.height - BOTTOM);
    canvas.text(&y.label, (frame.x + LABEL_GAP, frame.y + middle), TEXT + 1.0, Anchor::Upwards)?;
    for layer in &panel.layers {
        draw_layer(&mut chart, layer, &x, &y)?;
    }
    // The frame comes last, over the edges of what touches it.
    let corners = [(x.low, y.low), (x.high, y.low), (x.high, y.high), (x.low, y.high), (x.low, y.low)];
    chart.draw_series([PathElement::new(corners.to_vec(), stroke(colours::FRAME, 0.8))]).map_err(failed)?;
    match heat {
        Some(heat) => colour_scale(canvas, heat, frame),
        None => Ok(()),
    }
}

fn mesh(chart: &mut Chart<'_, '_>, x: &Scale, y: &Scale, grid: bool) -> Result<(), DrawError> {
    let mut mesh = chart.configure_mesh();
    if !grid {
        mesh.disable_mesh();
    }
    mesh.bold_line_style(stroke(colours::GRID, 0.7))
        .light_line_style(TRANSPARENT)
        .axis_style(stroke(colours::FRAME, 0.8))
        .set_all_tick_mark_size(fine(4.0))
        .label_style(font(TEXT))
        .x_label_formatter(&|place| x.tick_label(*place))
        .y_label_formatter(&|place| y.tick_label(*place))
        .draw()
        .map_err(failed)
}

fn draw_layer(chart: &mut Chart<'_, '_>, layer: &Layer, x: &Scale, y: &Scale) -> Result<(), DrawError> {
    let line =
        |ends: [(f64, f64); 2], tone| PathElement::new(ends.to_vec(), stroke(colours::of(tone), LINE_WIDTH));
    match layer {
        Layer::Heat(heat) => {
            chart.draw_series(cells(heat, x, y)).map_err(failed)?;
        }
        Layer::Series(series) => draw_points_and_lines(chart, series, x, y)?,
        Layer::Vertical(at, _, tone) => {
            let ends = x.place(*at).map(|at| line([(at, y.low), (at, y.high)], *tone));
            chart.draw_series(ends).map_err(failed)?;
        }
        Layer::Horizontal(at, _, tone) => {
            let ends = y.place(*at).map(|at| line([(x.low, at), (x.high, at)], *tone));
            chart.draw_series(ends).map_err(failed)?;
        }
        Layer::Spans(spans) => draw_bars(chart, spans, x, y)?,
    }
    Ok(())
}

/// The least width of a bar, in points.
const LEAST_BAR: f64 = 1.6;

/// Bars with their labels: right of them, or left where the axes end.
fn draw_bars(chart: &mut Chart<'_, '_>, spans: &Spans, x: &Scale, y: &Scale) -> Result<(), DrawError> {
    let colour = colours::of(spans.tone);
    let per_point = (x.high - x.low) / (f64::from(chart.plotting_area().dim_in_pixel().0) / FINE);
    for bar in &spans.bars {
        let half = 0.5 * bar.height;
        let (top, bottom) = (y.place(bar.row - half), y.place(bar.row + half));
        let (Some(top), Some(bottom), Some(from), Some(to)) =
            (top, bottom, x.place(bar.from), x.place(bar.to))
        else {
            continue;
        };
        let to = to.max(from + LEAST_BAR * per_point);
        chart.draw_series([Rectangle::new([(from, top), (to, bottom)], colour.filled())]).map_err(failed)?;
        if bar.label.is_empty() {
            continue;
        }
        let wide = (text_width(&bar.label, TEXT) + 8.0) * per_point;
        let (at, side) = if to + wide < x.high { (to, HPos::Left) } else { (from, HPos::Right) };
        let gap = if matches!(side, HPos::Left) { fine(4.0) } else { -fine(4.0) };
        let style = font(TEXT).pos(Pos::new(side, VPos::Center));
        let label =
            EmptyElement::at((at, 0.5 * (top + bottom))) + Text::new(bar.label.clone(), (gap, 0), style);
        chart.draw_series([label]).map_err(failed)?;
    }
    Ok(())
}

fn draw_points_and_lines(
    chart: &mut Chart<'_, '_>,
    series: &Series,
    x: &Scale,
    y: &Scale,
) -> Result<(), DrawError> {
    let colour = colours::of(series.tone);
    let place = |&(px, py): &(f64, f64)| Some((x.place(px)?, y.place(py)?));
    let places: Vec<Option<(f64, f64)>> = series.points.iter().map(place).collect();
    let pieces =
        places.split(Option::is_none).map(|piece| piece.iter().copied().flatten().collect::<Vec<_>>());
    let width = if series.style == Style::Linked { 1.0 } else { LINE_WIDTH };
    for piece in pieces.filter(|piece| piece.len() > 1) {
        match series.style {
            Style::Line | Style::Linked => {
                chart.draw_series([PathElement::new(piece, stroke(colour, width))]).map_err(failed)?;
            }
            Style::Dashed => {
                let dashes = DashedLineSeries::new(piece, fine(5.0), fine(3.5), stroke(colour, width));
                chart.draw_series(dashes).map_err(failed)?;
            }
            Style::Points | Style::Dots => {}
        }
    }
    if let Some(radius) = radius(series.style) {
        let points = places.into_iter().flatten();
        chart.draw_series(points.map(|at| Circle::new(at, fine(radius), colour.filled()))).map_err(failed)?;
    }
    Ok(())
}

/// Least and greatest value of a heat map; never the same.
fn range(heat: &HeatMap) -> (f64, f64) {
    let finite = heat.values.iter().flatten().filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    if low < high { (low, high) } else { (low.min(0.0), low.min(0.0) + 1.0) }
}

fn cells<'h>(
    heat: &'h HeatMap,
    x: &'h Scale,
    y: &'h Scale,
) -> impl Iterator<Item = Rectangle<(f64, f64)>> + 'h {
    let (low, high) = range(heat);
    let columns = heat.x_edges.len() - 1;
    heat.values.iter().enumerate().filter_map(move |(at, value)| {
        let (row, column) = (at / columns, at % columns);
        let corner = |i: usize, j: usize| Some((x.place(heat.x_edges[j])?, y.place(heat.y_edges[i])?));
        let value = (*value).filter(|value| value.is_finite())?;
        let colour = colours::of_share((value - low) / (high - low));
        Some(Rectangle::new([corner(row, column)?, corner(row + 1, column + 1)?], colour.filled()))
    })
}

/// The scale of a heat map, right of the axes.
fn colour_scale(canvas: &Canvas<'_>, heat: &HeatMap, frame: Frame) -> Result<(), DrawError> {
    const SHADES: usize = 128;
    let (low, high) = range(heat);
    let (left, right) =
        (frame.x + frame.width - SCALE_ROOM + 10.0, frame.x + frame.width - SCALE_ROOM + 21.0);
    let (top, bottom) = (frame.y + TOP, frame.y + frame.height - BOTTOM);
    let height_of = |share: f64| bottom - share * (bottom - top);
    for shade in 0..SHADES {
        let [from, to] = [shade, shade + 1].map(|s| height_of(s as f64 / SHADES as f64));
        let corners = [(fine(left), fine(to)), (fine(right), fine(from))];
        let colour = colours::of_share((shade as f64 + 0.5) / SHADES as f64);
        canvas.0.draw(&Rectangle::new(corners, colour.filled())).map_err(failed)?;
    }
    let corners = [(fine(left), fine(top)), (fine(right), fine(bottom))];
    canvas.0.draw(&Rectangle::new(corners, stroke(colours::FRAME, 0.8))).map_err(failed)?;
    let axis = Axis::new(heat.label.clone(), heat.unit).from_to(low, high);
    let scale = Scale::new(&axis, std::iter::empty());
    for tick in ticks::linear(low, high, 5) {
        let y = height_of((tick - low) / (high - low));
        canvas.text(&scale.tick_label(tick), (right + 4.0, y), TEXT, Anchor::Left)?;
    }
    let middle = (frame.x + frame.width - LABEL_GAP - 6.0, 0.5 * (top + bottom));
    canvas.text(&scale.label, middle, TEXT + 1.0, Anchor::Upwards)
}
