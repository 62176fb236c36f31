//! The clock of one connection. hyper sets a time limit for every head of a request, and none of them is ever reached: instead of a
//! timer of the runtime for each, there is one a connection, which is moved when it rings.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// Clones are one clock.
#[derive(Debug, Clone)]
pub struct Unhurried(Arc<Mutex<Pin<Box<tokio::time::Sleep>>>>);

impl Unhurried {
    pub fn new() -> Self {
        let timer = Box::pin(tokio::time::sleep(Duration::ZERO));
        Self(Arc::new(Mutex::new(timer)))
    }
}

impl Timer for Unhurried {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Limit {
            deadline: deadline.into(),
            clock: self.clone(),
        })
    }
}

/// Ends at its deadline.
struct Limit {
    deadline: tokio::time::Instant,
    clock: Unhurried,
}

impl Sleep for Limit {}

impl Future for Limit {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.clock.0.lock();
        let mut timer = timer.unwrap_or_else(PoisonError::into_inner);
        loop {
            match timer.as_mut().poll(context) {
                // It rings early for whoever came after the one that it was set for.
                Poll::Pending if timer.deadline() <= self.deadline => return Poll::Pending,
                Poll::Ready(()) if tokio::time::Instant::now() >= self.deadline => {
                    return Poll::Ready(());
                }
                _ => timer.as_mut().reset(self.deadline),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_limit_ends_at_its_own_time_and_none_before_it() {
        let (clock, began) = (Unhurried::new(), Instant::now());
        let at = |millis| began + Duration::from_millis(millis);
        // Set, and given up before it was reached, as a head that came in time.
        let mut given_up = clock.sleep_until(at(5));
        let waiting = std::future::poll_fn(|context| Poll::Ready(given_up.as_mut().poll(context)));
        assert!(waiting.await.is_pending());
        drop(given_up);
        clock.sleep_until(at(40)).await;
        assert!(began.elapsed() >= Duration::from_millis(40));
        // Set later than the one before it, and due earlier.
        let mut late = clock.sleep_until(at(60_000));
        let waiting = std::future::poll_fn(|context| Poll::Ready(late.as_mut().poll(context)));
        assert!(waiting.await.is_pending());
        clock.sleep(Duration::from_millis(5)).await;
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
