//! Rows by falling probability of one class, and the areas under the curves that a falling threshold draws.

/// The rows in that order.
pub(crate) struct Ranking {
    places: Vec<Place>,
}

struct Place {
    row: u32,
    is_of_class: bool,
    /// Whether the next row has another probability.
    ends_tie: bool,
}

impl Ranking {
    /// `probability` of the class and whether a row is of it, for rows 0 to `n_rows`. No probability is NaN.
    pub(crate) fn new(
        n_rows: usize,
        probability: impl Fn(usize) -> f64,
        is_of_class: impl Fn(usize) -> bool,
    ) -> Self {
        let mut order: Vec<usize> = (0..n_rows).collect();
        order.sort_by(|&a, &b| probability(b).total_cmp(&probability(a)));
        let place = |(place, &row): (usize, &usize)| Place {
            row: u32::try_from(row).expect("fewer than 2³² rows"),
            is_of_class: is_of_class(row),
            ends_tie: order.get(place + 1).is_none_or(|&next| probability(next) != probability(row)),
        };
        Self { places: order.iter().enumerate().map(place).collect() }
    }

    /// `[area under the ROC curve, average precision]`, each row counted as much as `counts` says. The first is Mann and
    /// Whitney's U over the number of pairs; NaN without a row of the class or, the first, of the rest.
    pub(crate) fn areas(&self, counts: &[f64]) -> [f64; 2] {
        let (mut of_class, mut of_rest, mut pairs_won, mut precisions) = (0.0, 0.0, 0.0, 0.0);
        let (mut of_class_before, mut of_rest_before) = (0.0, 0.0); // the current tie
        for place in &self.places {
            let count = counts[place.row as usize];
            if place.is_of_class {
                of_class += count;
            } else {
                of_rest += count;
            }
            if place.ends_tie {
                pairs_won += (of_rest - of_rest_before) * 0.5 * (of_class + of_class_before);
                if of_class > of_class_before {
                    precisions += (of_class - of_class_before) * (of_class / (of_class + of_rest));
                }
                (of_class_before, of_rest_before) = (of_class, of_rest);
            }
        }
        [pairs_won / (of_class * of_rest), precisions / of_class]
    }
}
