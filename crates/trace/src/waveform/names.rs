//! Signals in their scopes, with names that the formats accept.

use super::Signal;
use std::collections::{BTreeMap, BTreeSet};

/// A signal as a file declares it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    /// The number of the signal.
    pub number: usize,
    /// How many scopes are closed before it.
    pub up: usize,
    /// The scopes that are then opened.
    pub down: Vec<String>,
    /// Its name.
    pub name: String,
}

/// Declares `signals` scope by scope, each scope's in their own order. Returns them with the number of scopes that
/// are open after the last.
pub(super) fn declarations(signals: &[Signal]) -> (Vec<Declaration>, usize) {
    let mut order: Vec<usize> = (0..signals.len()).collect();
    order.sort_by(|&a, &b| signals[a].scopes.cmp(&signals[b].scopes));
    let (mut names, mut open) = (Names::default(), &[][..]);
    let mut declare = |number: usize| {
        let Signal { scopes, name, .. } = &signals[number];
        let common = open.iter().zip(scopes).take_while(|(a, b)| a == b).count();
        let up = open.len() - common;
        open = scopes;
        let down =
            (common..scopes.len()).map(|depth| names.plain(&scopes[..depth], &scopes[depth])).collect();
        Declaration { number, up, down, name: names.plain(scopes, name) }
    };
    let declared = order.into_iter().map(&mut declare).collect();
    (declared, open.len())
}

/// Names as the formats accept them: of letters, digits and underscores. What differs still differs.
#[derive(Default)]
struct Names<'s> {
    /// The plain name by scope and name.
    given: BTreeMap<(&'s [String], &'s str), String>,
    /// Scopes with the plain names in them.
    taken: BTreeSet<(&'s [String], String)>,
}

impl<'s> Names<'s> {
    fn plain(&mut self, scope: &'s [String], name: &'s str) -> String {
        if let Some(plain) = self.given.get(&(scope, name)) {
            return plain.clone();
        }
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let stem: String = if name.is_empty() { "_".to_owned() } else { name.chars().map(letter).collect() };
        let numbered = (2_u64..).map(|number| format!("{stem}_{number}"));
        let mut candidates = std::iter::once(stem.clone()).chain(numbered);
        let free = candidates.find(|plain| !self.taken.contains(&(scope, plain.clone())));
        let plain = free.unwrap_or(stem);
        self.taken.insert((scope, plain.clone()));
        self.given.insert((scope, name), plain.clone());
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waveform::Kind;

    fn declared(names: &[(&[&str], &str)]) -> Vec<String> {
        let signal = |(scopes, name): &(&[&str], &str)| {
            let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            Signal { scopes, name: (*name).to_owned(), kind: Kind::Bits(1) }
        };
        let signals: Vec<Signal> = names.iter().map(signal).collect();
        let (declarations, open) = declarations(&signals);
        let (mut scopes, mut paths) = (Vec::new(), vec![String::new(); names.len()]);
        for Declaration { number, up, down, name } in declarations {
            scopes.truncate(scopes.len() - up);
            scopes.extend(down);
            paths[number] = format!("{}.{name}", scopes.join("."));
        }
        assert_eq!(scopes.len(), open);
        paths
    }

    #[test]
    fn names_that_differ_still_differ_when_they_are_plain() {
        let paths = declared(&[
            (&["chip", "a-b"], "n0"),
            (&["chip"], "step"),
            (&["chip", "a b"], "n0"),
            (&["chip", "a-b"], "n-0"),
            (&["chip", "a_b_2"], "n0"),
            (&["chip", "a b"], "n1"),
            (&["chip", ""], "\u{e9}"),
            (&["chip", "\u{e9}"], "n0"),
        ]);
        let different: BTreeSet<&String> = paths.iter().collect();
        assert_eq!(different.len(), paths.len(), "{paths:?}");
        assert_eq!((paths[0].as_str(), paths[3].as_str()), ("chip.a_b_2.n0", "chip.a_b_2.n_0"));
        assert_eq!((paths[2].as_str(), paths[5].as_str()), ("chip.a_b.n0", "chip.a_b.n1"));
        assert_eq!(paths[4], "chip.a_b_2_2.n0");
        assert!(paths.iter().all(|path| path.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c))));
    }
}
