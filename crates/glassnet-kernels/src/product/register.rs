//! Registers of several numbers, as the tiles of a product use them.
#![expect(unsafe_code, reason = "registers are loaded from pointers")]

use crate::Real;

/// Several numbers side by side.
pub(super) trait Register: Copy {
    type Number: Real;
    /// How many.
    const LEN: usize;
    fn splat(number: Self::Number) -> Self;
    /// # Safety
    /// `LEN` numbers may be read from there.
    unsafe fn load(from: *const Self::Number) -> Self;
    /// # Safety
    /// `LEN` numbers may be written there.
    unsafe fn store(self, to: *mut Self::Number);
    fn plus(self, other: Self) -> Self;
    /// self + a·b, rounded once where the machine can.
    fn plus_product(self, a: Self, b: Self) -> Self;
    /// to[i][j] = from[j][i] for eight by eight numbers, whose rows lie so far apart. Rows are written in their order: where
    /// they overlap, the later one stays.
    ///
    /// # Safety
    /// They may be read and written there.
    #[inline(always)]
    unsafe fn transpose_eight(
        from: *const Self::Number,
        from_row: usize,
        to: *mut Self::Number,
        to_row: usize,
    ) {
        for i in 0..8 {
            for j in 0..8 {
                // SAFETY: the caller's promise.
                unsafe { *to.add(i * to_row + j) = *from.add(j * from_row + i) };
            }
        }
    }
}

/// Numbers of an array: what every machine has. Rounded twice.
#[derive(Clone, Copy)]
pub(super) struct Plain<R>([R; 4]);

impl<R: Real> Register for Plain<R> {
    type Number = R;
    const LEN: usize = 4;
    #[inline(always)]
    fn splat(number: R) -> Self {
        Self([number; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const R) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { from.cast::<[R; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut R) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[R; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let mut result = self;
        for (number, other) in result.0.iter_mut().zip(other.0) {
            *number += other;
        }
        result
    }
    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        let mut result = self;
        for ((number, a), b) in result.0.iter_mut().zip(a.0).zip(b.0) {
            *number += a * b;
        }
        result
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2Double, Avx2Single, Avx512Double, Avx512Single};

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! Registers of AVX2 and AVX-512. Private to the products: a value of one of these types exists only within a
    //! function that is compiled for its instructions, and that is entered only once the processor is known to have them.

    use super::Register;
    use std::arch::x86_64 as x86;

    macro_rules! register {
        ($(#[$meta:meta])* $type:ident, $inner:ident, $number:ident, $len:literal, $splat:ident, $load:ident, $store:ident,
         $add:ident, $fused:ident $(, $transpose_eight:path)?) => {
            $(#[$meta])*
            #[derive(Clone, Copy)]
            pub(in super::super) struct $type(x86::$inner);

            impl Register for $type {
                type Number = $number;
                const LEN: usize = $len;
                #[inline(always)]
                fn splat(number: $number) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { x86::$splat(number) })
                }
                #[inline(always)]
                unsafe fn load(from: *const $number) -> Self {
                    // SAFETY: see the module, and the caller's promise.
                    Self(unsafe { x86::$load(from) })
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut $number) {
                    // SAFETY: see the module, and the caller's promise.
                    unsafe { x86::$store(to, self.0) }
                }
                #[inline(always)]
                fn plus(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { x86::$add(self.0, other.0) })
                }
                #[inline(always)]
                fn plus_product(self, a: Self, b: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { x86::$fused(a.0, b.0, self.0) })
                }
                $(
                    #[inline(always)]
                    unsafe fn transpose_eight(from: *const $number, from_row: usize, to: *mut $number, to_row: usize) {
                        // SAFETY: see the module, and the caller's promise.
                        unsafe { $transpose_eight(from, from_row, to, to_row) }
                    }
                )?
            }
        };
    }

    /// Eight by eight `f32` in registers: rows j and j + 4 in the halves of one, then pairs and fours change places.
    ///
    /// # Safety
    /// As [`Register::transpose_eight`], and the machine has AVX.
    #[inline(always)]
    unsafe fn transpose_singles(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        for first in [0, 4] {
            // SAFETY: the caller's promise, here and below.
            let mut rows = unsafe { [x86::_mm256_setzero_ps(); 4] };
            for (j, row) in rows.iter_mut().enumerate() {
                // SAFETY: as above.
                unsafe {
                    let low = x86::_mm256_castps128_ps256(x86::_mm_loadu_ps(from.add(j * from_row + first)));
                    let high = x86::_mm_loadu_ps(from.add((j + 4) * from_row + first));
                    *row = x86::_mm256_insertf128_ps::<1>(low, high);
                }
            }
            // SAFETY: as above.
            unsafe {
                let (low, high) =
                    (x86::_mm256_unpacklo_ps(rows[0], rows[1]), x86::_mm256_unpacklo_ps(rows[2], rows[3]));
                let to = to.add(first * to_row);
                x86::_mm256_storeu_ps(to, x86::_mm256_shuffle_ps::<0x44>(low, high));
                x86::_mm256_storeu_ps(to.add(to_row), x86::_mm256_shuffle_ps::<0xee>(low, high));
                let (low, high) =
                    (x86::_mm256_unpackhi_ps(rows[0], rows[1]), x86::_mm256_unpackhi_ps(rows[2], rows[3]));
                x86::_mm256_storeu_ps(to.add(2 * to_row), x86::_mm256_shuffle_ps::<0x44>(low, high));
                x86::_mm256_storeu_ps(to.add(3 * to_row), x86::_mm256_shuffle_ps::<0xee>(low, high));
            }
        }
    }

    register!(
        /// Sixteen `f32`.
        Avx512Single, __m512, f32, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps,
        transpose_singles
    );
    register!(
        /// Eight `f64`.
        Avx512Double, __m512d, f64, 8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_add_pd, _mm512_fmadd_pd
    );
    register!(
        /// Eight `f32`.
        Avx2Single, __m256, f32, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_fmadd_ps,
        transpose_singles
    );
    register!(
        /// Four `f64`.
        Avx2Double, __m256d, f64, 4, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_add_pd, _mm256_fmadd_pd
    );
}
