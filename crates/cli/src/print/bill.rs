//! Energy, time, power and area of a run.

use super::numbers::{GLUE, counted, glued, grouped, percent, shares, si};
use super::page::Page;
use equipoise_base::Phase;
use equipoise_base::record::Record;
use equipoise_energy::bill::{Bill, Energy, Range};
use equipoise_energy::breakdown::{Area, Share};
use equipoise_energy::efficiency::Efficiency;
use equipoise_energy::point::PricedAt;
use equipoise_energy::power::Power;
use equipoise_energy::utilisation::Utilisation;
use equipoise_study::opinions::SecondOpinion;
use std::collections::BTreeMap;

/// Actions whose share of the energy is shown.
const SHOWN: usize = 6;

/// What one update takes.
pub fn update(page: &mut Page, record: &Record, bill: &Bill) {
    if record.updates == 0 {
        return;
    }
    let training: u64 =
        Phase::ALL.iter().filter(|p| p.trains()).map(|p| record.phase_cycles[*p as usize]).sum();
    let mut parts = vec![format!("{} cycles", grouped(training / record.updates))];
    parts.extend(bill.latency_s_per_update.map(|seconds| si(seconds, "s")));
    parts.extend(bill.energy_j.per_update.filter(|_| !costs_nothing(&bill.energy_j)).map(|j| si(j, "J")));
    page.line("update", &format!("{} each", parts.join(", ")));
}

/// Energy in all and where it goes.
pub fn energy(page: &mut Page, bill: &Bill) {
    let energy = &bill.energy_j;
    if costs_nothing(energy) {
        page.line("energy", "0 J: every price of this chip is zero");
        return;
    }
    page.line(
        "energy",
        &format!("{} in all; weakest evidence: {}", si(energy.total, "J"), energy.evidence.word()),
    );
    let Range { low, high } = bill.energy_range_j;
    if low < energy.total || high > energy.total {
        page.more(&format!("between {} and {}, where sources give a range", si(low, "J"), si(high, "J")));
    }
    let actions = energy.by_action.iter().map(|(name, joules)| (*name, *joules));
    let with_static = actions.chain([("static", energy.static_j)]);
    page.more(&format!("by action: {}", shares(with_static, energy.total, SHOWN)));
    page.more(&format!("by phase:  {}", all_shares(&energy.by_phase, energy.total)));
    incomplete(&energy.unpriced).iter().for_each(|lacks| page.more(lacks));
    each(page, &bill.efficiency);
    if energy.static_j > 0.0 {
        let Share { chip, in_use } = &bill.breakdown.static_j;
        let used = si(in_use.total, "J");
        page.line("static", &format!("{} of the chip, {used} of the part in use", si(chip.total, "J")));
        page.more(&format!("by block:  {}", shares_of(&chip.by_block, chip.total)));
        page.more(&format!("in use:    {}", shares_of(&in_use.by_block, in_use.total)));
        page.more(&format!("by phase:  {}", all_shares(&chip.by_phase, chip.total)));
    }
}

/// What published energy models say of the same run, the least first, and how far they lie apart.
pub fn second_opinions(bill: &Bill, opinions: &[SecondOpinion]) -> String {
    let mut page = Page::default();
    let mut sorted: Vec<&SecondOpinion> = opinions.iter().collect();
    sorted.sort_by(|a, b| a.energy_j.total_cmp(&b.energy_j));
    if let (Some(least), Some(most)) = (sorted.first(), sorted.last()) {
        let times = most.energy_j / least.energy_j;
        let spread = format!("{} to {}", si(least.energy_j, "J"), si(most.energy_j, "J"));
        page.line("models", &format!("{} published ones say {spread}, {times:.0} times apart", sorted.len()));
    }
    for SecondOpinion { name, summary, evidence, energy_j, .. } in sorted {
        let ratio = energy_j / bill.energy_j.total;
        page.more(&format!(
            "{name}: {}, {ratio:.3} of this bill, {}. {summary}",
            si(*energy_j, "J"),
            evidence.word()
        ));
    }
    page.text()
}

/// Keys of the design for which some price does not hold.
pub fn priced_at(page: &mut Page, bill: &Bill) {
    for (key, at) in &bill.priced_at {
        let PricedAt { priced_for, ran, figures } = at;
        let figures =
            figures.iter().map(|figure| figure.replace("price.", "")).collect::<Vec<_>>().join(", ");
        page.line("prices", &format!("priced for {key} = {priced_for}, not {ran}: {figures}"));
    }
}

