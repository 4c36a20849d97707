//! One declaration per set of parameters: name, unit, default, range and meaning feed reading, writing, help,
//! docs and error messages.
//!
//! [`params!`](crate::params!) declares a struct, [`choice!`](crate::choice!) a closed set of words, and
//! [`family!`](crate::family!) a set of models chosen by `kind`.

use crate::config::{ConfigError, Entry, Node, Place, Table, Value};

/// The declaration of one key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key's name.
    pub name: &'static str,
    /// Its unit; empty for words and sections.
    pub unit: &'static str,
    /// Smallest and largest accepted number.
    pub range: Option<(f64, f64)>,
    /// What it means.
    pub meaning: &'static str,
    /// The default as a file would write it.
    pub default: Value,
}

/// A type that a key can hold.
pub trait Field: Sized {
    /// Reads the value of `entry`, checking numbers against `range`.
    ///
    /// # Errors
    /// If the value has the wrong type or lies outside the range.
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError>;

    /// The value as a file would write it.
    fn write(&self) -> Value;
}

/// A struct declared by [`params!`](crate::params!).
pub trait Params: Sized {
    /// The declared keys with their defaults.
    fn keys() -> Vec<Key>;
    /// Reads every key from `table`, with defaults for what is absent.
    ///
    /// # Errors
    /// At the first key that is unknown, of the wrong type or out of range.
    fn read(table: &Table) -> Result<Self, ConfigError>;
    /// All keys with their values.
    fn write(&self) -> Table;
}

fn in_range(table: &Table, entry: &Entry, value: f64, range: Option<(f64, f64)>) -> Result<(), ConfigError> {
    match range {
        Some((low, high)) if !(value >= low && value <= high) => {
            Err(table.error(entry, format!("a number from {low} to {high}")))
        }
        _ => Ok(()),
    }
}

impl Field for f64 {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        let value = match entry.node.value {
            Value::Float(value) if value.is_finite() => value,
            Value::Integer(value) => value as f64,
            _ => return Err(table.error(entry, "a finite number")),
        };
        in_range(table, entry, value, range)?;
        Ok(value)
    }
    fn write(&self) -> Value {
        Value::Float(*self)
    }
}

macro_rules! whole_number {
    ($($type:ty)*) => {$(
        impl Field for $type {
            fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
                let accepted = "a whole number";
                let Value::Integer(value) = entry.node.value else { return Err(table.error(entry, accepted)) };
                in_range(table, entry, value as f64, range)?;
                <$type>::try_from(value).map_err(|_| {
                    // A file writes whole numbers up to 2^63 - 1, whatever the type could hold.
                    let most = i64::try_from(<$type>::MAX).unwrap_or(i64::MAX);
                    table.error(entry, format!("a whole number from {} to {most}", <$type>::MIN))
                })
            }
            fn write(&self) -> Value {
                Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )*};
}
whole_number!(u32 u64 usize i32);

impl Field for bool {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match entry.node.value {
            Value::Bool(value) => Ok(value),
            _ => Err(table.error(entry, "true or false")),
        }
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for String {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(value) => Ok(value.clone()),
            _ => Err(table.error(entry, "a text in quotes")),
        }
    }
    fn write(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        let Value::List(items) = &entry.node.value else {
            return Err(table.error(entry, "a list in brackets"));
        };
        items
            .iter()
            .map(|node| T::read(table, &Entry { node: node.clone(), ..entry.clone() }, range))
            .collect()
    }
    fn write(&self) -> Value {
        Value::List(self.iter().map(|item| item.write().built_in()).collect())
    }
}

impl<P: Params> Field for P {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Table(section) => P::read(section),
            _ => Err(table.error(entry, "a section")),
        }
    }
    fn write(&self) -> Value {
        Value::Table(Params::write(self))
    }
}

/// A section that stands in no file, for writing.
#[must_use]
pub fn written_table(entries: Vec<(&str, Value)>) -> Table {
    let place = Place::whole("built-in defaults");
    let mut table = Table::new("", place.clone());
    for (key, value) in entries {
        table.set(key, place.clone(), Node { place: place.clone(), value });
    }
    table
}

