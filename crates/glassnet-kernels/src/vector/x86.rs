//! Vectors in registers. Private to the kernels: a value of one of these types exists only within a function
//! that is compiled for its instructions, and that is entered only once the processor is known to have them.
#![expect(unsafe_code, reason = "instructions beyond the baseline")]

use super::{Add, Div, Lanes, Mul, Neg, Pair, Sub, Vector};
use std::arch::x86_64 as x86;

/// One `f64` where there is AVX2.
#[derive(Clone, Copy)]
pub(crate) struct Avx2x1(pub(crate) f64);

/// One `f64` where there is AVX-512.
#[derive(Clone, Copy)]
pub(crate) struct Avx512x1(pub(crate) f64);

/// Four `f64` in a register of AVX2.
#[derive(Clone, Copy)]
pub(crate) struct Avx2x4(x86::__m256d);

/// Four `f64` in a register of AVX2, with the shorter ways of AVX-512.
#[derive(Clone, Copy)]
pub(crate) struct Avx512x4(x86::__m256d);

/// Eight `f64` in two registers of AVX2.
pub(crate) type Avx2x8 = Pair<Avx2x4>;

/// 32 `f64` in four registers of AVX-512.
pub(crate) type Avx512x32 = Pair<Pair<Avx512x8>>;

/// Eight `f64` in a register of AVX-512.
#[derive(Clone, Copy)]
pub(crate) struct Avx512x8(x86::__m512d);

/// Rounds to the nearest whole number, ties to even, without raising an exception.
const NEAREST: i32 = x86::_MM_FROUND_TO_NEAREST_INT | x86::_MM_FROUND_NO_EXC;

/// Whether each of four numbers is smaller than `limit`, its sign aside.
#[inline(always)]
fn four_are_within(four: x86::__m256d, limit: f64) -> bool {
    // SAFETY: see the module.
    unsafe {
        let size = x86::_mm256_andnot_pd(x86::_mm256_set1_pd(-0.0), four);
        let is_below = x86::_mm256_cmp_pd::<{ x86::_CMP_LT_OQ }>(size, x86::_mm256_set1_pd(limit));
        x86::_mm256_movemask_pd(is_below) == 0xf
    }
}

// SAFETY of every block below: the module's sentence above; the callers are the functions of `tiny` that are
// compiled for AVX2 or AVX-512.
macro_rules! in_register {
    ($type:ident, $lanes:literal, $load:ident, $store:ident, $splat:ident, $add:ident, $sub:ident, $mul:ident,
     $div:ident, $min:ident, $max:ident, $to_bits:ident, $from_bits:ident, $splat_bits:ident, $add_bits:ident,
     $shift:ident, $xor:ident, { $($more:tt)* }) => {
        operators!(
            [] $type,
            // SAFETY: see the module.
            |a: Self, b: Self| Self(unsafe { x86::$add(a.0, b.0) }),
            // SAFETY: see the module.
            |a: Self, b: Self| Self(unsafe { x86::$sub(a.0, b.0) }),
            // SAFETY: see the module.
            |a: Self, b: Self| Self(unsafe { x86::$mul(a.0, b.0) }),
            // SAFETY: see the module.
            |a: Self, b: Self| Self(unsafe { x86::$div(a.0, b.0) })
        );

        impl Vector for $type {
            type Stored = Lanes<$lanes>;
            #[inline(always)]
            fn load(stored: Lanes<$lanes>) -> Self {
                // SAFETY: see the module; the array has as many numbers as the register.
                Self(unsafe { x86::$load(stored.0.as_ptr()) })
            }
            #[inline(always)]
            fn store(self) -> Lanes<$lanes> {
                let mut stored = Lanes([0.0; $lanes]);
                // SAFETY: see the module; the array has as many numbers as the register.
                unsafe { x86::$store(stored.0.as_mut_ptr(), self.0) };
                stored
            }
            #[inline(always)]
            fn splat(number: f64) -> Self {
                // SAFETY: see the module.
                Self(unsafe { x86::$splat(number) })
            }
            #[inline(always)]
            fn clamped(self, low: f64, high: f64) -> Self {
                let (low, high) = (Self::splat(low).0, Self::splat(high).0);
                // SAFETY: see the module. Where one is NaN, these give the second.
                Self(unsafe { x86::$min(high, x86::$max(low, self.0)) })
            }
            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                // SAFETY: see the module. Where `self` is NaN, this gives `other`.
                Self(unsafe { x86::$max(self.0, other.0) })
            }
            #[inline(always)]
            fn negated(self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { x86::$xor(self.0, x86::$splat(-0.0)) })
            }
            #[inline(always)]
            fn last_bits_as_exponent(self) -> Self {
                // SAFETY: see the module.
                Self(unsafe {
                    let bits = x86::$add_bits(x86::$to_bits(self.0), x86::$splat_bits(1023));
                    x86::$from_bits(x86::$shift::<52>(bits))
                })
            }
            $($more)*
        }
    };
}

