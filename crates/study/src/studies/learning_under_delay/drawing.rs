//! The figure: gradients, refusals and accuracies against delay.

use super::policy::{self, Policy};
use super::{Found, Trial};
use crate::studies::{Axis, Figure, Layer, Panel, Series, Style, Tone};

/// All four panels.
pub(super) fn figure(found: &Found) -> Figure {
    let gradient = |value: fn(&super::trial::Agreement) -> f64| {
        move |trial: &Trial| trial.gradient.as_ref().map_or(f64::NAN, value)
    };
    let cosine = Axis::new("cosine to the true gradient", "").from_to(-0.05, 1.05);
    let error = Axis::new("relative error", "").logarithmic();
    let share = Axis::new("share of training samples", "").from_to(-0.03, 1.03);
    let accuracy = Axis::new("test accuracy", "").from_to(0.0, 1.0);
    let refused = |trial: &Trial| trial.unsettled_training;
    let mut panels = vec![
        panel("Gradient before learning: direction", cosine, found, gradient(|g| g.cosine)),
        panel("Gradient before learning: error", error, found, gradient(|g| g.relative_error)),
        panel("Training samples that do not settle", share, found, refused),
        panel("Digits after learning; dashed: without delay", accuracy, found, |trial| {
            trial.accuracy.unwrap_or(f64::NAN)
        }),
    ];
    for (index, policy) in policy::ALL.into_iter().enumerate() {
        let at_rest = |(delay, trial): (f64, &Trial)| (delay, trial.accuracy_at_rest.unwrap_or(f64::NAN));
        let points = found.of(policy).map(at_rest).collect();
        panels[3].layers.push(Layer::Series(Series::new("", Style::Dashed, Tone::Hue(index), points)));
    }
    Figure { title: String::new(), columns: 2, panels }
}

/// A value of each policy against delay, with the onsets of theory.
fn panel(title: &str, y: Axis, found: &Found, value: impl Fn(&Trial) -> f64) -> Panel {
    let mut layers = Vec::new();
    for (onset, name, tone) in [
        (&found.before[0], "theory: first sample oscillates", Tone::Ink),
        (&found.before[1], "the same, damped", Tone::Grey),
    ] {
        layers.extend(onset.first().map(|extra| Layer::Vertical(extra - 0.5, name.to_owned(), tone)));
    }
    // The remedies lie over what they are to mend.
    for (index, policy) in policy::ALL.into_iter().enumerate() {
        let points = found.of(policy).map(|(delay, trial)| (delay, value(trial))).collect();
        let style = if policy == Policy::Write { Style::Line } else { Style::Linked };
        layers.push(Layer::Series(Series::new(policy.name(), style, Tone::Hue(index), points)));
    }
    Panel { title: title.to_owned(), x: Axis::new("extra delay", "steps"), y, layers }
}
