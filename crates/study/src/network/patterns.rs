//! Weights of an associative memory.

/// Hebb's weights for `patterns` of +-1: W = (1/N) sum of x x^T, without self-couplings (Hopfield 1982),
/// row-major.
#[must_use]
pub fn hebbian(patterns: &[Vec<f64>], neurons: usize) -> Vec<f64> {
    let mut weights = vec![0.0; neurons * neurons];
    for pattern in patterns {
        for i in 0..neurons {
            for j in (0..neurons).filter(|&j| j != i) {
                weights[i * neurons + j] += pattern[i] * pattern[j] / neurons as f64;
            }
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_pattern_drives_every_neuron_to_its_own_sign() {
        let pattern = vec![1.0, -1.0, 1.0, 1.0, -1.0];
        let weights = hebbian(std::slice::from_ref(&pattern), 5);
        for i in 0..5 {
            let drive: f64 = (0..5).map(|j| weights[j * 5 + i] * pattern[j]).sum();
            assert!((drive - 0.8 * pattern[i]).abs() < 1e-12, "(N - 1) / N times the pattern");
        }
    }
}