in_register!(
    Avx2x4,
    4,
    _mm256_loadu_pd,
    _mm256_storeu_pd,
    _mm256_set1_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_min_pd,
    _mm256_max_pd,
    _mm256_castpd_si256,
    _mm256_castsi256_pd,
    _mm256_set1_epi64x,
    _mm256_add_epi64,
    _mm256_slli_epi64,
    _mm256_xor_pd,
    {
        #[inline(always)]
        fn is_within(self, limit: f64) -> bool {
            four_are_within(self.0, limit)
        }
        #[inline(always)]
        fn rounded(self) -> Self {
            // SAFETY: see the module.
            Self(unsafe { x86::_mm256_round_pd::<NEAREST>(self.0) })
        }
    }
);
in_register!(
    Avx512x8,
    8,
    _mm512_loadu_pd,
    _mm512_storeu_pd,
    _mm512_set1_pd,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd,
    _mm512_min_pd,
    _mm512_max_pd,
    _mm512_castpd_si512,
    _mm512_castsi512_pd,
    _mm512_set1_epi64,
    _mm512_add_epi64,
    _mm512_slli_epi64,
    _mm512_xor_pd,
    {
        #[inline(always)]
        fn is_within(self, limit: f64) -> bool {
            // SAFETY: see the module.
            unsafe {
                let (size, limit) = (x86::_mm512_abs_pd(self.0), x86::_mm512_set1_pd(limit));
                x86::_mm512_cmp_pd_mask::<{ x86::_CMP_LT_OQ }>(size, limit) == 0xff
            }
        }
        #[inline(always)]
        fn are_within(self, other: Self, limit: f64) -> bool {
            // SAFETY: see the module.
            unsafe {
                // The larger size of the two; where one is NaN, that of the other.
                let (size, limit) =
                    (x86::_mm512_range_pd::<0b1011>(self.0, other.0), x86::_mm512_set1_pd(limit));
                x86::_mm512_cmp_pd_mask::<{ x86::_CMP_NLT_UQ }>(size, limit) == 0
            }
        }
        #[inline(always)]
        fn rounded(self) -> Self {
            // SAFETY: see the module.
            Self(unsafe { x86::_mm512_roundscale_pd::<NEAREST>(self.0) })
        }
        #[inline(always)]
        fn times_power_of_2(self, k: Self) -> Self {
            // SAFETY: see the module.
            Self(unsafe { x86::_mm512_scalef_pd(self.0, k.0) })
        }
    }
);
in_register!(
    Avx512x4,
    4,
    _mm256_loadu_pd,
    _mm256_storeu_pd,
    _mm256_set1_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_min_pd,
    _mm256_max_pd,
    _mm256_castpd_si256,
    _mm256_castsi256_pd,
    _mm256_set1_epi64x,
    _mm256_add_epi64,
    _mm256_slli_epi64,
    _mm256_xor_pd,
    {
        #[inline(always)]
        fn is_within(self, limit: f64) -> bool {
            four_are_within(self.0, limit)
        }
        #[inline(always)]
        fn rounded(self) -> Self {
            // SAFETY: see the module.
            Self(unsafe { x86::_mm256_round_pd::<NEAREST>(self.0) })
        }
        #[inline(always)]
        fn times_power_of_2(self, k: Self) -> Self {
            // SAFETY: see the module.
            Self(unsafe { x86::_mm256_scalef_pd(self.0, k.0) })
        }
    }
);

