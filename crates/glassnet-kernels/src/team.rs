//! Threads that work on parts of one task together, many thousand times a second.
//!
//! A thread that has nothing to do spins for a moment before it sleeps: the products of a small network follow each
//! other within microseconds, and waking a thread takes tens of them. That is why this is not a general thread pool.
#![expect(unsafe_code, reason = "threads that outlive a task borrow what it borrows")]

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// So many times an idle thread looks for work before it sleeps: for some 100 to 200 µs.
const SPINS: usize = 6_000;
/// The most parts of a task.
const MOST_PARTS: usize = 0xffff;

/// Threads, the caller's among them. Dropping it ends the others.
#[derive(Debug)]
pub struct Team {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// Held by the thread whose task it is.
    leader: Mutex<()>,
}

/// A task as the workers see it: a function of the part.
struct Task<'a>(&'a (dyn Fn(usize) + Sync));

#[derive(Debug)]
struct Shared {
    /// The task of this round, on the leader's stack.
    task: AtomicPtr<()>,
    /// The round, how many parts it has, and the next that nobody has taken; see [`Round`].
    round: AtomicU64,
    /// Parts of this round that are done.
    n_done: AtomicUsize,
    has_panicked: AtomicBool,
    is_over: AtomicBool,
    n_asleep: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
}

/// A round in one number, so that taking a part of it is one exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Round(u64);

impl Round {
    fn new(number: u64, n_parts: usize) -> Self {
        Self(number << 32 | (n_parts as u64) << 16)
    }

    fn number(self) -> u64 {
        self.0 >> 32
    }

    fn n_parts(self) -> usize {
        (self.0 >> 16) as usize & MOST_PARTS
    }

    fn next(self) -> usize {
        self.0 as usize & MOST_PARTS
    }
}

impl Team {
    /// So many threads, at least one: the caller's.
    pub fn new(n_threads: usize) -> Self {
        let shared = Arc::new(Shared {
            task: AtomicPtr::new(std::ptr::null_mut()),
            round: AtomicU64::new(0),
            n_done: AtomicUsize::new(0),
            has_panicked: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            n_asleep: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        });
        let worker = |_| {
            let shared = Arc::clone(&shared);
            // Where the system gives no further thread, there are fewer: the results are the same.
            std::thread::Builder::new().name("glassnet".into()).spawn(move || shared.work()).ok()
        };
        let workers = (1..n_threads).map_while(worker).collect();
        Self { shared, workers, leader: Mutex::new(()) }
    }

    /// How many threads there are, the caller's among them.
    pub fn n_threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Calls `part(0)` to `part(n_parts − 1)`, each once, on whichever thread is free; returns when all are done. From
    /// within a part, and while another thread has the team, the caller does all of them.
    ///
    /// # Panics
    /// When a part panics.
    pub fn run(&self, n_parts: usize, part: impl Fn(usize) + Sync) {
        let leader = if self.workers.is_empty() || !(2..=MOST_PARTS).contains(&n_parts) {
            None
        } else {
            self.leader.try_lock().ok()
        };
        if leader.is_none() {
            (0..n_parts).for_each(part);
            return;
        }
        let task = Task(&part);
        let shared = &*self.shared;
        shared.n_done.store(0, Ordering::Relaxed);
        shared.task.store((&raw const task).cast_mut().cast(), Ordering::Relaxed);
        let number = Round(shared.round.load(Ordering::Relaxed)).number() + 1;
        shared.round.store(Round::new(number & 0xffff_ffff, n_parts).0, Ordering::SeqCst);
        if shared.n_asleep.load(Ordering::SeqCst) > 0 {
            let _guard = shared.sleep.lock().unwrap_or_else(PoisonError::into_inner);
            shared.wake.notify_all();
        }
        while shared.do_part() {}
        let mut n_spins = 0_u32;
        while shared.n_done.load(Ordering::Acquire) < n_parts {
            n_spins += 1;
            if n_spins.is_multiple_of(1 << 12) {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
        drop(leader);
        if shared.has_panicked.swap(false, Ordering::Relaxed) {
            resume_unwind(Box::new("a part of a task panicked"));
        }
    }

    /// Does the work on each item, whichever thread comes to it first.
    pub fn each<T: Send>(&self, items: &mut [T], work: impl Fn(&mut T) + Sync) {
        let items: Vec<_> = items.iter_mut().map(Mutex::new).collect();
        self.run(items.len(), |i| work(&mut items[i].lock().unwrap_or_else(PoisonError::into_inner)));
    }

    /// Splits `len` places into at most so many ranges, each but the last a multiple of `unit`, and calls `part` with each.
    pub(crate) fn ranges(&self, n_parts: usize, len: usize, unit: usize, part: impl Fn(Range<usize>) + Sync) {
        let each = len.div_ceil(n_parts).next_multiple_of(unit).max(unit);
        self.run(len.div_ceil(each), |i| part(i * each..len.min((i + 1) * each)));
    }
}

impl Team {
    /// Splits slices of one length into at most so many parts, each but the last a multiple of `unit`, and calls `work`
    /// with each.
    pub(crate) fn split<S: Split>(&self, n_parts: usize, unit: usize, slices: S, work: impl Fn(S) + Sync) {
        let len = slices.len();
        let each = len.div_ceil(n_parts.max(1)).next_multiple_of(unit).max(unit);
        if len <= each {
            return work(slices);
        }
        let mut parts = Vec::with_capacity(len.div_ceil(each));
        let mut rest = slices;
        while rest.len() > each {
            let (part, behind) = rest.split_at(each);
            parts.push(Mutex::new(Some(part)));
            rest = behind;
        }
        parts.push(Mutex::new(Some(rest)));
        self.run(parts.len(), |i| {
            let part = parts[i].lock().unwrap_or_else(PoisonError::into_inner).take();
            part.into_iter().for_each(&work);
        });
    }
}

/// Slices of one length that can be split at the same place.
pub(crate) trait Split: Send + Sized {
    fn len(&self) -> usize;
    fn split_at(self, at: usize) -> (Self, Self);
}

impl<T: Sync> Split for &[T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }
    fn split_at(self, at: usize) -> (Self, Self) {
        <[T]>::split_at(self, at)
    }
}

impl<T: Send> Split for &mut [T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }
    fn split_at(self, at: usize) -> (Self, Self) {
        self.split_at_mut(at)
    }
}

