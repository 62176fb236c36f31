//! The same work on many files, by a few threads.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use opsctl_core::Result;

/// A restore shares its machine with the live database: two keep a disk busy without starving it.
pub(crate) const WORKERS: usize = 2;

/// How far work got: done and total, in bytes.
pub(crate) type Meter<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Does work that blocks without holding up the runtime's other tasks, where it has threads for that.
pub(crate) fn aside<R>(work: impl FnOnce() -> R) -> R {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Does `work` on every item; after a failure no new item is begun, and the first failure is returned.
pub(crate) fn each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<R>)>> = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            let result = work(item);
            if result.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            if let Ok(mut done) = done.lock() {
                done.push((at, result));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..WORKERS {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(each(&items, |n| Ok(n * 2)).unwrap()[99], 198);
    }

    #[test]
    fn a_failure_stops_the_others() {
        let items: Vec<u32> = (0..100).collect();
        let failed = each(&items, |n| match n {
            0 => Err(opsctl_core::Failure::failed("no")),
            n => Ok(*n),
        });
        assert_eq!(failed.unwrap_err().what, "no");
    }
}
