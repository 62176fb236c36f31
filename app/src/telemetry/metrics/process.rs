//! What the process takes of the machine, from `/proc`, under the names that Prometheus's own clients use.

use metrics::gauge;

/// Ticks a second in `/proc`, as Linux promises them to programs.
const TICKS_A_SECOND: f64 = 100.0;
/// Bytes; Linux's pages on the architectures that we build for.
const PAGE: f64 = 4096.0;

/// Sets the gauges; where there is no `/proc`, they stay away.
pub fn measure() {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    if let Some(ticks) = ticks(&read("/proc/self/stat")) {
        gauge!("process_cpu_seconds").set(ticks / TICKS_A_SECOND);
    }
    if let Some(bytes) = resident() {
        gauge!("process_resident_memory_bytes").set(bytes);
    }
    if let Some(bytes) = carried(&read("/proc/self/net/dev")) {
        gauge!("process_network_receive_bytes").set(bytes.received);
        gauge!("process_network_transmit_bytes").set(bytes.sent);
    }
}

/// Bytes of memory that the process has now.
pub fn resident() -> Option<f64> {
    let sizes = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(number(sizes.split_whitespace().nth(1))? * PAGE)
}

struct Carried {
    received: f64,
    sent: f64,
}

/// By every interface but the one that leads back: in a pod all of that is the pod's.
fn carried(interfaces: &str) -> Option<Carried> {
    let lines = interfaces.lines().filter_map(|line| line.split_once(':'));
    let others = lines.filter(|(name, _)| name.trim() != "lo");
    let bytes = |counts: &str| {
        let mut fields = counts.split_whitespace();
        Some((number(fields.next())?, number(fields.nth(7))?))
    };
    let mut all = Carried {
        received: 0.0,
        sent: 0.0,
    };
    for (_, counts) in others {
        let (received, sent) = bytes(counts)?;
        all.received += received;
        all.sent += sent;
    }
    (!interfaces.is_empty()).then_some(all)
}

/// User and system; the name before them may hold anything.
fn ticks(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(number(fields.next())? + number(fields.next())?)
}

fn number(field: Option<&str>) -> Option<f64> {
    field?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_goes_over_the_network_is_counted_without_what_stays_here() {
        let interfaces = "Inter-| Receive | Transmit\n face |bytes packets\n\
            lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n\
            eth0: 100 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n\
            eth1:5 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n";
        let carried = super::carried(interfaces).unwrap();
        assert_eq!((carried.received, carried.sent), (105.0, 21.0));
        assert!(super::carried("").is_none());
    }

    #[test]
    fn processor_time_is_found_behind_a_name_with_brackets() {
        let stat = "1 (a) b) S 1 1 1 0 -1 0 0 0 0 0 150 50 9 9 20 0";
        assert_eq!(super::ticks(stat), Some(200.0));
    }
}
