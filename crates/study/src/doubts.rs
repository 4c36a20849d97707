//! What a person should know before believing what a run says.

use crate::Session;
use equipoise_trace::{DataSource, Dataset};

/// What is doubtful about a session's data: parts in which all samples are of one class, where learning has nothing
/// to tell apart and any accuracy is easily had.
#[must_use]
pub fn of(session: &Session) -> Vec<String> {
    let Some(data) = &session.data else { return Vec::new() };
    let hint = match session.experiment.data.source {
        DataSource::Csv(_) => " (the label is the column called `label`, else the last one)",
        _ => "",
    };
    let training = (session.experiment.learns(), "training", &data.train);
    let testing = (data.test.len() > 1, "test", &data.test);
    let doubt = |(counts, part, set): (bool, &str, &Dataset)| {
        let class = only_class(set).filter(|_| counts)?;
        Some(format!("every {part} sample is of class {class}{hint}"))
    };
    [training, testing].into_iter().filter_map(doubt).collect()
}

/// The class of all samples; `None` if there are several.
fn only_class(set: &Dataset) -> Option<u32> {
    let (&first, rest) = set.labels.split_first()?;
    rest.iter().all(|&label| label == first).then_some(first)
}
