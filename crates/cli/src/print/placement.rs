//! Where cores sit, and what that saves.

use super::numbers::{GLUE, grouped, percent};
use super::page::Page;
use equipoise_study::placed::{Hops, Placed};

/// `traffic, 128 packet-hops per step and 64 per sample; in order it would be 256 and 64, 46.7 % saved`.
pub fn placement(page: &mut Page, placed: &Placed) {
    let Placed { rule, packet_hops, in_order, saved, .. } = placed;
    if *in_order == (Hops { per_step: 0, per_sample: 0 }) && packet_hops == in_order {
        return page.line("placement", &format!("{rule}: no packet takes a link"));
    }
    let what = if *saved < 0.0 { "more" } else { "saved" };
    let (now, before) = (hops(packet_hops, "packet-hops"), hops(in_order, ""));
    let share = percent(saved.abs(), 1);
    page.line("placement", &format!("{rule}: {now}; in order it would be {before}, {share} {what}"));
}

fn hops(hops: &Hops, unit: &str) -> String {
    let per_step = format!("{}{GLUE}{unit}", grouped(hops.per_step)).trim_end().to_owned();
    match hops.per_sample {
        0 => format!("{per_step} per step"),
        once => format!("{per_step} per step and {} per sample", grouped(once)),
    }
}
