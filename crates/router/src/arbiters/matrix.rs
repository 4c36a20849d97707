//! Arbitration by who has waited longest since its last grant.

use crate::arbiter::{Arbiter, Rank};

/// The input whose last grant of this output is the longest ago (a matrix arbiter; Dally and Towles,
/// "Principles and Practices of Interconnection Networks", 18.5); at first the lowest.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    inputs: usize,
    /// By output times inputs plus input: the inputs that this one gives way to.
    yields_to: Vec<u64>,
}

impl Arbiter for Matrix {
    fn new(outputs: usize, inputs: usize) -> Self {
        let mut matrix = Self { inputs, yields_to: vec![0; outputs * inputs] };
        matrix.reset();
        matrix
    }

    #[inline]
    fn grant(&mut self, output: usize, requests: u64, _: impl Fn(usize) -> Rank) -> usize {
        let row = &mut self.yields_to[output * self.inputs..][..self.inputs];
        // The inputs stand in a line, so exactly one that asks gives way to no other that asks.
        let mut rest = requests;
        let mut winner = rest.trailing_zeros() as usize;
        while row[winner] & requests != 0 {
            rest &= rest - 1;
            winner = rest.trailing_zeros() as usize;
        }
        // The winner goes to the end of the line.
        for others in row.iter_mut() {
            *others &= !(1 << winner);
        }
        row[winner] = (u64::MAX >> (u64::BITS as usize - self.inputs)) & !(1 << winner);
        winner
    }

    fn reset(&mut self) {
        for (at, others) in self.yields_to.iter_mut().enumerate() {
            *others = (1 << (at % self.inputs)) - 1;
        }
    }

    fn memory(&self) -> Vec<u64> {
        self.yields_to.clone()
    }

    fn resume(&mut self, memory: &[u64]) {
        assert_eq!(memory.len(), self.yields_to.len(), "a snapshot under another arbiter");
        self.yields_to.copy_from_slice(memory);
    }
}
