//! Strips and tiles by AVX-512 with bf16.
#![expect(unsafe_code, reason = "instructions of the machine")]

use super::strip::{LANES, Line};
use super::tile::Target;
use super::{Factor, Into, Order};
use std::arch::x86_64::{
    __m512bh, __m512i, __mmask16, _mm512_cvtne2ps_pbh, _mm512_dpbf16_ps, _mm512_load_si512, _mm512_loadu_ps,
    _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_permutexvar_epi16, _mm512_set1_epi32,
    _mm512_setzero_ps, _mm512_setzero_si512, _mm512_shuffle_i32x4, _mm512_store_si512, _mm512_unpackhi_epi32,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};

/// The first so many lanes, at most 16.
fn first(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}

#[inline(always)]
fn as_pairs(bits: __m512i) -> __m512bh {
    // SAFETY: both are 64 bytes of any content.
    unsafe { std::mem::transmute(bits) }
}

#[inline(always)]
fn as_bits(pairs: __m512bh) -> __m512i {
    // SAFETY: both are 64 bytes of any content.
    unsafe { std::mem::transmute(pairs) }
}

/// Packs 1 to 16 columns and all rows, at least one, of a factor; `strip` has a line for each pair of rows.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) fn pack(factor: Factor, strip: &mut [Line]) {
    match factor.order {
        Order::Rows => pack_rows(factor, strip),
        Order::Columns => pack_columns(factor, strip),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
#[inline]
fn store(line: &mut Line, bits: __m512i) {
    // SAFETY: a line is 64 bytes and aligned to as many.
    unsafe { _mm512_store_si512((&raw mut *line).cast(), bits) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
#[inline]
fn read(line: &Line) -> __m512bh {
    // SAFETY: a line is 64 bytes and aligned to as many.
    as_pairs(unsafe { _mm512_load_si512((&raw const *line).cast()) })
}

/// Neighbours of a row lie side by side: two rows are rounded into the halves of a register and then interleaved.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
fn pack_rows(factor: Factor, strip: &mut [Line]) {
    let Factor { values, n_rows, n_columns, step, .. } = factor;
    assert!(values.len() >= (n_rows - 1) * step + n_columns, "all rows");
    let interleaved: [u16; 2 * LANES] = std::array::from_fn(|i| (i / 2 + i % 2 * LANES) as u16);
    // SAFETY: both are 64 bytes of any content.
    let interleaved: __m512i = unsafe { std::mem::transmute(interleaved) };
    let mask = first(n_columns);
    for (i, line) in strip.iter_mut().enumerate() {
        let is_odd_one = 2 * i + 1 == n_rows;
        // SAFETY: only lanes with a number are read, from rows that the assertion has found; none where a row is missing.
        let both = unsafe {
            let row = values.as_ptr().add(2 * i * step);
            let (next, next_mask) = if is_odd_one { (row, 0) } else { (row.add(step), mask) };
            _mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(next_mask, next), _mm512_maskz_loadu_ps(mask, row))
        };
        store(line, _mm512_permutexvar_epi16(interleaved, as_bits(both)));
    }
}

/// Neighbours of a column lie side by side: 32 of them are rounded into a register of 16 pairs; 16 such registers are
/// transposed. In place of missing columns the last one is taken again.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
fn pack_columns(factor: Factor, strip: &mut [Line]) {
    let Factor { values, n_rows, n_columns, step, .. } = factor;
    assert!(values.len() >= (n_columns - 1) * step + n_rows, "all columns");
    let mut columns = [_mm512_setzero_si512(); LANES];
    let (blocks, rest) = strip.as_chunks_mut::<LANES>();
    for (block, lines) in blocks.iter_mut().enumerate() {
        let n_here = (n_rows - 2 * LANES * block).min(2 * LANES);
        for (column, pairs) in columns.iter_mut().enumerate() {
            // SAFETY: only lanes with a number are read, from columns that the assertion has found. A whole block has 31
            // or 32 rows.
            *pairs = unsafe {
                let column = values.as_ptr().add(column.min(n_columns - 1) * step + 2 * LANES * block);
                let high = _mm512_maskz_loadu_ps(first(n_here - LANES), column.add(LANES));
                as_bits(_mm512_cvtne2ps_pbh(high, _mm512_loadu_ps(column)))
            };
        }
        transpose(&mut columns);
        for (line, &bits) in lines.iter_mut().zip(&columns) {
            store(line, bits);
        }
    }
    if !rest.is_empty() {
        let begin = 2 * LANES * blocks.len();
        let (low, high) = (first((n_rows - begin).min(LANES)), first((n_rows - begin).saturating_sub(LANES)));
        for (column, pairs) in columns.iter_mut().enumerate() {
            // SAFETY: as above; where no lane is read, no memory is touched.
            *pairs = unsafe {
                let column = values.as_ptr().add(column.min(n_columns - 1) * step + begin);
                let high = _mm512_maskz_loadu_ps(high, column.wrapping_add(LANES));
                as_bits(_mm512_cvtne2ps_pbh(high, _mm512_maskz_loadu_ps(low, column)))
            };
        }
        transpose(&mut columns);
        for (line, &bits) in rest.iter_mut().zip(&columns) {
            store(line, bits);
        }
    }
}

/// Packs 1 to 16 rows, neighbours of which lie side by side: of 16 lines each has 32 numbers of one row, zeros where there are
/// none.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) fn pack_tiles(factor: Factor, lines: &mut [Line]) {
    let Factor { values, n_rows, n_columns, step, .. } = factor;
    assert!(n_rows <= LANES && values.len() >= (n_rows - 1) * step + n_columns, "all rows");
    for (tile, lines) in lines.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let begin = 2 * LANES * tile;
        let n_here = n_columns.saturating_sub(begin);
        let (low, high) = (first(n_here.min(LANES)), first(n_here.saturating_sub(LANES).min(LANES)));
        for (row, line) in lines.iter_mut().enumerate() {
            if row >= n_rows {
                *line = Line::default();
                continue;
            }
            // SAFETY: only lanes with a number are read, from rows that the assertion has found; where no lane is read, no
            // memory is touched.
            let both = unsafe {
                let row = values.as_ptr().add(row * step).wrapping_add(begin);
                let high = _mm512_maskz_loadu_ps(high, row.wrapping_add(LANES));
                _mm512_cvtne2ps_pbh(high, _mm512_maskz_loadu_ps(low, row))
            };
            store(line, as_bits(both));
        }
    }
}

