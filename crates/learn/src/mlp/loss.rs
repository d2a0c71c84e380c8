//! Losses that more than one net is trained by.

use crate::sampling::softmax;

/// The loss of one row of class scores, which become its slope in them: probabilities less truth. Panics for a label beyond them.
pub fn cross_entropy(scores: &mut [f32], label: usize) -> f32 {
    softmax(scores);
    let loss = -scores[label].max(1e-7).ln();
    scores[label] -= 1.0;
    loss
}

#[cfg(test)]
mod tests {
    use super::cross_entropy;

    #[test]
    fn even_scores_cost_the_logarithm_of_the_classes() {
        let mut row = [2.0f32; 4];
        assert!((cross_entropy(&mut row, 1) - 4.0f32.ln()).abs() < 1e-6);
        assert_eq!(row, [0.25, -0.75, 0.25, 0.25]);
    }
}
