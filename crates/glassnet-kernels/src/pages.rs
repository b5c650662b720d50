//! Memory for many numbers: in large pages where the system has them.
//!
//! A tile of a product reads and writes rows that lie far apart, in pages of 4 kB nearly each in a page of its own, which have to be
//! found. `docs/speed.md` has what large pages bring. NumPy asks for them from the same size on (its `alloc.c`).

use crate::Real;

/// Bytes from which memory is asked for in large pages.
const LARGE: usize = 4 << 20;

/// So many zeros.
pub fn zeros<R: Real>(n: usize) -> Vec<R> {
    let mut values = vec![R::ZERO; n];
    prefer_large(&mut values);
    values
}

/// Makes room for so many numbers, which are then unspecified.
pub fn resize<R: Real>(values: &mut Vec<R>, n: usize) {
    if n > values.capacity() {
        *values = Vec::new(); // given back before more is taken
        *values = zeros(n);
    } else {
        values.resize(n, R::ZERO);
    }
}

/// Asks the system for large pages, before the memory is first written to. It may refuse: all that changes is the speed.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the system takes an address")]
fn prefer_large<R>(values: &mut [R]) {
    let bytes = size_of_val(values);
    if bytes < LARGE {
        return;
    }
    // SAFETY: only asks for a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).unwrap_or(4_096);
    // Whole pages, those of the ends too: neighbours are then advised together, and a large page may span both.
    let start = values.as_mut_ptr().cast::<u8>();
    let skipped = start.addr() % page;
    // SAFETY: all of the memory is this program's, and the advice changes no number of it.
    unsafe {
        libc::madvise(
            start.wrapping_sub(skipped).cast(),
            (skipped + bytes).next_multiple_of(page),
            libc::MADV_HUGEPAGE,
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn prefer_large<R>(_values: &mut [R]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_zeros_as_asked_for_of_any_size() {
        for n in [0, 1, 3, LARGE / 4 - 1, LARGE / 4, LARGE / 4 + 1, LARGE] {
            let values: Vec<f32> = zeros(n);
            assert_eq!(values.len(), n);
            assert!(values.iter().all(|&value| value.to_bits() == 0), "{n} numbers");
        }
    }

    #[test]
    fn room_grows_and_shrinks() {
        let mut values: Vec<f64> = Vec::new();
        for n in [5, LARGE, 7, 0, LARGE / 2] {
            resize(&mut values, n);
            assert_eq!(values.len(), n);
            values.fill(1.0);
        }
    }
}