/// One `f64`, with the shorter ways that a set of instructions has for it.
macro_rules! one_number {
    ($type:ident, { $($more:tt)* }) => {
        operators!(
            [] $type,
            |a: Self, b: Self| Self(a.0 + b.0),
            |a: Self, b: Self| Self(a.0 - b.0),
            |a: Self, b: Self| Self(a.0 * b.0),
            |a: Self, b: Self| Self(a.0 / b.0)
        );

        impl Vector for $type {
            type Stored = f64;
            #[inline(always)]
            fn load(stored: f64) -> Self {
                Self(stored)
            }
            #[inline(always)]
            fn store(self) -> f64 {
                self.0
            }
            #[inline(always)]
            fn splat(number: f64) -> Self {
                Self(number)
            }
            #[inline(always)]
            fn clamped(self, low: f64, high: f64) -> Self {
                Self(self.0.clamp(low, high))
            }
            #[inline(always)]
            fn is_within(self, limit: f64) -> bool {
                self.0.abs() < limit
            }
            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                // Where one is NaN, this gives `other`.
                if self.0 > other.0 { self } else { other }
            }
            #[inline(always)]
            fn negated(self) -> Self {
                Self(-self.0)
            }
            #[inline(always)]
            fn last_bits_as_exponent(self) -> Self {
                Self(self.0.last_bits_as_exponent())
            }
            #[inline(always)]
            fn rounded(self) -> Self {
                Self(self.0.round_ties_even())
            }
            $($more)*
        }
    };
}

one_number!(Avx2x1, {});
one_number!(Avx512x1, {
    #[inline(always)]
    fn times_power_of_2(self, k: Self) -> Self {
        // SAFETY: see the module.
        Self(unsafe { x86::_mm_cvtsd_f64(x86::_mm_scalef_sd(x86::_mm_set_sd(self.0), x86::_mm_set_sd(k.0))) })
    }
});

// Reading and writing of the first numbers. `numbers` may be longer than the vector.
impl Avx512x8 {
    #[inline(always)]
    pub(crate) fn load_first(numbers: &[f64]) -> Self {
        let mask = ((1_u32 << numbers.len().min(8)) - 1) as u8;
        // SAFETY: see the module; the mask has no more places than there are numbers.
        Self(unsafe { x86::_mm512_maskz_loadu_pd(mask, numbers.as_ptr()) })
    }

    #[inline(always)]
    pub(crate) fn store_first(self, numbers: &mut [f64]) {
        let mask = ((1_u32 << numbers.len().min(8)) - 1) as u8;
        // SAFETY: see the module; the mask has no more places than there is room for.
        unsafe { x86::_mm512_mask_storeu_pd(numbers.as_mut_ptr(), mask, self.0) };
    }
}

impl Avx512x4 {
    #[inline(always)]
    pub(crate) fn load_first(numbers: &[f64]) -> Self {
        let mask = ((1_u32 << numbers.len().min(4)) - 1) as u8;
        // SAFETY: see the module; the mask has no more places than there are numbers.
        Self(unsafe { x86::_mm256_maskz_loadu_pd(mask, numbers.as_ptr()) })
    }

    /// Four of them without a mask: what a mask wrote cannot be read again at once.
    #[inline(always)]
    pub(crate) fn store_first(self, numbers: &mut [f64]) {
        if let Some(four) = numbers.first_chunk_mut::<4>() {
            *four = self.store().0;
            return;
        }
        let mask = ((1_u32 << numbers.len()) - 1) as u8;
        // SAFETY: see the module; the mask has no more places than there is room for.
        unsafe { x86::_mm256_mask_storeu_pd(numbers.as_mut_ptr(), mask, self.0) };
    }
}

impl Avx2x4 {
    #[inline(always)]
    pub(crate) fn load_first(numbers: &[f64]) -> Self {
        // The highest bit of a place says whether it is read.
        let n = numbers.len() as i64;
        // SAFETY: see the module; the mask has no more places than there are numbers.
        Self(unsafe {
            let mask =
                x86::_mm256_cmpgt_epi64(x86::_mm256_set1_epi64x(n), x86::_mm256_set_epi64x(3, 2, 1, 0));
            x86::_mm256_maskload_pd(numbers.as_ptr(), mask)
        })
    }

    #[inline(always)]
    pub(crate) fn store_first(self, numbers: &mut [f64]) {
        for (number, lane) in numbers.iter_mut().zip(self.store().0) {
            *number = lane;
        }
    }
}

impl Avx2x8 {
    #[inline(always)]
    pub(crate) fn load_first(numbers: &[f64]) -> Self {
        let (low, high) = numbers.split_at(numbers.len().min(4));
        Self(Avx2x4::load_first(low), Avx2x4::load_first(high))
    }

    #[inline(always)]
    pub(crate) fn store_first(self, numbers: &mut [f64]) {
        let (low, high) = numbers.split_at_mut(numbers.len().min(4));
        self.0.store_first(low);
        self.1.store_first(high);
    }
}
