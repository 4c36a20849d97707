//! Can the words of a format hold a number of a file? Asked before a chip is built: there, a number becomes the nearest
//! word, whatever is lost.

use crate::{Number, Refusal};
use fixed::types::I16F48;

/// Half a step of a format, by which every number is rounded at most.
#[must_use]
pub fn half_step<N: Number>() -> f64 {
    0.5 / (1_u64 << N::FRACTION) as f64
}

/// True if `value` is within half a step of a word.
#[must_use]
pub fn reaches<N: Number>(value: f64) -> bool {
    let whole = (1_u64 << (N::WIDTH - N::FRACTION - 1)) as f64;
    value >= -whole - half_step::<N>() && value < whole - half_step::<N>()
}

/// Refuses the number `value` of `key` where it lies beyond the words of the format.
///
/// # Errors
/// If it does.
pub fn check_range<N: Number>(key: &str, value: f64) -> Result<(), Refusal> {
    if reaches::<N>(value) {
        return Ok(());
    }
    Err(Refusal::new(key, shown(value), format!("{}{}", range::<N>(), wider::<N>(reaches::<I16F48>(value)))))
}

/// The same, and a number other than zero that would be rounded to zero.
///
/// # Errors
/// If it lies beyond the words, or no further from zero than half a step.
pub fn check<N: Number>(key: &str, value: f64) -> Result<(), Refusal> {
    check_range::<N>(key, value)?;
    check_zero::<N>(key, &shown(value), value)
}

/// Refuses a `value` other than zero that would be rounded to zero; `found` says what it is of `key`.
///
/// # Errors
/// If it would.
pub fn check_zero<N: Number>(key: &str, found: &str, value: f64) -> Result<(), Refusal> {
    // The middle between two words goes to the even one.
    let vanishes = |half_step: f64| value != 0.0 && value.abs() <= half_step;
    if !vanishes(half_step::<N>()) {
        return Ok(());
    }
    let accepted = format!(
        "0, or more than 2^-{} in size with `hardware.state = \"{}\"`{}",
        N::FRACTION + 1,
        N::NAME,
        wider::<N>(!vanishes(half_step::<I16F48>()))
    );
    Err(Refusal::new(key, format!("{found}, which is rounded to 0"), accepted))
}

/// Refuses `bits` of a word below one that are more than the format has.
///
/// # Errors
/// If they are.
pub fn check_fraction<N: Number>(key: &str, bits: u32, most: u32) -> Result<(), Refusal> {
    let spare = N::FRACTION - most.min(N::FRACTION);
    if bits <= most {
        return Ok(());
    }
    let accepted = format!(
        "0 (the state's full width), or 1 to {most} bits with `hardware.state = \"{}\"`{}",
        N::NAME,
        wider::<N>(bits <= I16F48::FRACTION - spare)
    );
    Err(Refusal::new(key, bits.to_string(), accepted))
}

/// A number as a message shows it.
#[must_use]
pub fn shown(value: f64) -> String {
    if value == 0.0 || (1e-4..1e15).contains(&value.abs()) { value.to_string() } else { format!("{value:e}") }
}

/// The numbers of the format, as a message names them.
fn range<N: Number>() -> String {
    let whole = 1_u64 << (N::WIDTH - N::FRACTION - 1);
    format!("-{whole} to {whole} less 2^-{} with `hardware.state = \"{}\"`", N::FRACTION, N::NAME)
}

/// The hint at the wide format, where that `helps`.
fn wider<N: Number>(helps: bool) -> String {
    let helps = helps && N::WIDTH < I16F48::WIDTH;
    if helps { format!("; `hardware.state = \"{}\"` holds it", I16F48::NAME) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::I8F24;

    #[test]
    fn what_is_refused_is_what_a_word_would_change_by_more_than_half_a_step() {
        let lsb = 1.0 / f64::from(1 << 24);
        let values = [0.0, 1.0, 127.0, 128.0 - lsb, 128.0 - 0.6 * lsb, 128.0 - 0.4 * lsb, 128.0, 200.0, 1e9];
        for value in values.into_iter().flat_map(|v| [v, -v]).chain([-128.0 - 0.4 * lsb, -128.0 - 0.6 * lsb])
        {
            let lost = (I8F24::nearest(value).value() - value).abs();
            assert_eq!(check_range::<I8F24>("key", value).is_ok(), lost <= 0.5 * lsb, "{value}");
            assert_eq!(check_range::<I16F48>("key", value).is_ok(), value.abs() < 32_768.0, "{value}");
        }
    }

    #[test]
    fn a_number_that_is_rounded_to_zero_is_refused_and_zero_is_not() {
        let half = 0.5 / f64::from(1 << 24);
        for value in [0.0, 3e-8, -3e-8, 2.9e-8, -2.9e-8, half, -half, 1e-12, 1e-300] {
            let vanishes = value != 0.0 && I8F24::nearest(value) == I8F24::ZERO;
            assert_eq!(check::<I8F24>("key", value).is_err(), vanishes, "{value}");
        }
    }

    #[test]
    fn refusals_name_the_format_and_the_one_that_helps() {
        let said = |refused: Result<(), Refusal>| refused.unwrap_err().to_string();
        assert_eq!(
            said(check::<I8F24>("threshold", 200.0)),
            "`threshold`: found 200; accepted: -128 to 128 less 2^-24 with `hardware.state = \"i8f24\"`; \
             `hardware.state = \"i16f48\"` holds it"
        );
        assert!(!said(check::<I8F24>("threshold", 1e6)).contains("holds it"));
        assert_eq!(
            said(check::<I16F48>("a", 1e-20)),
            "`a`: found 1e-20, which is rounded to 0; accepted: 0, or more than 2^-49 in size with \
             `hardware.state = \"i16f48\"`"
        );
        assert_eq!(
            said(check_fraction::<I8F24>("activity_bits", 30, 22)),
            "`activity_bits`: found 30; accepted: 0 (the state's full width), or 1 to 22 bits with \
             `hardware.state = \"i8f24\"`; `hardware.state = \"i16f48\"` holds it"
        );
    }
}
