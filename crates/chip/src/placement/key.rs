//! The key `hardware.placement`.

use equipoise_base::config::{ConfigError, Entry, Node, Table, Value};
use equipoise_base::params::Field;

/// On which nodes of the mesh the cores sit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Core c on node c.
    #[default]
    Order,
    /// Where the packets of a sample go over the fewest links.
    Traffic,
    /// A node for every core, in the order of the cores.
    Nodes(Vec<u32>),
    /// The nodes of every population, in the order of its cores.
    Populations(Vec<(String, Vec<u32>)>),
}

const ACCEPTED: &str = "\"order\", \"traffic\", a list with a node for every core, or a section with the node, or a list \
                        of nodes, of every population";

impl Field for Placement {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(word) if word == "order" => Ok(Self::Order),
            Value::Text(word) if word == "traffic" => Ok(Self::Traffic),
            Value::List(_) => Ok(Self::Nodes(nodes(table, entry)?)),
            Value::Table(section) => {
                let of = |entry: &Entry| Ok((entry.key.clone(), nodes(section, entry)?));
                Ok(Self::Populations(section.entries.iter().map(of).collect::<Result<_, _>>()?))
            }
            _ => Err(table.error(entry, ACCEPTED)),
        }
    }

    fn write(&self) -> Value {
        let list = |nodes: &[u32]| {
            Value::List(nodes.iter().map(|&node| Value::Integer(i64::from(node)).built_in()).collect())
        };
        match self {
            Self::Order => Value::Text("order".to_owned()),
            Self::Traffic => Value::Text("traffic".to_owned()),
            Self::Nodes(nodes) => list(nodes),
            Self::Populations(populations) => {
                let entries = populations.iter().map(|(name, nodes)| (name.as_str(), list(nodes)));
                Value::Table(equipoise_base::params::written_table(entries.collect()))
            }
        }
    }
}

/// A node, or a list of them.
fn nodes(table: &Table, entry: &Entry) -> Result<Vec<u32>, ConfigError> {
    let node = |node: &Node| match node.value {
        Value::Integer(number) => u32::try_from(number).ok(),
        _ => None,
    };
    let nodes = match &entry.node.value {
        Value::List(list) => list.iter().map(node).collect(),
        _ => node(&entry.node).map(|node| vec![node]),
    };
    nodes.ok_or_else(|| table.error(entry, "nodes of the mesh: whole numbers, y * width + x"))
}
