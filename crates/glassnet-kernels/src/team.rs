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

/// In a browser there is but the caller: what shares work out stays away from the page.
const ONE_THREAD: bool = cfg!(target_family = "wasm");

/// Threads, the caller's among them. Dropping it ends the others.
#[derive(Debug)]
pub struct Team {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// The number of the round, held by the thread whose task it is.
    leader: Mutex<u32>,
}

/// A task as the workers see it: a function of the part.
struct Task<'a>(&'a (dyn Fn(usize) + Sync));

#[derive(Debug)]
struct Shared {
    /// The task of this round, on the leader's stack.
    task: AtomicPtr<()>,
    /// What is left of each thread's share of the round.
    shares: Vec<Line>,
    /// Parts of this round that are done.
    n_done: AtomicUsize,
    has_panicked: AtomicBool,
    is_over: AtomicBool,
    n_asleep: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
}

/// A [`Share`] on lines of cache of its own, which its thread looks at again and again.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line(AtomicU64);

/// Neighbouring parts of a round in one number, so that taking one of them is one exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Share(u64);

impl Share {
    fn new(round: u64, parts: Range<usize>) -> Self {
        Self(round << 32 | (parts.end as u64) << 16 | parts.start as u64)
    }

    /// The part that is next, if any is left.
    fn next(self) -> Option<usize> {
        let (next, end) = (self.0 as usize & MOST_PARTS, (self.0 >> 16) as usize & MOST_PARTS);
        (next < end).then_some(next)
    }
}

impl Team {
    /// So many threads, at least one: the caller's.
    pub fn new(n_threads: usize) -> Self {
        let shared = Arc::new(Shared {
            task: AtomicPtr::new(std::ptr::null_mut()),
            shares: (0..n_threads.max(1)).map(|_| Line::default()).collect(),
            n_done: AtomicUsize::new(0),
            has_panicked: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            n_asleep: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        });
        let worker = |thread| {
            let shared = Arc::clone(&shared);
            // Where the system gives no further thread, there are fewer: the results are the same.
            std::thread::Builder::new().name("glassnet".into()).spawn(move || shared.work(thread)).ok()
        };
        let n_threads = if ONE_THREAD { 1 } else { n_threads };
        let workers = (1..n_threads).map_while(worker).collect();
        Self { shared, workers, leader: Mutex::new(0) }
    }

    /// How many threads there are, the caller's among them.
    pub fn n_threads(&self) -> usize {
        if ONE_THREAD { 1 } else { self.workers.len() + 1 }
    }

