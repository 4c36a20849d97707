//! Which axons send.

use equipoise_base::{Digest, Number, SpikeSet};
use equipoise_router::models::OnChange;
use equipoise_router::{SendPolicy, Sender, Which};
use fixed::types::I8F24;

fn values(numbers: &[f64]) -> Vec<I8F24> {
    numbers.iter().map(|&x| I8F24::nearest(x)).collect()
}

fn sent(sender: &mut Sender<I8F24>, numbers: &[f64]) -> Vec<usize> {
    sender.decide(&values(numbers)).iter(numbers.len()).collect()
}

fn on_change(threshold: f64) -> Sender<I8F24> {
    Sender::new(SendPolicy::OnChange(OnChange { threshold }), 3)
}

#[test]
fn every_step_sends_all_axons_whatever_they_hold() {
    let mut sender = Sender::<I8F24>::new(SendPolicy::default(), 3);
    assert_eq!(sender.decide(&values(&[0.0, 0.5, 0.5])), Which::All);
    assert_eq!(sender.decide(&values(&[0.0, 0.5, 0.5])), Which::All);
}

#[test]
fn on_change_compares_with_the_last_value_sent_and_not_the_last_seen() {
    let mut sender = on_change(0.25);
    sender.start(&values(&[0.5, 0.5, 0.5]));
    // A creep of 0.125 per step is sent at every second step; a move of exactly the threshold is sent.
    assert_eq!(sent(&mut sender, &[0.625, 0.75, 0.5]), [1]);
    assert_eq!(sent(&mut sender, &[0.75, 0.75, 0.25]), [0, 2]);
    assert_eq!(sent(&mut sender, &[0.875, 0.75, 0.25]), [0; 0]);
    assert_eq!(sent(&mut sender, &[1.0, 0.5, 0.25]), [0, 1]);
    assert_eq!(sender.state().last_sent, values(&[1.0, 0.5, 0.25]));
}

#[test]
fn listeners_are_never_further_off_than_the_threshold() {
    let threshold = 0.01;
    let mut sender = on_change(threshold);
    let wave = |step: i32, axon: i32| f64::from((step * (axon + 3)) % 100) / 100.0;
    for step in 0..500 {
        let numbers = [0, 1, 2].map(|axon| wave(step, axon));
        sent(&mut sender, &numbers);
        for (held, now) in sender.state().last_sent.iter().zip(&numbers) {
            assert!((held.value() - now).abs() < threshold + 1e-6);
        }
    }
}

#[test]
fn a_threshold_of_zero_or_of_one_lsb_sends_every_move_and_nothing_else() {
    let lsb = 1.0 / f64::from(1 << 24);
    for threshold in [0.0, lsb] {
        let mut sender = on_change(threshold);
        assert_eq!(sent(&mut sender, &[lsb, 0.0, -lsb]), [0, 2]);
        assert_eq!(sent(&mut sender, &[lsb, 0.0, -lsb]), [0; 0]);
    }
}

#[test]
fn the_longest_move_of_the_format_is_a_move() {
    let mut sender = on_change(100.0);
    sender.start(&[I8F24::MIN; 3]);
    assert_eq!(sender.decide(&[I8F24::MAX, I8F24::MIN, I8F24::ZERO]).count(3), 2);
}

#[test]
fn spike_sends_where_there_is_a_spike() {
    let spike = SendPolicy::defaults().into_iter().find(|policy| policy.kind() == "spike").expect("listed");
    let mut sender = Sender::new(spike, 3);
    assert_eq!(sent(&mut sender, &[0.0, 1.0, 0.0]), [1]);
    assert_eq!(sent(&mut sender, &[1.0, 1.0, 0.0]), [0, 1]);
}

#[test]
fn every_policy_repeats_itself_after_a_restore() {
    for policy in SendPolicy::defaults() {
        let mut sender = Sender::<I8F24>::new(policy, 3);
        sender.start(&values(&[0.1, 0.2, 0.3]));
        sent(&mut sender, &[0.2, 0.2, 0.3]);
        sender.save();
        let digest = |sender: &Sender<I8F24>| {
            let mut digest = Digest::default();
            sender.digest(&mut digest);
            digest.value()
        };
        let saved = digest(&sender);
        let first = sent(&mut sender, &[0.2, 0.3, 0.3]);
        sender.restore();
        assert_eq!(digest(&sender), saved);
        assert_eq!(sent(&mut sender, &[0.2, 0.3, 0.3]), first);
    }
}

#[test]
fn a_selection_names_its_axons() {
    let mut set = SpikeSet::new(5);
    set.insert(1);
    set.insert(4);
    assert_eq!(Which::Only(&set).iter(5).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(Which::All.iter(3).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((Which::All.count(5), Which::Only(&set).count(5)), (5, 2));
    assert!(Which::All.contains(0) && !Which::Only(&set).contains(0));
}
