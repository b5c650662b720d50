//! Numbers to places on an axis, and the round numbers that are marked on it.

/// How an axis is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal steps add.
    #[default]
    Linear,
    /// Equal steps multiply; numbers not above 0 are not drawn.
    Log,
}

/// An axis: a range of numbers and the places that it covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// From the place `from` for the lowest number to `to` for the highest. An empty or single-valued range is widened.
    pub(crate) fn new(scale: Scale, (low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        let is_valid = low.is_finite() && high.is_finite() && low <= high;
        let (low, high) = if is_valid { (low, high) } else { (0.0, 1.0) };
        let (low, high) = match scale {
            Scale::Log if low <= 0.0 => (1e-3, 1.0),
            Scale::Log if low == high => (low / 2.0, high * 2.0),
            Scale::Linear if high - low <= low.abs().max(high.abs()) * 1e-12 => {
                let half = if low == 0.0 { 0.5 } else { low.abs() * 0.1 };
                (low - half, high + half)
            }
            _ => (low, high),
        };
        Self { scale, low, high, from, to }
    }

    /// The range of finite numbers that the scale can show, widened to ticks of about `n_ticks`.
    pub(crate) fn covering(
        scale: Scale,
        values: impl Iterator<Item = f64>,
        places: (f64, f64),
        n_ticks: usize,
    ) -> Self {
        let shown = values.filter(|value| value.is_finite() && (scale == Scale::Linear || *value > 0.0));
        let range =
            shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let axis = Self::new(scale, range, places);
        match scale {
            Scale::Linear => {
                let step = step(axis.high - axis.low, n_ticks);
                let low = (axis.low / step + 1e-9).floor() * step;
                let high = (axis.high / step - 1e-9).ceil() * step;
                Self { low, high, ..axis }
            }
            Scale::Log => axis,
        }
    }

    /// The place of a number; `None` where the scale cannot show it.
    pub(crate) fn place(&self, value: f64) -> Option<f64> {
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        share.is_finite().then_some(self.from + share * (self.to - self.from))
    }

    /// Whether a number lies within, with a little to spare for rounding.
    pub(crate) fn contains(&self, value: f64) -> bool {
        let slack = (self.high - self.low) * 1e-9;
        value >= self.low - slack && value <= self.high + slack
    }

    /// Round numbers within the range, about `n` of them, with their labels.
    pub(crate) fn ticks(&self, n: usize) -> Vec<(f64, String)> {
        match self.scale {
            Scale::Linear => {
                let step = step(self.high - self.low, n);
                let decimals = (-step.log10() - 1e-9).ceil().max(0.0) as usize;
                let first = (self.low / step - 1e-9).ceil();
                (0..=3 * n)
                    .map(|i| (first + i as f64) * step)
                    .take_while(|&tick| tick <= self.high + step * 1e-9)
                    .map(|tick| (tick, label(tick, decimals)))
                    .collect()
            }
            Scale::Log => self.log_ticks(n),
        }
    }

    fn log_ticks(&self, n: usize) -> Vec<(f64, String)> {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let within = |tick: &f64| self.contains(*tick) && *tick > 0.0;
        let every = ((last - first) as usize / n + 1) as i32;
        let decades = (first..=last).filter(|power| power % every == 0).map(|power| (1.0, power));
        let finer = (first..=last).flat_map(|power| [1.0, 2.0, 5.0].map(|factor| (factor, power)));
        let ticks = |all: &mut dyn Iterator<Item = (f64, i32)>| {
            let number = |(factor, power): (f64, i32)| format!("{factor}e{power}").parse().unwrap_or(1.0);
            all.map(number).filter(within).map(|tick| (tick, log_label(tick))).collect::<Vec<_>>()
        };
        let ticks_of_decades = ticks(&mut decades.into_iter());
        if ticks_of_decades.len() >= 3 { ticks_of_decades } else { ticks(&mut finer.into_iter()) }
    }
}

/// 1, 2 or 5 times a power of ten, so that a range holds about `n` steps.
fn step(range: f64, n: usize) -> f64 {
    let rough = range / n.max(1) as f64;
    let power = 10.0_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= rough * 0.999);
    factor.unwrap_or(10.0) * power
}

fn label(tick: f64, decimals: usize) -> String {
    if tick.abs() >= 1e6 || (tick != 0.0 && decimals > 6) {
        return format!("{tick:.1e}");
    }
    let text = format!("{tick:.decimals$}");
    if text.trim_start_matches('-').chars().all(|digit| digit == '0' || digit == '.') {
        return "0".into();
    }
    text.replace('-', "−")
}

fn log_label(tick: f64) -> String {
    if (1e-4..1e6).contains(&tick) { tick.to_string() } else { format!("{tick:e}").replace("e-", "e−") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_few_and_cover() {
        for (low, high) in
            [(0.0, 1.0), (-3.7, 12.1), (1e-9, 3e-9), (0.0, 12_345_678.0), (5.0, 5.0), (-1e-3, 0.0)]
        {
            let axis = Axis::covering(Scale::Linear, [low, high].into_iter(), (0.0, 100.0), 6);
            let ticks = axis.ticks(6);
            assert!((3..=10).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            assert!(
                ticks[0].0 <= low + 1e-12 && ticks[ticks.len() - 1].0 >= high - 1e-12,
                "{low} {high}: {ticks:?}"
            );
            assert!(axis.place(low).unwrap() >= -1e-6 && axis.place(high).unwrap() <= 100.0 + 1e-6);
        }
    }

    #[test]
    fn labels_have_the_decimals_of_their_step() {
        let axis = Axis::covering(Scale::Linear, [0.0, 0.3].into_iter(), (0.0, 1.0), 5);
        let labels: Vec<String> = axis.ticks(5).into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn log_ticks_are_decades_or_finer() {
        let ticks = |low, high| {
            let axis = Axis::covering(Scale::Log, [low, high].into_iter(), (0.0, 1.0), 5);
            axis.ticks(5).into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(ticks(0.000_5, 0.3), ["0.001", "0.01", "0.1"]);
        assert_eq!(ticks(0.15, 0.6), ["0.2", "0.5"]);
        assert_eq!(ticks(1e-8, 1.0), ["1e−8", "1e−6", "0.0001", "0.01", "1"]);
    }

    #[test]
    fn numbers_that_cannot_be_shown() {
        let axis = Axis::covering(Scale::Log, [0.0, -1.0, f64::NAN].into_iter(), (0.0, 1.0), 5);
        assert_eq!(axis.place(0.0), None);
        assert_eq!(axis.place(-1.0), None);
        assert!(axis.place(0.5).is_some());
    }
}
