//! Memory that is asked for before it is used, where the processor takes such wishes. They change no number.
#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "the processor takes an address"))]

/// Bytes of a line.
pub(crate) const LINE: usize = 64;

/// Asks for the line of this address, into first-level cache. The address may be anything.
#[inline(always)]
pub(crate) fn fetch<R>(place: *const R) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every such processor has the instruction, which only asks.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// As [`fetch`], into second-level cache.
#[inline(always)]
pub(crate) fn fetch_far<R>(place: *const R) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every such processor has the instruction, which only asks.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Asks for all these numbers.
pub(crate) fn fetch_all<R>(numbers: &[R]) {
    for place in (0..numbers.len()).step_by(LINE / size_of::<R>()) {
        fetch(&raw const numbers[place]);
    }
}
