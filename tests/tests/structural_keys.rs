//! Every key of the hardware moves the bill of a run, or says for what it is priced. The keys are those that the chip
//! declares, so that a new one is looked at, too.

use equipoise_base::config::{Place, Table, Value};
use equipoise_base::params::Params as Declared;
use equipoise_chip::catalog::{DeviceModel, Nudging, RouterModel, SendPolicy, Sync};
use equipoise_chip::{Unobserved, build};
use equipoise_energy::bill::{Bill, price};
use equipoise_study::Experiment;
use equipoise_tests::sample;

const NETWORK: &str =
    "chip = \"edge-rram\"\nnetwork.layers = [64, 32, 10]\nlearning.nudging = \"centered\"\n";

/// Fourteen cores, so that layers talk over links whatever the topology; keys that a test sets itself are left to it.
const SMALL_CORES: &str = "mesh = \"auto\"\ncore.neurons = 8\n";

/// The experiment with `hardware` lines; `None` if a key is refused.
fn experiment(hardware: &str) -> Result<Experiment, String> {
    let around: String =
        SMALL_CORES.lines().filter(|line| !sets(hardware, line)).map(|line| line.to_owned() + "\n").collect();
    let text = format!("{NETWORK}[hardware]\n{around}{hardware}");
    let table = equipoise_trace::toml_tree::parse(&text, "t.toml").map_err(|error| error.to_string())?;
    Experiment::read(&table, None, None).map_err(|error| error.to_string())
}

/// True if `hardware` sets the key of `line`.
fn sets(hardware: &str, line: &str) -> bool {
    let key = line.split(" =").next().unwrap_or_default();
    hardware.lines().any(|other| other.starts_with(&format!("{key} =")))
}

/// The bill of three samples on a chip with these lines of hardware.
fn bill(hardware: &str) -> Result<Bill, String> {
    let experiment = experiment(hardware)?;
    let params = experiment.params(1).map_err(|error| error.to_string())?;
    let mut chip = build(&params).map_err(|error| error.to_string())?;
    for class in 0..3 {
        let input: Vec<f32> = (0..64).map(|i| ((i * 7 + class * 5) % 11) as f32 / 11.0).collect();
        for instruction in sample(&input, class as u32, Nudging::Centered) {
            chip.execute(&instruction, &mut Unobserved).map_err(|error| error.to_string())?;
        }
    }
    let record = chip.record();
    let list = &experiment.preset.prices;
    list.check(&record.structure).map_err(|error| error.to_string())?;
    let prices = list.on(&record.structure).map_err(|error| error.to_string())?;
    Ok(price(&record, &prices))
}

/// True if the two bills tell the designs apart.
fn differ(one: &Bill, other: &Bill) -> bool {
    one.energy_j.total != other.energy_j.total
        || one.area_mm2 != other.area_mm2
        || one.power_w != other.power_w
        || one.priced_at != other.priced_at
}

/// Other values for a key, near ones first. The words of a choice are those that its refusal names.
fn others(key: &str, value: &str) -> Vec<String> {
    if let Ok(number) = value.parse::<f64>() {
        let others =
            [number + 1.0, number - 1.0, number * 2.0, number / 2.0, number + 0.25, 0.5, 3.0, 32.0, 1e4];
        let whole = !value.contains('.');
        let written = |other: &f64| if whole { format!("{}", other.round()) } else { format!("{other:?}") };
        return others.iter().filter(|&&other| other >= 0.0 && other != number).map(written).collect();
    }
    match value {
        "true" => vec!["false".to_owned()],
        "false" => vec!["true".to_owned()],
        _ => {
            let refusal = experiment(&format!("{key} = \"?\"")).err().unwrap_or_default();
            let accepted = refusal.rsplit("accepted: ").next().unwrap_or_default().to_owned();
            let words = accepted.split('"').skip(1).step_by(2).map(|word| format!("{word:?}"));
            words.filter(|word| word != value).chain(["[5, 4]".to_owned()]).collect()
        }
    }
}

/// Keys of `table`, below `path`.
fn keys(path: &str, table: &Table) -> Vec<(String, String)> {
    let mut under = Table::new("", Place::whole("test"));
    under.set(path, Place::whole("test"), Value::Table(table.clone()).built_in());
    under.flat().into_iter().filter(|(key, _)| !key.ends_with(".kind")).collect()
}

/// Fails for each key of `list` that no value of which tells two chips with the lines `around` apart.
fn unfelt(around: &str, list: Vec<(String, String)>) -> Vec<String> {
    let plain = bill(around).unwrap_or_else(|error| panic!("{around}: {error}"));
    let felt = |(key, value): &(String, String)| {
        others(key, value).iter().any(|other| {
            bill(&format!("{around}{key} = {other}\n")).is_ok_and(|changed| differ(&plain, &changed))
        })
    };
    list.into_iter()
        .filter(|entry| !felt(entry))
        .map(|(key, value)| format!("{around}{key} = {value}"))
        .collect()
}

#[test]
fn every_key_of_the_hardware_moves_the_bill_or_says_what_it_is_priced_for() {
    let hardware = experiment("").expect("the preset").hardware;
    let own: Vec<_> = Declared::write(&hardware).flat().into_iter().collect();
    let analog = own.iter().filter(|(key, _)| !key.starts_with("table.")).cloned().collect();
    let mut silent = unfelt("", analog);
    let table = own.iter().filter(|(key, _)| key.starts_with("table.")).cloned().collect();
    silent.extend(unfelt("core.kind = \"sram\"\n", table));
    for router in RouterModel::defaults() {
        let around = format!("router.kind = {:?}\n", router.kind());
        silent.extend(unfelt(&around, keys("router", &router.write_section())));
    }
    for device in DeviceModel::defaults() {
        let around = format!("device.kind = {:?}\n", device.kind());
        silent.extend(unfelt(&around, keys("device", &device.write_section())));
    }
    for policy in SendPolicy::defaults() {
        let around = format!("send.kind = {:?}\n", policy.kind());
        silent.extend(unfelt(&around, keys("send", &policy.write_section())));
    }
    for sync in Sync::defaults() {
        let around = format!("sync.kind = {:?}\n", sync.kind());
        silent.extend(unfelt(&around, keys("sync", &sync.write_section())));
    }
    assert!(silent.is_empty(), "neither the bill nor its design point feels {silent:#?}");
}

#[test]
fn every_word_of_the_chips_files_is_known_to_price_models() {
    use equipoise_energy::design::Design;
    let understood = |key: &str, word: &str| {
        let keys = [(key.to_owned(), format!("{word:?}"))].into();
        assert!(Design::new(&keys).is_ok(), "{key} = {word:?}");
    };
    RouterModel::defaults().iter().for_each(|router| understood("router.kind", router.kind()));
    equipoise_chip::catalog::ConverterKind::ALL.iter().for_each(|(_, word, _)| understood("adc.kind", word));
    equipoise_chip::catalog::LatchKind::ALL.iter().for_each(|(_, word, _)| understood("latch.kind", word));
    equipoise_chip::catalog::UpdateScheme::ALL
        .iter()
        .for_each(|(_, word, _)| understood("update.scheme", word));
    equipoise_chip::params::CoreKind::ALL.iter().for_each(|(_, word, _)| understood("core.kind", word));
    equipoise_chip::params::StateFormat::ALL.iter().for_each(|(_, word, _)| understood("state", word));
}
