//! Energy, time, power and area of a run.

use super::numbers::{counted, grouped, shares, si};
use super::page::Page;
use equipoise_base::Phase;
use equipoise_base::record::Record;
use equipoise_energy::bill::{Bill, Energy};
use equipoise_energy::breakdown::Share;
use equipoise_energy::point::PricedAt;
use equipoise_energy::power::Power;

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
pub fn energy(page: &mut Page, energy: &Energy) {
    if costs_nothing(energy) {
        page.line("energy", "0 J: every price of this chip is zero");
        return;
    }
    page.line(
        "energy",
        &format!("{} in all; weakest evidence: {}", si(energy.total, "J"), energy.evidence.word()),
    );
    let actions = energy.by_action.iter().map(|(name, joules)| (*name, *joules));
    let with_static = actions.chain([("static", energy.static_j)]);
    page.more(&format!("by action: {}", shares(with_static, energy.total, SHOWN)));
    let phases = energy.by_phase.iter().map(|(name, joules)| (*name, *joules));
    page.more(&format!("by phase:  {}", shares(phases, energy.total, Phase::ALL.len() + 1)));
    if !energy.unpriced.is_empty() {
        let names = energy.unpriced.join(", ");
        page.more(&format!(
            "INCOMPLETE: {} without a price: {names}",
            counted(energy.unpriced.len() as u64, "figure")
        ));
    }
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
    if let Some(area) = bill.area_mm2.filter(|&area| area > 0.0) {
        let Share { chip, in_use } = &bill.breakdown.area_mm2;
        let used = in_use.total.map_or(String::new(), |used| format!(", {used:.3} mm2 of it in use"));
        page.line("area", &format!("{area:.3} mm2{used}"));
        let blocks = chip.by_block.iter().map(|(name, area)| (*name, *area));
        page.more(&format!("by block:  {}", shares(blocks, area, SHOWN)));
        if !chip.unknown.is_empty() {
            page.more(&format!("INCOMPLETE: no area for {}", chip.unknown.join(", ")));
        }
    }
}

/// The whole bill, for a run that is priced again.
pub fn bill(record: &Record, bill: &Bill) -> String {
    let mut page = Page::default();
    update(&mut page, record, bill);
    energy(&mut page, &bill.energy_j);
    priced_at(&mut page, bill);
    page.line("time", &format!("{} on the chip", si(bill.chip_seconds, "s")));
    power_and_area(&mut page, bill);
    page.text()
}

fn costs_nothing(energy: &Energy) -> bool {
    energy.total == 0.0 && energy.unpriced.is_empty()
}
