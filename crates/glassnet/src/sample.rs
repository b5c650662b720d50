//! A fair choice of numbers out of more than there is room for.

use crate::generator::Generator;

/// How many numbers are kept, and by whose lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// The most numbers that are kept; up to there every one is.
    pub most: usize,
    /// Seed of the choice.
    pub seed: u64,
}

impl Sampling {
    /// Every number.
    pub const ALL: Self = Self { most: usize::MAX, seed: 0 };
}

/// Numbers chosen uniformly among all that came (Algorithm R: Vitter, ACM TOMS 11, 37, 1985).
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    most: usize,
    n_seen: u64,
    chosen: Vec<f64>,
    generator: Generator,
}

impl Sample {
    /// One of several samples, each with a stream of random numbers of its own.
    pub(crate) fn new(sampling: Sampling, stream: u64) -> Self {
        let generator = Generator::stream(sampling.seed, stream);
        Self { most: sampling.most, n_seen: 0, chosen: Vec::new(), generator }
    }

    /// The next number.
    pub(crate) fn see(&mut self, value: f64) {
        if self.chosen.len() < self.most {
            self.chosen.push(value);
        } else {
            let place = self.generator.up_to(self.n_seen) as usize;
            if let Some(chosen) = self.chosen.get_mut(place) {
                *chosen = value;
            }
        }
        self.n_seen += 1;
    }

    /// What was chosen, in no order that means anything.
    pub(crate) fn into_values(self) -> Vec<f64> {
        self.chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_kept_as_often_as_any_other() {
        let (n, most, n_samples) = (40, 10, 4_000);
        let mut counts = vec![0; n];
        for stream in 0..n_samples {
            let mut sample = Sample::new(Sampling { most, seed: 7 }, stream);
            (0..n).for_each(|value| sample.see(value as f64));
            let values = sample.into_values();
            assert_eq!(values.len(), most);
            for value in values {
                counts[value as usize] += 1;
            }
        }
        // Binomial with n = 4,000 and p = 1/4: standard deviation 27.4.
        assert!(counts.iter().all(|&count: &i32| (count - 1_000).abs() < 5 * 28), "{counts:?}");
    }

    #[test]
    fn as_long_as_there_is_room_all_are_kept() {
        let mut sample = Sample::new(Sampling::ALL, 3);
        (0..100).for_each(|value| sample.see(f64::from(value)));
        assert_eq!(sample.into_values(), (0..100).map(f64::from).collect::<Vec<_>>());
    }
}
