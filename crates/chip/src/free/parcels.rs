//! What the packets in flight carry. A transport knows a packet by its tag alone; the tag is a place here.

/// The meaning of a packet in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parcel {
    /// A value, raw LSB, of an axon of a population.
    Activity {
        /// The population.
        population: u32,
        /// The axon.
        axon: u32,
        /// The value.
        raw: i64,
        /// The first sample from this cycle on is the one that a delay of one step would meet.
        meets: u64,
    },
    /// A returned drive, raw LSB.
    Drive {
        /// The route.
        route: u32,
        /// The neuron of the driven core.
        neuron: u32,
        /// The value.
        raw: i64,
        /// The first sample from this cycle on is the one that a delay of one step would meet.
        meets: u64,
    },
    /// What the target's registers have held since they were loaded; the packet only costs.
    Loaded,
}

/// Parcels in flight; places of delivered ones are used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Parcels {
    /// Parcels with the number of deliveries that each still owes.
    places: Vec<(Parcel, u32)>,
    empty: Vec<u64>,
}

impl Parcels {
    /// Keeps a parcel that will be delivered so many times, at least once; returns the tag of its packet.
    pub(super) fn keep(&mut self, parcel: Parcel, deliveries: usize) -> u64 {
        let kept = (parcel, deliveries as u32);
        match self.empty.pop() {
            Some(tag) => {
                self.places[tag as usize] = kept;
                tag
            }
            None => {
                self.places.push(kept);
                self.places.len() as u64 - 1
            }
        }
    }

    /// Hands out the parcel of a delivered packet.
    pub(super) fn hand_out(&mut self, tag: u64) -> Parcel {
        let (parcel, deliveries) = &mut self.places[tag as usize];
        *deliveries -= 1;
        if *deliveries == 0 {
            self.empty.push(tag);
        }
        *parcel
    }
}
