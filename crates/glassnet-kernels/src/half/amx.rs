//! Products by the matrix tiles of Intel's servers (AMX), where the system lets the process have them.
//!
//! A number of the result is summed 32 terms at a time: from 0, one chain over the first terms of the pairs and one over the
//! second, each fused with its multiplication; s ← s + (first + second) (Intel 64 and IA-32 manual, volume 2, `TDPBF16PS`).
//! Subnormal numbers are taken as zero and results that would be subnormal flushed to zero. Terms that are missing at the end
//! are zeros.
#![expect(unsafe_code, reason = "instructions of the machine")]

use super::strip::{self, LANES, Line};
use super::{Factor, HalfInstructions, Into, LEFT_STRIPS, Order, Packed, share, x86};
use std::arch::asm;
use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use std::sync::OnceLock;

/// Rows and pairs of a tile.
const TILE: usize = 16;
/// Pairs of a block: more than stay in first-level cache, because the tiles of a result take long to come and go.
const PAIRS: usize = 512;

/// Whether the processor has tiles of bf16 and the system gives them to this process, which is asked for once.
pub(super) fn is_here() -> bool {
    static IS_HERE: OnceLock<bool> = OnceLock::new();
    *IS_HERE.get_or_init(|| {
        let has_saved_state = __cpuid(1).ecx >> 27 & 1 == 1;
        let features = if __cpuid(0).eax >= 7 { __cpuid_count(7, 0).edx } else { 0 };
        let has_tiles = features >> 22 & 1 == 1 && features >> 24 & 1 == 1;
        // SAFETY: the processor has the instruction.
        has_saved_state && has_tiles && unsafe { _xgetbv(0) } >> 17 & 3 == 3 && is_allowed()
    })
}