/// The transpose of 16 lines of 16 pairs.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) fn transpose_lines(lines: &mut [Line; LANES]) {
    let mut rows = lines.map(|line| as_bits(read(&line)));
    transpose(&mut rows);
    for (line, bits) in lines.iter_mut().zip(rows) {
        store(line, bits);
    }
}

/// The transpose of 16 rows of 16 numbers: by pairs, by fours, then by quarters of a register.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
#[inline]
fn transpose(rows: &mut [__m512i; LANES]) {
    let mut twos = *rows;
    for i in 0..8 {
        twos[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
        twos[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
    }
    let mut fours = *rows;
    for i in 0..4 {
        let [a, b, c, d] = [twos[4 * i], twos[4 * i + 1], twos[4 * i + 2], twos[4 * i + 3]];
        fours[4 * i] = _mm512_unpacklo_epi64(a, c);
        fours[4 * i + 1] = _mm512_unpackhi_epi64(a, c);
        fours[4 * i + 2] = _mm512_unpacklo_epi64(b, d);
        fours[4 * i + 3] = _mm512_unpackhi_epi64(b, d);
    }
    // Quarter q of fours[4·i + j] is column 4·q + j of rows 4·i to 4·i + 3.
    for j in 0..4 {
        let even_low = _mm512_shuffle_i32x4::<0b10_00_10_00>(fours[j], fours[4 + j]);
        let odd_low = _mm512_shuffle_i32x4::<0b11_01_11_01>(fours[j], fours[4 + j]);
        let even_high = _mm512_shuffle_i32x4::<0b10_00_10_00>(fours[8 + j], fours[12 + j]);
        let odd_high = _mm512_shuffle_i32x4::<0b11_01_11_01>(fours[8 + j], fours[12 + j]);
        rows[j] = _mm512_shuffle_i32x4::<0b10_00_10_00>(even_low, even_high);
        rows[8 + j] = _mm512_shuffle_i32x4::<0b11_01_11_01>(even_low, even_high);
        rows[4 + j] = _mm512_shuffle_i32x4::<0b10_00_10_00>(odd_low, odd_high);
        rows[12 + j] = _mm512_shuffle_i32x4::<0b11_01_11_01>(odd_low, odd_high);
    }
}

/// Adds a tile.
///
/// # Safety
/// 1 to 14 rows and 1 to 32 columns of the target lie within its result.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
pub(super) unsafe fn add(a: &[Line], b: [&[Line]; 2], target: Target) {
    macro_rules! rows {
        ($($rows:literal)*) => {
            match (target.n_rows, target.width > LANES) {
                $(
                    // SAFETY: the caller's promise.
                    ($rows, true) => unsafe { tile::<$rows, 2>(a, b, target) },
                    // SAFETY: the caller's promise.
                    ($rows, false) => unsafe { tile::<$rows, 1>(a, b, target) },
                )*
                _ => unreachable!("tiles have 1 to 14 rows"),
            }
        };
    }
    rows!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

/// `WIDE` registers of columns.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]
unsafe fn tile<const ROWS: usize, const WIDE: usize>(a: &[Line], b: [&[Line]; 2], target: Target) {
    let Target { result, step, width, into, .. } = target;
    let mut sums = [[_mm512_setzero_ps(); WIDE]; ROWS];
    let mask = |register: usize| first((width - register * LANES).min(LANES));
    if into == Into::Add {
        for (row, sums) in sums.iter_mut().enumerate() {
            for (register, sum) in sums.iter_mut().enumerate() {
                // SAFETY: only lanes within the target are read, which the caller promises are there.
                *sum = unsafe {
                    _mm512_maskz_loadu_ps(mask(register), result.as_ptr().add(row * step + register * LANES))
                };
            }
        }
    }
    for ((a, b0), b1) in a.iter().zip(b[0]).zip(b[1]) {
        let b = [read(b0), read(b1)];
        for (sums, &a) in sums.iter_mut().zip(&a.0) {
            let a = as_pairs(_mm512_set1_epi32(a as i32));
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = _mm512_dpbf16_ps(*sum, a, b);
            }
        }
    }
    for (row, sums) in sums.into_iter().enumerate() {
        for (register, sum) in sums.into_iter().enumerate() {
            // SAFETY: only lanes within the target are written, which the caller promises are there.
            unsafe {
                let to = result.as_mut_ptr().add(row * step + register * LANES);
                _mm512_mask_storeu_ps(to, mask(register), sum);
            }
        }
    }
}
