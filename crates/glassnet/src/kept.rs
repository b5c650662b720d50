//! Parameters that a training to look into has had, to go back to.

/// How many there are at most.
const MOST_KEPT: usize = 256;

/// Parameters of the way here: every so many epochs, so that there are never too many.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    every: usize,
    pub(crate) params: Vec<(usize, Vec<f64>)>,
}

impl Kept {
    pub(crate) fn see(&mut self, epoch: usize, params: &[f64]) {
        self.every = self.every.max(1);
        if epoch.is_multiple_of(self.every) {
            self.params.push((epoch, params.to_vec()));
        }
        if self.params.len() > MOST_KEPT {
            self.every *= 2;
            let every = self.every;
            self.params.retain(|(epoch, _)| epoch.is_multiple_of(every));
        }
    }

    /// Forgets what came after an epoch, and gives the parameters of the last one that is kept up to it.
    pub(crate) fn back_to(&mut self, epoch: usize) -> Option<(usize, Vec<f64>)> {
        self.params.retain(|(kept, _)| *kept <= epoch);
        self.params.last().cloned()
    }
}