/// What the bill lacks.
pub fn incomplete(unpriced: &[String]) -> Option<String> {
    let figures = counted(unpriced.len() as u64, "figure");
    let names = unpriced.join(", ");
    (!unpriced.is_empty()).then(|| format!("INCOMPLETE: {figures} without a price: {names}"))
}

/// What each thing done costs.
fn each(page: &mut Page, efficiency: &Efficiency) {
    let Efficiency { pj_per_mac, tops_per_w, per_inference_j, per_update_j, .. } = *efficiency;
    let parts = [
        pj_per_mac.map(|pj| format!("{} per MAC", si(pj * 1e-12, "J"))),
        tops_per_w.map(|tops| format!("{tops:.3}{GLUE}TOPS/W")),
        per_inference_j.map(|joules| format!("{} per inference", si(joules, "J"))),
        per_update_j.map(|joules| format!("{} per update", si(joules, "J"))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        page.more(&format!("that is {}", parts.join(", ")));
    }
}

/// Cycles by phase, and what was busy in them.
pub fn cycles(page: &mut Page, record: &Record, bill: &Bill) {
    if record.cycles == 0 {
        return;
    }
    let by_phase = bill.breakdown.cycles.by_phase.iter().map(|(name, cycles)| (*name, *cycles as f64));
    let phases = shares(by_phase, record.cycles as f64, Phase::ALL.len() + 1);
    page.line("cycles", &format!("by phase: {phases}"));
    let Utilisation { links, fifos, converters, arrays, cores, occupied } = bill.utilisation;
    let shown = |name: &str, share: Option<f64>| share.map(|share| format!("{name} {}", percent(share, 1)));
    let busiest = links.busiest.map_or(String::new(), |share| format!(" (busiest {})", percent(share, 1)));
    let slots = format!(" (at most {})", counted(fifos.most_packets, "packet"));
    let parts = [
        shown("cores", cores),
        shown("arrays", arrays),
        shown("converters", converters),
        shown("links", links.mean).map(|text| text + &busiest),
        shown("slots of FIFOs", fifos.mean).map(|text| text + &slots),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| glued(&part)).collect();
    page.more(&format!("busy: {}", parts.join(", ")));
    let parts = [shown("cores", occupied.cores), shown("arrays", occupied.arrays)];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| glued(&part)).collect();
    page.more(&format!("of the chip in use: {}", parts.join(", ")));
}

/// Power and area, where the chip has any.
pub fn power_and_area(page: &mut Page, bill: &Bill) {
    let Power { average, peak, peak_running } = bill.power_w;
    if let Some((average, (peak, running))) = average.zip(peak.zip(peak_running)).filter(|all| all.0 > 0.0) {
        let [average, peak, running] = [average, peak, running].map(|watts| si(watts, "W"));
        page.line(
            "power",
            &format!("{average} on average, at most {running} while it runs, {peak} at the start"),
        );
    }
    area(page, &bill.breakdown.area_mm2);
}

/// Area by block, where the chip has any.
pub fn area(page: &mut Page, Share { chip, in_use }: &Share<Area>) {
    if let Some(area) = chip.total.filter(|&area| area > 0.0) {
        let used = in_use.total.unwrap_or(0.0);
        page.line("area", &format!("{area:.3} mm2 of the chip, {used:.3} mm2 of the part in use"));
        page.more(&format!("by block:  {}", shares_of(&chip.by_block, area)));
        page.more(&format!("in use:    {}", shares_of(&in_use.by_block, used)));
        if !chip.unknown.is_empty() {
            page.more(&format!("INCOMPLETE: no area for {}", chip.unknown.join(", ")));
        }
    }
}

/// The largest shares of `total`.
fn shares_of(parts: &BTreeMap<&'static str, f64>, total: f64) -> String {
    shares(parts.iter().map(|(name, part)| (*name, *part)), total, SHOWN)
}

/// All shares of `total`.
fn all_shares(parts: &BTreeMap<&'static str, f64>, total: f64) -> String {
    shares(parts.iter().map(|(name, part)| (*name, *part)), total, parts.len())
}

/// The whole bill, for a run that is priced again.
pub fn bill(record: &Record, bill: &Bill) -> String {
    let mut page = Page::default();
    update(&mut page, record, bill);
    energy(&mut page, bill);
    priced_at(&mut page, bill);
    cycles(&mut page, record, bill);
    page.line("time", &format!("{} on the chip", si(bill.chip_seconds, "s")));
    power_and_area(&mut page, bill);
    page.text()
}

fn costs_nothing(energy: &Energy) -> bool {
    energy.total == 0.0 && energy.unpriced.is_empty()
}