    /// Calls `part(0)` to `part(n_parts − 1)`, each once; returns when all are done. Each thread has its share of neighbouring
    /// parts, in the same places of every task of so many parts, so that it finds in its caches what it left there; who has
    /// done its own takes what others have not begun. From within a part, and while another thread has the team, the caller
    /// does all of them.
    ///
    /// # Panics
    /// When a part panics.
    pub fn run(&self, n_parts: usize, part: &(dyn Fn(usize) + Sync)) {
        let round = if ONE_THREAD || self.workers.is_empty() || !(2..=MOST_PARTS).contains(&n_parts) {
            None
        } else {
            self.leader.try_lock().ok()
        };
        let Some(mut round) = round else {
            return (0..n_parts).for_each(part);
        };
        let task = Task(part);
        let shared = &*self.shared;
        shared.n_done.store(0, Ordering::Relaxed);
        shared.task.store((&raw const task).cast_mut().cast(), Ordering::Relaxed);
        *round = round.wrapping_add(1);
        let n_threads = self.n_threads();
        for thread in (0..n_threads).rev() {
            let [first, end] = [thread, thread + 1].map(|thread| (thread * n_parts).div_ceil(n_threads));
            shared.shares[thread].0.store(Share::new(u64::from(*round), first..end).0, Ordering::SeqCst);
        }
        if shared.n_asleep.load(Ordering::SeqCst) > 0 {
            let _guard = shared.sleep.lock().unwrap_or_else(PoisonError::into_inner);
            shared.wake.notify_all();
        }
        for thread in 0..n_threads {
            while shared.do_part_of(thread) {}
        }
        let mut n_spins = 0_u32;
        while shared.n_done.load(Ordering::Acquire) < n_parts {
            n_spins += 1;
            if n_spins.is_multiple_of(1 << 12) {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
        drop(round);
        if shared.has_panicked.swap(false, Ordering::Relaxed) {
            resume_unwind(Box::new("a part of a task panicked"));
        }
    }

    /// Does the work on each item, whichever thread comes to it first.
    pub fn each<T: Send>(&self, items: &mut [T], work: impl Fn(&mut T) + Sync) {
        if ONE_THREAD {
            return items.iter_mut().for_each(work);
        }
        let items: Vec<_> = items.iter_mut().map(Mutex::new).collect();
        self.run(items.len(), &|i| work(&mut items[i].lock().unwrap_or_else(PoisonError::into_inner)));
    }

    /// Splits `len` places into at most so many ranges, each but the last a multiple of `unit`, and calls `part` with each.
    pub(crate) fn ranges(&self, n_parts: usize, len: usize, unit: usize, part: impl Fn(Range<usize>) + Sync) {
        let each = len.div_ceil(n_parts).next_multiple_of(unit).max(unit);
        self.run(len.div_ceil(each), &|i| part(i * each..len.min((i + 1) * each)));
    }
}

impl Team {
    /// Splits slices of one length into at most so many parts, each but the last a multiple of `unit`, and calls `work`
    /// with each.
    pub fn split<S: Split>(&self, n_parts: usize, unit: usize, slices: S, work: impl Fn(S) + Sync) {
        let len = slices.len();
        let each = len.div_ceil(n_parts.max(1)).next_multiple_of(unit).max(unit);
        if len <= each {
            return work(slices);
        }
        if ONE_THREAD {
            return blocks(slices, each, work);
        }
        let mut parts = Vec::with_capacity(len.div_ceil(each));
        let mut rest = slices;
        while rest.len() > each {
            let (part, behind) = rest.split_at(each);
            parts.push(Mutex::new(Some(part)));
            rest = behind;
        }
        parts.push(Mutex::new(Some(rest)));
        self.run(parts.len(), &|i| {
            let part = parts[i].lock().unwrap_or_else(PoisonError::into_inner).take();
            part.into_iter().for_each(&work);
        });
    }
}

/// Calls `work` with so many places of the slices at a time, in order.
pub fn blocks<S: Split>(slices: S, size: usize, mut work: impl FnMut(S)) {
    let mut rest = slices;
    while !rest.is_empty() {
        let n_places = size.min(rest.len());
        let (block, behind) = rest.split_at(n_places);
        work(block);
        rest = behind;
    }
}

/// Slices of one length that can be split at the same place.
pub trait Split: Send + Sized {
    /// Places.
    fn len(&self) -> usize;
    /// Whether there is no place.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// What lies before `at`, and from there on.
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
    /// Does the next part of a thread's share; false where none is left.
    fn do_part_of(&self, thread: usize) -> bool {
        let share = self.share_of(thread);
        let Some(part) = share.next() else { return false };
        let after = share.0 + 1;
        if self.shares[thread]
            .0
            .compare_exchange(share.0, after, Ordering::SeqCst, Ordering::Relaxed)
            .is_err()
        {
            return true; // somebody else was first: look again
        }
        // SAFETY: this part is taken and not done, so that the leader still waits in `run`, where the task lies; the
        // leader stored its address before the shares.
        let task = unsafe { &*self.task.load(Ordering::Relaxed).cast_const().cast::<Task<'_>>() };
        if catch_unwind(AssertUnwindSafe(|| (task.0)(part))).is_err() {
            self.has_panicked.store(true, Ordering::Relaxed);
        }
        self.n_done.fetch_add(1, Ordering::Release);
        true
    }

    fn has_parts(&self) -> bool {
        (0..self.shares.len()).any(|thread| self.share_of(thread).next().is_some())
    }

    fn share_of(&self, thread: usize) -> Share {
        Share(self.shares[thread].0.load(Ordering::SeqCst))
    }

    /// A worker's life.
    fn work(&self, thread: usize) {
        let (mut n_spins, mut other) = (0, thread);
        while !self.is_over.load(Ordering::SeqCst) {
            other = (other + 1) % self.shares.len();
            // Shares are dealt from the last to the leader's: where there is something to take, one's own may be there, too.
            let is_helping = || self.share_of(other).next().is_some();
            if self.do_part_of(thread) || is_helping() && (self.do_part_of(thread) || self.do_part_of(other))
            {
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
