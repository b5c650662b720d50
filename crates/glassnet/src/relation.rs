//! Which question a unit answers: the threshold on its output that agrees best with a class.

/// A unit's output against a threshold, as the answer to "is it this class?".
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// The class that it is asked about.
    pub class: usize,
    /// Half way between the two neighbouring outputs that it parts.
    pub threshold: f64,
    /// Whether outputs above the threshold mean yes; else those below do.
    pub is_above: bool,
    /// Rows for which the answer is right.
    pub n_right: usize,
}

/// The best threshold on these outputs, one a row, for any of the classes; of equal ones the one in the widest gap, and then that
/// of the first class. `None` where all outputs are the same or there is only one class.
///
/// # Panics
/// When there is not a class for each output.
pub fn relation(outputs: &[f64], classes: &[usize]) -> Option<Relation> {
    assert_eq!(outputs.len(), classes.len(), "a class for each output");
    let mut order: Vec<usize> = (0..outputs.len()).collect();
    order.sort_by(|&one, &other| outputs[one].total_cmp(&outputs[other]));
    let n_classes = classes.iter().max().map_or(0, |last| last + 1);
    let mut best: Option<(usize, f64, Relation)> = None;
    for class in (0..n_classes).filter(|class| classes.contains(class)) {
        let n_yes = classes.iter().filter(|of_row| **of_row == class).count();
        if n_yes == classes.len() {
            return None;
        }
        // Rows at or below the threshold so far: of the class, and in all.
        let (mut yes_below, mut below) = (0, 0);
        for pair in order.windows(2) {
            yes_below += usize::from(classes[pair[0]] == class);
            below += 1;
            let (low, high) = (outputs[pair[0]], outputs[pair[1]]);
            if low == high {
                continue;
            }
            let right_above = (n_yes - yes_below) + (below - yes_below);
            for (is_above, n_right) in [(true, right_above), (false, classes.len() - right_above)] {
                let gap = high - low;
                let is_better = |&(most, widest, _): &(usize, f64, Relation)| {
                    n_right > most || n_right == most && gap > widest
                };
                if best.as_ref().is_none_or(is_better) {
                    let threshold = low + gap / 2.0;
                    best = Some((n_right, gap, Relation { class, threshold, is_above, n_right }));
                }
            }
        }
    }
    best.map(|(_, _, relation)| relation)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every threshold, tried.
    fn most_right(outputs: &[f64], classes: &[usize], relation: &Relation) -> usize {
        let says = |output: f64| (output > relation.threshold) == relation.is_above;
        outputs.iter().zip(classes).filter(|(o, c)| says(**o) == (**c == relation.class)).count()
    }

    #[test]
    fn the_unit_of_and_is_on_for_both() {
        let relation = relation(&[0.1, 0.2, 0.2, 0.9], &[0, 0, 0, 1]).unwrap();
        assert_eq!((relation.class, relation.is_above, relation.n_right), (0, false, 4));
        assert!((relation.threshold - 0.55).abs() < 1e-12);
    }

    #[test]
    fn what_it_counts_is_what_it_says() {
        let mut draw = crate::generator::Generator::new(3);
        for _ in 0..200 {
            let n = 2 + draw.up_to(9) as usize;
            let outputs: Vec<f64> = (0..n).map(|_| draw.up_to(4) as f64).collect();
            let classes: Vec<usize> = (0..n).map(|_| draw.up_to(2) as usize).collect();
            let Some(found) = relation(&outputs, &classes) else { continue };
            assert_eq!(most_right(&outputs, &classes, &found), found.n_right);
            for class in 0..=2 {
                for is_above in [true, false] {
                    for at in 0..4 {
                        let threshold = f64::from(at) + 0.5;
                        let other = Relation { class, threshold, is_above, n_right: 0 };
                        let parts =
                            outputs.iter().any(|o| *o > threshold) && outputs.iter().any(|o| *o < threshold);
                        if parts && classes.contains(&class) {
                            assert!(most_right(&outputs, &classes, &other) <= found.n_right);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn one_class_or_one_output_has_no_question() {
        assert_eq!(relation(&[0.1, 0.2], &[0, 0]), None);
        assert_eq!(relation(&[0.5, 0.5], &[0, 1]), None);
    }
}