/// Declares a struct of parameters.
///
/// ```
/// equipoise_base::params! {
///     /// A leaky integrator.
///     pub struct Leaky {
///         /// Step factor.
///         step: f64 = 0.5, "1", 0.0..=1.0;
///         /// Refractory steps after a spike.
///         refractory_steps: u32 = 0, "steps", 0..=1000;
///         /// Reports every step.
///         verbose: bool = false, "";
///     }
/// }
/// assert_eq!(Leaky::default().step, 0.5);
/// ```
#[macro_export]
macro_rules! params {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])+ $field:ident : $type:ty = $default:expr, $unit:literal $(, $low:literal ..= $high:literal)? ; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $( $(#[doc = $doc])+ pub $field: $type, )* }

        impl Default for $name {
            fn default() -> Self { Self { $( $field: $default, )* } }
        }

        impl $crate::params::Params for $name {
            fn keys() -> Vec<$crate::params::Key> {
                let default = Self::default();
                let _ = &default;
                vec![$( $crate::params::Key {
                    name: stringify!($field),
                    unit: $unit,
                    range: $crate::params!(@range $($low, $high)?),
                    meaning: concat!($($doc),+).trim_start(),
                    default: $crate::params::Field::write(&default.$field),
                }, )*]
            }
            fn read(table: &$crate::config::Table) -> Result<Self, $crate::config::ConfigError> {
                table.refuse_unknown(&[$(stringify!($field)),*])?;
                let mut params = Self::default();
                let _ = &mut params;
                $( if let Some(entry) = table.get(stringify!($field)) {
                    params.$field = $crate::params::Field::read(table, entry, $crate::params!(@range $($low, $high)?))?;
                } )*
                Ok(params)
            }
            fn write(&self) -> $crate::config::Table {
                $crate::params::written_table(vec![$( (stringify!($field), $crate::params::Field::write(&self.$field)), )*])
            }
        }
    };
    (@range) => { None };
    (@range $low:literal, $high:literal) => { Some(($low as f64, $high as f64)) };
}

/// Declares a closed set of words, each with its meaning; the first is the default.
#[macro_export]
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[doc = $doc:literal])+ $variant:ident = $word:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $doc])+ $variant, )+ }

        impl $name {
            /// Every choice, its word and its meaning.
            pub const ALL: &'static [(Self, &'static str, &'static str)] =
                &[$( (Self::$variant, $word, concat!($($doc),+)), )+];
            /// The word in files.
            #[must_use]
            pub fn word(self) -> &'static str { match self { $( Self::$variant => $word, )+ } }
        }

        impl Default for $name {
            fn default() -> Self { Self::ALL[0].0 }
        }

        impl $crate::params::Field for $name {
            fn read(
                table: &$crate::config::Table,
                entry: &$crate::config::Entry,
                _: Option<(f64, f64)>,
            ) -> Result<Self, $crate::config::ConfigError> {
                if let $crate::config::Value::Text(word) = &entry.node.value
                    && let Some(&(choice, _, _)) = Self::ALL.iter().find(|(_, known, _)| known == word)
                {
                    return Ok(choice);
                }
                let words: Vec<String> = Self::ALL.iter().map(|(_, word, _)| format!("{word:?}")).collect();
                Err(table.error(entry, words.join(", ")))
            }
            fn write(&self) -> $crate::config::Value { $crate::config::Value::Text(self.word().to_owned()) }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::choice! {
        /// Colours.
        pub enum Colour {
            /// Like blood.
            Red = "red",
            /// Like the sky.
            Blue = "blue",
        }
    }

    params! {
        /// A paint.
        pub struct Paint {
            /// The colour.
            colour: Colour = Colour::Blue, "";
            /// How thick.
            depth_um: f64 = 1.5, "um", 0.0..=10.0;
            /// Coats.
            coats: u32 = 2, "coats", 1..=9;
        }
    }

    fn table(entries: &[(&str, Value)]) -> Table {
        let mut table = written_table(entries.iter().map(|(k, v)| (*k, v.clone())).collect());
        table.path = "paint".to_owned();
        table
    }

    #[test]
    fn what_is_written_reads_back_as_itself() {
        let paint = Paint { colour: Colour::Red, depth_um: 0.25, coats: 3 };
        assert_eq!(<Paint as Params>::read(&Params::write(&paint)).unwrap(), paint);
        assert_eq!(<Paint as Params>::read(&table(&[])).unwrap(), Paint::default());
    }

    #[test]
    fn wrong_type_range_word_and_nan_each_say_what_is_accepted() {
        let message = |key: &str, value: Value| {
            <Paint as Params>::read(&table(&[(key, value)])).unwrap_err().to_string()
        };
        assert!(message("coats", Value::Float(1.5)).ends_with("found 1.5; accepted: a whole number"));
        assert!(
            message("coats", Value::Integer(10))
                .ends_with("`paint.coats`: found 10; accepted: a number from 1 to 9")
        );
        let seed = |value| {
            let table = table(&[("seed", Value::Integer(value))]);
            u64::read(&table, &table.entries[0], None)
        };
        assert_eq!(
            seed(-1).unwrap_err().to_string(),
            "built-in defaults: `paint.seed`: found -1; accepted: a whole number from 0 to 9223372036854775807"
        );
        assert_eq!((seed(0), seed(i64::MAX)), (Ok(0), Ok(i64::MAX as u64)));
        assert!(message("depth_um", Value::Float(f64::NAN)).ends_with("accepted: a finite number"));
        assert!(
            message("colour", Value::Text("green".into()))
                .ends_with("found \"green\"; accepted: \"red\", \"blue\"")
        );
        assert!(message("colours", Value::Bool(true)).contains("did you mean `colour`?"));
    }

    #[test]
    fn the_declaration_feeds_help() {
        let keys = Paint::keys();
        assert_eq!(keys[1].name, "depth_um");
        assert_eq!((keys[1].unit, keys[1].range), ("um", Some((0.0, 10.0))));
        assert_eq!(keys[1].meaning, "How thick.");
        assert_eq!(keys[1].default, Value::Float(1.5));
    }
}
