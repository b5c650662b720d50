//! Memory for many numbers: from the start of a cache line on, and in large pages where the system has them.
//!
//! A register of 64 bytes that lies across two lines is loaded in two steps. Allocators align to 16 bytes.
//!
//! A tile of a product reads and writes rows that lie far apart, in pages of 4 kB nearly each in a page of its own, which have to be
//! found; and each page that is written to for the first time stops the program while the system makes it. `docs/speed.md` has
//! what large pages bring. NumPy asks for them from the same size on (its `alloc.c`).
#![expect(
    unsafe_code,
    reason = "the numbers before the first are never written, so that their pages are never made"
)]

use crate::Real;
use std::fmt;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;

/// Bytes from which memory is asked for in large pages.
const LARGE: usize = 4 << 20;

/// Bytes of a large page.
const LARGE_PAGE: usize = 2 << 20;

/// Numbers that are used as a slice. They, or a number among them that was chosen, begin with a cache line, and many of them with a
/// large page, unless they came as a [`Vec`], which stays where it is.
#[derive(Default)]
pub struct Numbers<R> {
    /// All from `first` on are initialised.
    memory: Vec<MaybeUninit<R>>,
    first: usize,
    n: usize,
    /// The number that begins a line.
    place: usize,
}

/// Numbers that may be left out at the start of so many, for [`n_skipped`].
fn most_skipped<R>(n: usize) -> usize {
    match n * size_of::<R>() {
        0 => 0,
        LARGE.. => (LARGE_PAGE + LINE) / size_of::<R>(),
        _ => LINE / size_of::<R>(),
    }
}

/// How many numbers are left out at the start of this memory, so that of the `n` behind them the one at `place` begins a line. Of
/// many, the first comes within a line from the start of a large page.
fn n_skipped<R>(memory: *const R, n: usize, place: usize) -> usize {
    if n == 0 {
        return 0;
    }
    let (line, most) = (LINE / size_of::<R>(), most_skipped::<R>(n));
    let after = (line - place % line) % line;
    match n * size_of::<R>() {
        LARGE.. => memory.align_offset(LARGE_PAGE).min(most - line) + after,
        _ => (memory.align_offset(LINE).min(line) + after) % line,
    }
}

/// The same memory.
fn as_uninit<R>(values: Vec<R>) -> Vec<MaybeUninit<R>> {
    let mut values = ManuallyDrop::new(values);
    // SAFETY: memory of a vector of the same layout, which gives it up.
    unsafe { Vec::from_raw_parts(values.as_mut_ptr().cast(), values.len(), values.capacity()) }
}

impl<R: Real> Numbers<R> {
    /// So many zeros.
    pub fn zeros(n: usize) -> Self {
        Self::zeros_at(n, 0)
    }

    /// So many zeros, of which the one at `place` begins a cache line.
    pub fn zeros_at(n: usize, place: usize) -> Self {
        let mut memory = as_uninit(vec![R::ZERO; n + most_skipped::<R>(n)]);
        prefer_large(&mut memory);
        let first = n_skipped(memory.as_ptr(), n, place);
        Self { memory, first, n, place }
    }

    /// As many zeros as these, which lie in cache lines as they do.
    pub fn zeros_like(others: &[R]) -> Self {
        Self::zeros_at(others.len(), n_before_line(others.as_ptr()))
    }

    /// Copied, unless the one at `place` begins a cache line where they are.
    pub fn placed(values: Vec<R>, place: usize) -> Self {
        let is_placed = place % (LINE / size_of::<R>()) == n_before_line(values.as_ptr());
        let here = Self { place, ..Self::from(values) };
        if here.is_empty() || is_placed { here } else { here.clone() }
    }

    /// Makes room for so many numbers, which are then unspecified.
    pub fn resize(&mut self, n: usize) {
        if n > self.memory.len() - self.first {
            let place = self.place;
            *self = Self { memory: Vec::new(), first: 0, n: 0, place }; // given back before more is taken
            *self = Self::zeros_at(n, place);
        }
        self.n = n;
    }

    /// With these behind those before.
    pub fn append(&mut self, others: &[R]) {
        self.memory.truncate(self.first + self.n);
        self.memory.extend(others.iter().copied().map(MaybeUninit::new));
        self.n += others.len();
    }
}

