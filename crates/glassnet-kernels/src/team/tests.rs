//! Every part once, whoever does it.

use super::*;

#[test]
fn every_part_is_done_once() {
    for n_threads in [1, 2, 5] {
        let team = Team::new(n_threads);
        for n_parts in [0, 1, 2, 3, 64, 1_000] {
            for _ in 0..50 {
                let counts: Vec<AtomicUsize> = (0..n_parts).map(|_| AtomicUsize::new(0)).collect();
                team.run(n_parts, &|part| {
                    counts[part].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
            }
        }
    }
}

#[test]
fn sleepers_wake() {
    let team = Team::new(3);
    for _ in 0..3 {
        (0..50 * SPINS).for_each(|_| std::hint::spin_loop());
        let sum = AtomicUsize::new(0);
        team.run(10, &|part| {
            sum.fetch_add(part, Ordering::Relaxed);
        });
        assert_eq!(sum.into_inner(), 45);
    }
}

#[test]
fn a_part_may_use_the_team() {
    let team = Team::new(2);
    let count = AtomicUsize::new(0);
    team.run(4, &|_| {
        team.run(4, &|_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
    });
    assert_eq!(count.into_inner(), 16);
}

#[test]
fn several_threads_may_share_a_team() {
    let team = Team::new(2);
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    team.run(8, &|_| {
                        count.fetch_add(1, Ordering::Relaxed);
                    });
                }
            });
        }
    });
    assert_eq!(count.into_inner(), 3_200);
}

#[test]
fn a_panic_reaches_the_caller_and_the_team_goes_on() {
    let team = Team::new(2);
    let broken = catch_unwind(AssertUnwindSafe(|| team.run(8, &|part| assert_ne!(part, 5))));
    assert!(broken.is_err());
    team.run(8, &|_| {});
}

#[test]
fn ranges_cover_all_places_once() {
    let team = Team::new(3);
    for len in [0, 1, 7, 64, 100] {
        let mut places = vec![0; len];
        let parts = Parts::new(&mut places);
        team.ranges(3, len, 16, |range| {
            // SAFETY: ranges lie apart.
            for place in unsafe { parts.part(range) } {
                *place += 1;
            }
        });
        assert!(places.iter().all(|&n| n == 1), "{len}");
    }
}

#[test]
fn each_thread_keeps_its_share() {
    let team = Team::new(2);
    for _ in 0..1_000 {
        let (n_begun, here) = (AtomicUsize::new(0), std::thread::current().id());
        team.run(2, &|part| {
            n_begun.fetch_add(1, Ordering::SeqCst);
            // Nobody has a second part while the other has not begun.
            while n_begun.load(Ordering::SeqCst) < 2 {
                std::thread::yield_now();
            }
            assert_eq!(part == 0, std::thread::current().id() == here);
        });
    }
}
