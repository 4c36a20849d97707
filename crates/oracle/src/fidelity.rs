//! How well one gradient agrees with another.

/// Agreement of an estimated gradient with a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fidelity {
    /// Cosine of the angle between the two; 0 if the estimate is zero.
    pub cosine: f64,
    /// The angle itself, in degrees, 0 to 180, exact also where the cosine has rounded to 1.
    pub angle_deg: f64,
    /// `|estimate - reference| / |reference|`.
    pub relative_error: f64,
    /// `|estimate| / |reference|`.
    pub norm_ratio: f64,
}

impl Fidelity {
    /// Compares two gradients, given as flat vectors; `None` if the reference is zero, as nothing can be said then.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn of(estimate: &[f64], reference: &[f64]) -> Option<Self> {
        assert_eq!(estimate.len(), reference.len(), "gradients of different lengths");
        let (e, r) = (norm(estimate.iter().copied()), norm(reference.iter().copied()));
        if r == 0.0 {
            return None;
        }
        let relative_error = norm(estimate.iter().zip(reference).map(|(a, b)| a - b)) / r;
        if e == 0.0 {
            return Some(Self { cosine: 0.0, angle_deg: 90.0, relative_error, norm_ratio: 0.0 });
        }
        let product: f64 = estimate.iter().zip(reference).map(|(a, b)| a * b).sum();
        // Between unit vectors, the tangent of half the angle is |a - b| / |a + b| (Kahan).
        let unit = || estimate.iter().zip(reference).map(|(a, b)| (a / e, b / r));
        let apart = norm(unit().map(|(a, b)| a - b));
        let together = norm(unit().map(|(a, b)| a + b));
        let angle_deg = (2.0 * apart.atan2(together)).to_degrees();
        Some(Self { cosine: product / (e * r), angle_deg, relative_error, norm_ratio: e / r })
    }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::Fidelity;

    #[test]
    fn a_right_angle_and_a_doubled_gradient_by_hand() {
        let right = Fidelity::of(&[0.0, 3.0], &[4.0, 0.0]).unwrap();
        assert_eq!((right.cosine, right.relative_error, right.norm_ratio), (0.0, 1.25, 0.75));
        assert!((right.angle_deg - 90.0).abs() < 1e-12);
        let doubled = Fidelity::of(&[6.0, 8.0], &[3.0, 4.0]).unwrap();
        assert_eq!((doubled.cosine, doubled.relative_error, doubled.norm_ratio), (1.0, 1.0, 2.0));
        assert_eq!(doubled.angle_deg, 0.0);
    }

    #[test]
    fn a_zero_reference_says_nothing_and_a_zero_estimate_points_nowhere() {
        assert_eq!(Fidelity::of(&[1.0], &[0.0]), None);
        let nowhere = Fidelity::of(&[0.0, 0.0], &[1.0, 2.0]).unwrap();
        assert_eq!((nowhere.cosine, nowhere.relative_error, nowhere.norm_ratio), (0.0, 1.0, 0.0));
    }
}
