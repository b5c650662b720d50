//! Random numbers, always from a generator that the caller names and seeds.
//!
//! [`Generator::Xoshiro`] is the fast one. [`Generator::NumpyLegacy`] is `NumPy`'s `RandomState`, so that published
//! `NumPy` examples start from the same weights: uniform numbers and orders to the last bit, normal ones too but for about
//! one in 2,000, whose last bit depends on how the C library behind `NumPy` rounds a logarithm.

use glassnet_kernels::exponential;
use serde::{Deserialize, Serialize};

/// A generator with its state.
#[derive(Debug, Clone, PartialEq)]
pub enum Generator {
    /// xoshiro256++ (Blackman and Vigna, ACM TOMS 47, 36, 2021), seeded through `SplitMix64`.
    Xoshiro(Xoshiro),
    /// The Mersenne Twister with `NumPy`'s legacy distributions.
    NumpyLegacy(Box<NumpyLegacy>),
}

impl Generator {
    /// The fast generator.
    pub fn new(seed: u64) -> Self {
        Self::Xoshiro(Xoshiro { state: expand_seed(seed), spare_normal: None })
    }

    /// The generator of `numpy.random.RandomState(seed)`.
    pub fn numpy_legacy(seed: u32) -> Self {
        Self::NumpyLegacy(Box::new(NumpyLegacy::new(seed)))
    }

    /// A generator for one purpose (`stream` 0, 1, …) of one seed, independent of the others.
    pub fn stream(seed: u64, stream: u64) -> Self {
        Self::new(split_mix(&mut (seed ^ split_mix(&mut stream.wrapping_add(1)))))
    }

    /// The state of the fast generator.
    pub fn xoshiro(&self) -> Option<&Xoshiro> {
        match self {
            Self::Xoshiro(generator) => Some(generator),
            Self::NumpyLegacy(_) => None,
        }
    }

    /// A number in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        match self {
            Self::Xoshiro(generator) => (generator.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0),
            Self::NumpyLegacy(generator) => generator.random_sample(),
        }
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        match self {
            Self::Xoshiro(generator) => generator.next(),
            Self::NumpyLegacy(generator) => generator.bits_for(u64::MAX),
        }
    }

    /// A number from the standard normal distribution, by Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        match self {
            Self::Xoshiro(generator) => {
                if let Some(spare) = generator.spare_normal.take() {
                    return spare;
                }
            }
            Self::NumpyLegacy(generator) => return generator.standard_normal(),
        }
        let (x, y, square) = self.point_in_disc();
        let factor = (-2.0 * exponential::ln(square) / square).sqrt();
        if let Self::Xoshiro(generator) = self {
            generator.spare_normal = Some(factor * x);
        }
        factor * y
    }

    fn point_in_disc(&mut self) -> (f64, f64, f64) {
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                return (x, y, square);
            }
        }
    }

    /// A whole number from 0 to `maximum`, both included, each equally likely (by masking and rejection).
    pub fn up_to(&mut self, maximum: u64) -> u64 {
        let mask = u64::MAX.checked_shr(maximum.leading_zeros()).unwrap_or(0);
        loop {
            let value = mask
                & match self {
                    Self::Xoshiro(generator) => generator.next(),
                    Self::NumpyLegacy(generator) => generator.bits_for(maximum),
                };
            if value <= maximum {
                return value;
            }
        }
    }

    /// Puts the items into a random order (Fisher and Yates, from the end, as `NumPy`'s legacy `shuffle`).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.up_to(last as u64) as usize);
        }
    }

    /// 0, 1, …, `count` − 1 in a random order.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        self.shuffle(&mut order);
        order
    }
}

/// The state of xoshiro256++.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Xoshiro {
    state: [u64; 4],
    spare_normal: Option<f64>,
}

impl Xoshiro {
    #[inline]
    fn next(&mut self) -> u64 {
        let state = &mut self.state;
        let result = state[0].wrapping_add(state[3]).rotate_left(23).wrapping_add(state[0]);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        result
    }
}

/// One step of `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn expand_seed(seed: u64) -> [u64; 4] {
    let mut state = seed;
    std::array::from_fn(|_| split_mix(&mut state))
}

const WORDS: usize = 624;

/// MT19937 (Matsumoto and Nishimura, ACM TOMACS 8, 3, 1998), seeded with one 32-bit number as `NumPy` does it.
#[derive(Debug, Clone, PartialEq)]
pub struct NumpyLegacy {
    words: [u32; WORDS],
    next: usize,
    spare_normal: Option<f64>,
}

impl NumpyLegacy {
    fn new(seed: u32) -> Self {
        let mut words = [seed; WORDS];
        for i in 1..WORDS {
            let previous = words[i - 1];
            words[i] = (previous ^ (previous >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { words, next: WORDS, spare_normal: None }
    }

    fn next_32(&mut self) -> u32 {
        if self.next == WORDS {
            for i in 0..WORDS {
                let mixed = (self.words[i] & 0x8000_0000) | (self.words[(i + 1) % WORDS] & 0x7fff_ffff);
                let twist = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
                self.words[i] = self.words[(i + 397) % WORDS] ^ (mixed >> 1) ^ twist;
            }
            self.next = 0;
        }
        let mut y = self.words[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn random_sample(&mut self) -> f64 {
        let high = f64::from(self.next_32() >> 5);
        let low = f64::from(self.next_32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    fn standard_normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        loop {
            let x = 2.0 * self.random_sample() - 1.0;
            let y = 2.0 * self.random_sample() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * exponential::ln_rounded(square) / square).sqrt();
                self.spare_normal = Some(factor * x);
                return factor * y;
            }
        }
    }

    fn bits_for(&mut self, maximum: u64) -> u64 {
        if u32::try_from(maximum).is_ok() {
            u64::from(self.next_32())
        } else {
            let high = u64::from(self.next_32());
            (high << 32) | u64::from(self.next_32())
        }
    }
}
