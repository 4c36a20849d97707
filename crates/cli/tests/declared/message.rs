//! What stands behind `accepted:`, taken apart.

/// The ends of every `from LOW to HIGH`, as they are written.
pub fn ranges(accepted: &str) -> Vec<(String, String)> {
    let number = |text: &str| {
        let word = text.split([' ', ',', ';']).next().unwrap_or("");
        word.parse::<f64>().is_ok().then(|| word.to_owned())
    };
    let range = |rest: &str| Some((number(rest)?, number(rest.split_once(" to ")?.1)?));
    accepted.split("from ").skip(1).filter_map(range).collect()
}

/// Everything in double quotes.
pub fn words(accepted: &str) -> Vec<String> {
    accepted.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The names of a list of keys, without a hint.
pub fn keys(accepted: &str) -> Vec<String> {
    let list = accepted.split(" (did you mean").next().unwrap_or("");
    list.split(", ").filter(|key| !key.is_empty() && *key != "no key here").map(str::to_owned).collect()
}
