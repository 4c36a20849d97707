//! Families of models: one list per family gives names, parameter types, docs and dispatch.

use crate::params::Key;

/// One model of a family, for help and documentation.
#[derive(Clone, Debug)]
pub struct Member {
    /// The word after `kind =`.
    pub name: &'static str,
    /// What the model is.
    pub meaning: &'static str,
    /// Its parameters.
    pub keys: Vec<Key>,
}

/// Declares a family: an enum with one variant per model that holds the model's `Params`.
///
/// In a file, `kind` chooses the model and the other keys of the section are the model's own. The first
/// model is the default.
#[macro_export]
macro_rules! family {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[doc = $doc:literal])+ $variant:ident($params:ty) = $word:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name { $( $(#[doc = $doc])+ $variant($params), )+ }

        impl $name {
            /// Every model of the family.
            #[must_use]
            pub fn members() -> Vec<$crate::family::Member> {
                vec![$( $crate::family::Member {
                    name: $word,
                    meaning: concat!($($doc),+).trim_start(),
                    keys: <$params as $crate::params::Params>::keys(),
                }, )+]
            }
            /// One of each model, with default parameters.
            #[must_use]
            pub fn defaults() -> Vec<Self> {
                vec![$( Self::$variant(<$params>::default()), )+]
            }
            /// The word after `kind =`.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$variant(_) => $word, )+ }
            }
            /// Reads a section: `kind` first, then the rest as that model's own keys.
            ///
            /// # Errors
            /// If `kind` names no model, or a key is not one of the model's.
            pub fn read_section(table: &$crate::config::Table) -> Result<Self, $crate::config::ConfigError> {
                let words = [$($word),+];
                let kind = match table.get("kind") {
                    None => words[0],
                    Some(entry) => match &entry.node.value {
                        $crate::config::Value::Text(word) if words.contains(&word.as_str()) => word.as_str(),
                        _ => {
                            let quoted: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
                            return Err(table.error(entry, quoted.join(", ")));
                        }
                    },
                };
                let mut rest = table.clone();
                rest.entries.retain(|entry| entry.key != "kind");
                $( if kind == $word {
                    let keys = <$params as $crate::params::Params>::keys();
                    let known: Vec<&str> = std::iter::once("kind").chain(keys.iter().map(|key| key.name)).collect();
                    rest.refuse_unknown(&known)?;
                    return Ok(Self::$variant(<$params as $crate::params::Params>::read(&rest)?));
                } )+
                unreachable!("every word of the list is handled above")
            }
            /// The section as a file would write it.
            #[must_use]
            pub fn write_section(&self) -> $crate::config::Table {
                let mut table = match self { $( Self::$variant(params) => $crate::params::Params::write(params), )+ };
                let place = table.place.clone();
                let node = $crate::config::Node { place: place.clone(), value: $crate::config::Value::Text(self.kind().to_owned()) };
                table.entries.insert(0, $crate::config::Entry { key: "kind".to_owned(), place, node });
                table
            }
        }

        impl Default for $name {
            fn default() -> Self { Self::defaults().swap_remove(0) }
        }

        impl $crate::params::Field for $name {
            fn read(
                table: &$crate::config::Table,
                entry: &$crate::config::Entry,
                _: Option<(f64, f64)>,
            ) -> Result<Self, $crate::config::ConfigError> {
                match &entry.node.value {
                    $crate::config::Value::Table(section) => Self::read_section(section),
                    // `kind` alone may be written as a word: latch = "product".
                    $crate::config::Value::Text(_) => {
                        let mut section = $crate::config::Table::new(&table.path_of(&entry.key), entry.place.clone());
                        section.set("kind", entry.place.clone(), entry.node.clone());
                        Self::read_section(&section)
                    }
                    _ => Err(table.error(entry, "a section with `kind`, or the word alone")),
                }
            }
            fn write(&self) -> $crate::config::Value { $crate::config::Value::Table(self.write_section()) }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::config::Value;
    use crate::params::written_table;

    crate::params! {
        /// A round thing.
        pub struct Round {
            /// Radius.
            radius_mm: f64 = 1.0, "mm", 0.0..=9.0;
        }
    }
    crate::params! {
        /// A square thing.
        pub struct Square {
            /// Side.
            side_mm: f64 = 2.0, "mm", 0.0..=9.0;
        }
    }
    crate::family! {
        /// Things.
        pub enum Thing {
            /// It rolls.
            Round(Round) = "round",
            /// It stands.
            Square(Square) = "square",
        }
    }

    #[test]
    fn kind_chooses_and_the_rest_is_the_models_own() {
        let table =
            written_table(vec![("kind", Value::Text("square".into())), ("side_mm", Value::Integer(3))]);
        assert_eq!(Thing::read_section(&table).unwrap(), Thing::Square(Square { side_mm: 3.0 }));
        let table =
            written_table(vec![("kind", Value::Text("square".into())), ("radius_mm", Value::Integer(3))]);
        let message = Thing::read_section(&table).unwrap_err().to_string();
        assert!(message.contains("`radius_mm`: found an unknown key; accepted: kind, side_mm"), "{message}");
        let table = written_table(vec![("kind", Value::Text("cube".into()))]);
        assert!(
            Thing::read_section(&table).unwrap_err().to_string().contains("accepted: \"round\", \"square\"")
        );
    }

    #[test]
    fn every_member_survives_writing_and_reading() {
        for thing in Thing::defaults() {
            assert_eq!(Thing::read_section(&thing.write_section()).unwrap(), thing);
        }
        assert_eq!(Thing::members().len(), 2);
        assert_eq!(Thing::default().kind(), "round");
    }
}