/// Numbers from there to the next start of a line.
fn n_before_line<R>(place: *const R) -> usize {
    place.align_offset(LINE) % (LINE / size_of::<R>())
}

impl<R> Deref for Numbers<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        let numbers = &self.memory[self.first..self.first + self.n];
        // SAFETY: all of them are initialised.
        unsafe { &*(std::ptr::from_ref(numbers) as *const [R]) }
    }
}

impl<R> DerefMut for Numbers<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        let numbers = &mut self.memory[self.first..self.first + self.n];
        // SAFETY: all of them are initialised, and stay so.
        unsafe { &mut *(std::ptr::from_mut(numbers) as *mut [R]) }
    }
}

impl<R: Clone> Clone for Numbers<R> {
    fn clone(&self) -> Self {
        let Self { n, place, .. } = *self;
        let mut memory: Vec<MaybeUninit<R>> = Vec::with_capacity(n + most_skipped::<R>(n));
        prefer_large(memory.spare_capacity_mut());
        let first = n_skipped(memory.as_ptr(), n, place);
        memory.resize_with(first, MaybeUninit::uninit);
        memory.extend(self.iter().cloned().map(MaybeUninit::new));
        Self { memory, first, n, place }
    }
}

impl<R> From<Vec<R>> for Numbers<R> {
    fn from(values: Vec<R>) -> Self {
        Self { n: values.len(), first: 0, memory: as_uninit(values), place: 0 }
    }
}

impl<R: PartialEq> PartialEq for Numbers<R> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<R: fmt::Debug> fmt::Debug for Numbers<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
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
            let values = Numbers::<f32>::zeros(n);
            assert_eq!((values.len(), n == 0 || values.as_ptr().addr().is_multiple_of(LINE)), (n, true));
            assert_eq!(values.clone().as_ptr().addr() % LINE, values.as_ptr().addr() % LINE);
            assert!(values.iter().all(|&value| value.to_bits() == 0), "{n} numbers");
        }
    }

    #[test]
    fn many_numbers_begin_with_a_large_page() {
        let n = LARGE / size_of::<f32>() + 3;
        let of = |values: &Numbers<f32>| values.as_ptr().addr() % LARGE_PAGE < LINE;
        let mut zeros = Numbers::<f32>::zeros_at(n, 17);
        zeros[n - 1] = 5.0;
        let copy = zeros.clone();
        assert!(of(&zeros) && of(&copy) && of(&Numbers::zeros_like(&zeros)));
        assert_eq!((copy.len(), copy[0], copy[n - 2], copy[n - 1]), (n, 0.0, 0.0, 5.0));
        assert_eq!(copy, zeros);
    }

    #[test]
    fn room_grows_and_shrinks() {
        let mut values = Numbers::<f64>::default();
        for n in [5, LARGE, 7, 0, LARGE / 2] {
            values.resize(n);
            assert_eq!(values.len(), n);
            values.fill(1.0);
        }
        values.resize(2);
        values.append(&[2.0, 3.0]);
        assert_eq!(*values, [1.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_number_that_was_chosen_begins_a_line() {
        for (n, place) in [(5, 3), (1_000, 696), (LARGE, 17), (40, 39)] {
            let begins = |values: &[f32]| values[place..].as_ptr().addr().is_multiple_of(LINE);
            let zeros = Numbers::<f32>::zeros_at(n, place);
            assert!(begins(&zeros) && begins(&Numbers::zeros_like(&zeros)) && begins(&zeros.clone()), "{n}");
            let placed = Numbers::placed(vec![2.0; n], place);
            assert!(begins(&placed) && placed.len() == n && placed.iter().all(|&value| value == 2.0), "{n}");
        }
    }

    #[test]
    fn given_numbers_stay_where_they_are() {
        let given = vec![1.0_f32, 2.0];
        let place = given.as_ptr();
        let mut values = Numbers::from(given);
        assert_eq!((values.as_ptr(), &values[..]), (place, &[1.0, 2.0][..]));
        assert!(values.clone().as_ptr().addr().is_multiple_of(LINE));
        values.append(&[3.0]);
        assert_eq!(values, Numbers::from(vec![1.0, 2.0, 3.0]));
        values.resize(1);
        assert_eq!(format!("{values:?}"), "[1.0]");
    }
}