/// Asks Linux for the registers: `arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA)`.
#[cfg(target_os = "linux")]
fn is_allowed() -> bool {
    let answer: i64;
    // SAFETY: this call of the system changes what the process may do, and no memory.
    unsafe {
        asm!("syscall", inlateout("rax") 158_i64 => answer, in("rdi") 0x1023, in("rsi") 18,
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    answer == 0
}

#[cfg(not(target_os = "linux"))]
fn is_allowed() -> bool {
    false
}

/// Eight tiles of 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    zeros: [u8; 15],
    bytes: [u16; 16],
    rows: [u8; 16],
}

static SHAPES: Shapes = {
    let (mut bytes, mut rows) = ([0; 16], [0; 16]);
    let mut tile = 0;
    while tile < 8 {
        (bytes[tile], rows[tile]) = (4 * LANES as u16, TILE as u8);
        tile += 1;
    }
    Shapes { palette: 1, zeros: [0; 15], bytes, rows }
};

/// 32 rows and 32 columns of a result that has not as many there.
#[repr(C, align(64))]
struct Corner([f32; 4 * TILE * LANES]);

/// As `blocks` of the module above. The tiles are this thread's while it runs.
///
/// # Panics
/// When the tiles are not there.
pub(super) fn blocks(a: Factor, b: &Packed, into: Into, result: &mut [f32], left: &mut Vec<Line>) {
    assert!(is_here(), "tiles");
    let (n_rows, n_inner, n_columns) = (a.n_rows, a.n_columns, b.n_columns);
    let (n_pairs, n_strips) = (n_inner.div_ceil(2), n_rows.div_ceil(TILE));
    left.resize(left.len().max(LEFT_STRIPS * PAIRS), Line::default());
    // SAFETY: the tiles are there, and their shapes are valid.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const SHAPES, options(nostack, readonly)) };
    for first_pair in (0..n_pairs).step_by(PAIRS) {
        let pairs = first_pair..n_pairs.min(first_pair + PAIRS);
        let n_lines = pairs.len().next_multiple_of(TILE);
        let a = a.columns(2 * pairs.start..n_inner.min(2 * pairs.end));
        let into = if first_pair == 0 { into } else { Into::Add };
        for first_strip in (0..n_strips).step_by(LEFT_STRIPS) {
            let strips = first_strip..n_strips.min(first_strip + LEFT_STRIPS);
            let rows = |strip: usize| share(n_rows, n_strips, strip)..share(n_rows, n_strips, strip + 1);
            for (strip, lines) in strips.clone().zip(left.chunks_exact_mut(n_lines)) {
                pack_left(a.rows(rows(strip)), lines);
            }
            for first_column in (0..n_columns).step_by(2 * LANES) {
                let width = (n_columns - first_column).min(2 * LANES);
                let index = first_column / LANES;
                let second = if width > LANES { index + 1 } else { index };
                let whole_pairs = pairs.start..pairs.start + n_lines;
                let b = [b.strip(index, whole_pairs.clone()), b.strip(second, whole_pairs)];
                for strip in strips.clone().step_by(2) {
                    let at = |strip: usize| &left[(strip - first_strip) * n_lines..][..n_lines];
                    let last = (strip + 1).min(strips.end - 1);
                    let a = [at(strip), at(last)];
                    let (above, below) = (rows(strip), if last > strip { rows(last) } else { 0..0 });
                    let target = &mut result[above.start * n_columns + first_column..];
                    if width == 2 * LANES && above.len() == TILE && below.len() == TILE {
                        assert!(
                            target.len() >= (2 * TILE - 1) * n_columns + width,
                            "four tiles of the result"
                        );
                        // SAFETY: the tiles have their shapes, and the target's rows are there.
                        unsafe { multiply(a, b, target.as_mut_ptr(), n_columns, into) };
                        continue;
                    }
                    let mut corner = Corner([0.0; _]);
                    let places = (0..above.len()).chain(TILE..TILE + below.len());
                    if into == Into::Add {
                        for (place, row) in places.clone().zip(target.chunks(n_columns)) {
                            corner.0[2 * LANES * place..][..width].copy_from_slice(&row[..width]);
                        }
                    }
                    // SAFETY: the tiles have their shapes, and the corner has 32 rows of 32 numbers.
                    unsafe { multiply(a, b, corner.0.as_mut_ptr(), 2 * LANES, into) };
                    for (place, row) in places.zip(target.chunks_mut(n_columns)) {
                        row[..width].copy_from_slice(&corner.0[2 * LANES * place..][..width]);
                    }
                }
            }
        }
    }
    // SAFETY: the tiles are there.
    unsafe { asm!("tilerelease", options(nomem, nostack)) };
}

/// Packs at most 16 rows as tiles read them: of 16 lines each has 16 pairs of one row.
fn pack_left(a: Factor, lines: &mut [Line]) {
    if a.order == Order::Rows {
        // SAFETY: a processor with tiles has these instructions: `HalfInstructions::here` has asked it.
        return unsafe { x86::pack_tiles(a, lines) };
    }
    let n_pairs = a.n_columns.div_ceil(2);
    let (packed, missing) = lines.split_at_mut(n_pairs);
    strip::pack(Some(HalfInstructions::AmxBf16), a.flipped(), packed);
    missing.fill(Line::default());
    for tile in lines.as_chunks_mut::<TILE>().0 {
        // SAFETY: as above.
        unsafe { x86::transpose_lines(tile) };
    }
}

/// Four tiles of a result, from `c` on, with `step` numbers from row to row: the products of two strips of each factor.
///
/// # Safety
/// The tiles have their shapes; 32 rows of 32 numbers are at `c`.
unsafe fn multiply(a: [&[Line]; 2], b: [&[Line]; 2], c: *mut f32, step: usize, into: Into) {
    let n_lines = a[0].len();
    assert!(n_lines > 0 && n_lines.is_multiple_of(TILE), "whole tiles");
    assert!(a.iter().chain(&b).all(|strip| strip.len() == n_lines), "strips of the same block");
    let bytes = step * size_of::<f32>();
    // SAFETY: every strip has as many tiles as the loop reads, 16 lines of 64 bytes each; the result is the caller's promise.
    unsafe {
        let below = c.byte_add(TILE * bytes);
        asm!(
            "test {into:e}, {into:e}",
            "jz 2f",
            "tileloadd tmm0, [{c} + {bytes}*1]",
            "tileloadd tmm1, [{c} + {bytes}*1 + 64]",
            "tileloadd tmm2, [{below} + {bytes}*1]",
            "tileloadd tmm3, [{below} + {bytes}*1 + 64]",
            "jmp 3f",
            "2:",
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "3:",
            "tileloadd tmm4, [{a0} + {line}*1]",
            "tileloadd tmm6, [{b0} + {line}*1]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{b1} + {line}*1]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{a1} + {line}*1]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {a0}, 1024",
            "add {a1}, 1024",
            "add {b0}, 1024",
            "add {b1}, 1024",
            "dec {n}",
            "jnz 3b",
            "tilestored [{c} + {bytes}*1], tmm0",
            "tilestored [{c} + {bytes}*1 + 64], tmm1",
            "tilestored [{below} + {bytes}*1], tmm2",
            "tilestored [{below} + {bytes}*1 + 64], tmm3",
            into = in(reg) u32::from(into == Into::Add),
            c = in(reg) c,
            below = in(reg) below,
            bytes = in(reg) bytes,
            line = in(reg) size_of::<Line>(),
            a0 = inout(reg) a[0].as_ptr() => _,
            a1 = inout(reg) a[1].as_ptr() => _,
            b0 = inout(reg) b[0].as_ptr() => _,
            b1 = inout(reg) b[1].as_ptr() => _,
            n = inout(reg) n_lines / TILE => _,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