impl<A: Split, B: Split> Split for (A, B) {
    fn len(&self) -> usize {
        assert_eq!(self.0.len(), self.1.len(), "slices of one length");
        self.0.len()
    }
    fn split_at(self, at: usize) -> (Self, Self) {
        let (first, second) = (self.0.split_at(at), self.1.split_at(at));
        ((first.0, second.0), (first.1, second.1))
    }
}

/// A slice that is split between rows of `n` numbers.
pub(crate) struct Chunks<'a, T> {
    pub(crate) n: usize,
    pub(crate) values: &'a mut [T],
}

impl<T: Send> Split for Chunks<'_, T> {
    fn len(&self) -> usize {
        self.values.len() / self.n
    }
    fn split_at(self, at: usize) -> (Self, Self) {
        let (first, second) = self.values.split_at_mut(at * self.n);
        (Chunks { n: self.n, values: first }, Chunks { n: self.n, values: second })
    }
}

impl Default for Team {
    /// The caller's thread alone.
    fn default() -> Self {
        Self::new(1)
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        drop(self.shared.sleep.lock().unwrap_or_else(PoisonError::into_inner));
        self.shared.wake.notify_all();
        for worker in self.workers.drain(..) {
            // A worker catches what its parts throw.
            let _ = worker.join();
        }
    }
}

impl Shared {
    /// Does a part that nobody has taken; false where there is none.
    fn do_part(&self) -> bool {
        let round = Round(self.round.load(Ordering::SeqCst));
        if round.next() >= round.n_parts() {
            return false;
        }
        if self.round.compare_exchange(round.0, round.0 + 1, Ordering::SeqCst, Ordering::Relaxed).is_err() {
            return true; // somebody else was first: look again
        }
        // SAFETY: this part is taken and not done, so that the leader still waits in `run`, where the task lies; the
        // leader stored its address before the round.
        let task = unsafe { &*self.task.load(Ordering::Relaxed).cast_const().cast::<Task<'_>>() };
        if catch_unwind(AssertUnwindSafe(|| (task.0)(round.next()))).is_err() {
            self.has_panicked.store(true, Ordering::Relaxed);
        }
        self.n_done.fetch_add(1, Ordering::Release);
        true
    }

    fn has_parts(&self) -> bool {
        let round = Round(self.round.load(Ordering::SeqCst));
        round.next() < round.n_parts()
    }

    /// A worker's life.
    fn work(&self) {
        let mut n_spins = 0;
        while !self.is_over.load(Ordering::SeqCst) {
            if self.do_part() {
                n_spins = 0;
                continue;
            }
            n_spins += 1;
            if n_spins > SPINS {
                self.sleep();
                n_spins = 0;
            }
            std::hint::spin_loop();
        }
    }

    fn sleep(&self) {
        let mut guard = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
        self.n_asleep.fetch_add(1, Ordering::SeqCst);
        // The leader stores the round before it looks for sleepers, a sleeper counts itself before it looks for a round.
        while !self.has_parts() && !self.is_over.load(Ordering::SeqCst) {
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.n_asleep.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A slice whose parts several threads write, each its own.
pub(crate) struct Parts<'a, T> {
    start: *mut T,
    len: usize,
    slice: std::marker::PhantomData<&'a mut [T]>,
}

// SAFETY: what is shared gives out parts that lie apart, by the promise of `part`'s callers.
unsafe impl<T: Send> Sync for Parts<'_, T> {}

impl<'a, T> Parts<'a, T> {
    pub(crate) fn new(slice: &'a mut [T]) -> Self {
        Self { start: slice.as_mut_ptr(), len: slice.len(), slice: std::marker::PhantomData }
    }

    /// The numbers of a range.
    ///
    /// # Safety
    /// No two parts that are alive have a number in common.
    #[expect(clippy::mut_from_ref, reason = "parts lie apart")]
    pub(crate) unsafe fn part(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "{range:?} of {}", self.len);
        // SAFETY: within the slice, and nobody else's by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }

    /// Where the slice starts.
    pub(crate) fn start(&self) -> *mut T {
        self.start
    }
}

#[cfg(test)]
mod tests;
