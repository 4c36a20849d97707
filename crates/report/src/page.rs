//! The whole picture: panels in rows, headings, legends.

use crate::legend;
use crate::panel::{self, Canvas, Frame, TEXT, TITLE};
use crate::{DrawError, colours};
use equipoise_study::studies::{Figure, Panel};
use plotters::prelude::*;

/// The plotting library draws on whole pixels; a finer grid than the picture's points keeps curves smooth.
pub const FINE: f64 = 8.0;

/// Width of a panel in points, axes and gap included.
const PANEL_WIDTH: f64 = 410.0;
/// The same where a panel shows rows: time wants room.
const WIDE: f64 = 860.0;
/// Height of a line of legend.
const LINE: f64 = 16.0;
/// Height of a panel's heading.
const HEADING: f64 = 24.0;
/// Space around everything.
const MARGIN: f64 = 10.0;

pub fn draw(figure: &Figure) -> Result<String, DrawError> {
    let columns = figure.columns.clamp(1, figure.panels.len().max(1));
    let rows: Vec<&[Panel]> = figure.panels.chunks(columns).collect();
    let panel_width =
        if figure.panels.iter().any(|panel| !panel.y.rows.is_empty()) { WIDE } else { PANEL_WIDTH };
    let axes_height = |row: &[Panel]| row.iter().map(panel::height).fold(0.0, f64::max);
    let heights: Vec<f64> =
        rows.iter().map(|row| legend_height(row, panel_width) + HEADING + axes_height(row)).collect();
    let top = MARGIN + if figure.title.is_empty() { 0.0 } else { 1.2 * HEADING };
    let width = columns as f64 * panel_width + 2.0 * MARGIN;
    let height = top + heights.iter().sum::<f64>() + MARGIN;
    let mut svg = String::new();
    {
        let size = ((width * FINE) as u32, (height * FINE) as u32);
        let canvas = Canvas::new(SVGBackend::with_string(&mut svg, size).into_drawing_area());
        canvas.fill()?;
        canvas.text(&figure.title, (MARGIN, MARGIN + 0.5 * HEADING), TITLE + 2.0, panel::Anchor::Left)?;
        let mut y = top;
        for (row, (panels, height)) in rows.iter().zip(&heights).enumerate() {
            for (column, panel) in panels.iter().enumerate() {
                let x = MARGIN + column as f64 * panel_width;
                let letter = (figure.panels.len() > 1).then(|| letter(row * columns + column));
                heading(&canvas, panel, letter, (x, y))?;
                let legend = legend_height(panels, panel_width);
                draw_legend(&canvas, panel, panel_width, (x, y + HEADING))?;
                let height = axes_height(panels);
                let frame = Frame { x, y: y + HEADING + legend, width: panel_width, height };
                panel::draw(&canvas, panel, frame)?;
            }
            y += height;
        }
        canvas.present()?;
    }
    Ok(finish(&svg, width, height))
}

fn letter(index: usize) -> char {
    char::from(b'a' + (index % 26) as u8)
}

fn legend_height(row: &[Panel], width: f64) -> f64 {
    let lines = row.iter().map(|panel| legend_lines(panel, width).len()).max().unwrap_or(0);
    lines as f64 * LINE + if lines > 0 { 4.0 } else { 0.0 }
}

fn legend_lines(panel: &Panel, width: f64) -> Vec<Vec<(f64, legend::Entry<'_>)>> {
    legend::lines(panel, width - panel::left(panel) - panel::RIGHT, TEXT)
}

fn heading(
    canvas: &Canvas<'_>,
    panel: &Panel,
    letter: Option<char>,
    at: (f64, f64),
) -> Result<(), DrawError> {
    let middle = at.1 + 0.5 * HEADING;
    if let Some(letter) = letter {
        canvas.bold(&letter.to_string(), (at.0 + 10.0, middle), TITLE)?;
    }
    canvas.text(&panel.title, (at.0 + panel::left(panel), middle), TITLE, panel::Anchor::Left)
}

fn draw_legend(canvas: &Canvas<'_>, panel: &Panel, width: f64, at: (f64, f64)) -> Result<(), DrawError> {
    for (number, line) in legend_lines(panel, width).iter().enumerate() {
        let y = at.1 + (number as f64 + 0.5) * LINE;
        for (x, entry) in line {
            let x = at.0 + panel::left(panel) + x;
            canvas.sample(entry.style, colours::of(entry.tone), (x, y), legend::SAMPLE - 6.0)?;
            canvas.text(entry.name, (x + legend::SAMPLE, y), TEXT, panel::Anchor::Left)?;
        }
    }
    Ok(())
}

/// The size in points, and cells of heat maps without seams.
fn finish(svg: &str, width: f64, height: f64) -> String {
    let fine = format!("<svg width=\"{}\" height=\"{}\"", (width * FINE) as u32, (height * FINE) as u32);
    let points = format!("<svg width=\"{width}\" height=\"{height}\"");
    svg.replacen(&fine, &points, 1).replace("<rect ", "<rect shape-rendering=\"crispEdges\" ")
}
