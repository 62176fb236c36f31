//! What every request measures. Handles are kept: after the first request of a kind nothing is allocated.

use std::cell::RefCell;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// Seconds until the answer, by method and route.
pub const SECONDS: &str = "http_request_duration_seconds";
/// Answers, by method, route and status.
pub const ANSWERED: &str = "http_requests_total";
/// Requests without an answer.
pub const IN_FLIGHT: &str = "http_requests_in_flight";

/// Counts one request as running until it is dropped, also when the client goes away.
pub struct InFlight(Gauge);

/// A request begins.
pub fn begun() -> InFlight {
    let running = KEPT.with_borrow(|kept| kept.in_flight.clone());
    running.increment(1.0);
    InFlight(running)
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// A request was answered.
pub fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    KEPT.with_borrow_mut(|kept| {
        let handles = kept.of(route, name(method), status);
        handles.seconds.record(took);
        handles.answered.increment(1);
    });
}

/// Lets the failures of a route begin at 0, so that the first one is seen as a change.
pub fn expect(method: &str, route: &str) {
    for status in ["500", "503"] {
        let (method, route) = (method.to_owned(), route.to_owned());
        counter!(ANSWERED, "method" => method, "route" => route, "status" => status).absolute(0);
    }
}

/// A client may send any word as a method: what is not one of ours is one kind.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept::new());
}

/// The handles that one thread has used; some dozens, so that looking through them is quicker than hashing.
struct Kept {
    in_flight: Gauge,
    kinds: Vec<Handles>,
}

struct Handles {
    method: &'static str,
    status: StatusCode,
    route: String,
    seconds: Histogram,
    answered: Counter,
}

impl Kept {
    fn new() -> Self {
        Self {
            in_flight: gauge!(IN_FLIGHT),
            kinds: Vec::new(),
        }
    }

    fn of(&mut self, route: &str, method: &'static str, status: StatusCode) -> &Handles {
        let same =
            |one: &Handles| one.status == status && one.method == method && one.route == route;
        let at = self.kinds.iter().position(same).unwrap_or_else(|| {
            self.kinds.push(Handles::new(route, method, status));
            self.kinds.len() - 1
        });
        &self.kinds[at]
    }
}

impl Handles {
    fn new(route: &str, method: &'static str, status: StatusCode) -> Self {
        let of_route = route.to_owned();
        let code = status.as_str().to_owned();
        Self {
            method,
            status,
            route: of_route.clone(),
            seconds: histogram!(SECONDS, "method" => method, "route" => of_route.clone()),
            answered: counter!(ANSWERED, "method" => method, "route" => of_route, "status" => code),
        }
    }
}
