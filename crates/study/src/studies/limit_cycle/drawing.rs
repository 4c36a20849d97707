//! The figure: gradients against delay, the phase of the latch, losses, and courses before and after learning.

use super::{Found, Keys, LATCH_STEPS, METHODS, Point};
use crate::studies::{Axis, Figure, Layer, Panel, Series, Style, Tone};
use equipoise_oracle::Fidelity;
use equipoise_oracle::limit_cycle::Task;

/// All four panels.
pub(super) fn figure(found: &Found, keys: &Keys) -> Figure {
    let panels = vec![fidelities(found), phases(found, keys), losses(found), courses(found, keys)];
    Figure { title: String::new(), columns: 2, panels }
}

fn series(name: &str, style: Style, tone: Tone, points: Vec<(f64, f64)>) -> Layer {
    Layer::Series(Series::new(name, style, tone, points))
}

/// 1 - cosine, to its last digits.
fn from_one(fidelity: &Fidelity) -> f64 {
    let half = libm::sin(0.5 * fidelity.angle_deg.to_radians());
    2.0 * half * half
}

fn fidelities(found: &Found) -> Panel {
    let against = |value: fn(&Point) -> f64| -> Vec<(f64, f64)> {
        found.points.iter().map(|p| (f64::from(p.delay), value(p))).collect()
    };
    let mut layers = vec![
        series("BPTT, error", Style::Dashed, Tone::Grey, against(|p| p.bptt_error)),
        series("EP oracle, error", Style::Line, Tone::Hue(0), against(|p| p.end.relative_error)),
        series("EP chip, error", Style::Points, Tone::Hue(0), against(|p| p.chip.relative_error)),
        series("EP oracle, 1 \u{2212} cos", Style::Line, Tone::Hue(1), against(|p| from_one(&p.end))),
        series("EP chip, 1 \u{2212} cos", Style::Points, Tone::Hue(1), against(|p| from_one(&p.chip))),
    ];
    if let Some(critical) = found.critical {
        layers.push(Layer::Vertical(critical as f64 - 0.5, "oscillates from here".to_owned(), Tone::Ink));
    }
    Panel {
        title: "Gradient of a static target".to_owned(),
        x: Axis::new("extra delay", "steps"),
        y: Axis::new("relative error; 1 \u{2212} cosine", "").logarithmic(),
        layers,
    }
}

fn phases(found: &Found, keys: &Keys) -> Panel {
    let cosines = LATCH_STEPS.map(|step| step as f64).zip(found.phases.cosines.iter().copied()).collect();
    Panel {
        title: format!("EP's estimate by the step of the latch, extra delay {}", keys.learning_delay),
        x: Axis::new("latched at step", ""),
        y: Axis::new("cosine to the true gradient", "").from_to(-1.05, 1.05),
        layers: vec![
            Layer::Horizontal(0.0, String::new(), Tone::Grey),
            Layer::Horizontal(found.phases.window, "average of 300 steps".to_owned(), Tone::Hue(3)),
            series("one step", Style::Linked, Tone::Hue(1), cosines),
        ],
    }
}

fn losses(found: &Found) -> Panel {
    let curve = |((index, curve), (_, name)): ((usize, &equipoise_oracle::limit_cycle::Curve), _)| {
        let points = curve.losses.iter().enumerate().map(|(update, &loss)| (update as f64, loss)).collect();
        series(name, Style::Line, Tone::Hue(index), points)
    };
    Panel {
        title: "Learning a trajectory".to_owned(),
        x: Axis::new("update", ""),
        y: Axis::new("loss", "").logarithmic(),
        layers: found.curves.iter().enumerate().zip(METHODS).map(curve).collect(),
    }
}

fn courses(found: &Found, keys: &Keys) -> Panel {
    let (case, steps) = (&found.task.case, found.task.steps());
    let course = |name: &str, style, tone, states: &[Vec<f64>]| {
        let late = states.iter().enumerate().skip(steps + 1 - keys.shown);
        series(name, style, tone, late.map(|(step, state)| (step as f64, state[0])).collect())
    };
    let after = |index: usize| case.run(&found.curves[index].parameters, steps);
    Panel {
        title: "Output neuron before and after learning".to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("state u of the output", ""),
        layers: vec![
            course("before", Style::Line, Tone::Grey, &case.run(&case.parameters, steps)),
            course(&format!("after {}", METHODS[1].1), Style::Line, Tone::Hue(1), &after(1)),
            course(&format!("after {}", METHODS[0].1), Style::Line, Tone::Hue(0), &after(0)),
            course("teacher", Style::Dashed, Tone::Ink, &found.task.wanted),
        ],
    }
}
