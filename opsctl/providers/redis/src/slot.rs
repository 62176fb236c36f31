//! A key that lies in given slots of a cluster.

/// How many slots a cluster has.
const SLOTS: u16 = 16384;

/// The slot of a key without a tag: CRC-16/XMODEM, as the specification of Redis Cluster has it.
fn slot(key: &str) -> u16 {
    let mut sum: u16 = 0;
    for byte in key.bytes() {
        sum ^= u16::from(byte) << 8;
        for _ in 0..8 {
            sum = match sum & 0x8000 {
                0 => sum << 1,
                _ => (sum << 1) ^ 0x1021,
            };
        }
    }
    sum % SLOTS
}

/// `name`, or `name` with a number: the first that lies between the two slots. A shard has thousands of them.
pub fn key_between(name: &str, (from, to): (u16, u16)) -> String {
    let numbered = (0..u32::from(SLOTS) * 64).map(|number| format!("{name}:{number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|key| (from..=to).contains(&slot(key)))
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(slot("123456789"), 0x31c3);
        assert_eq!(slot("foo"), 12182);
    }

    #[test]
    fn a_key_is_found_for_every_shard() {
        for range in [(0, 5460), (5461, 10922), (10923, 16383), (7, 7)] {
            let key = key_between("opsctl:prober", range);
            assert!((range.0..=range.1).contains(&slot(&key)), "{key}");
        }
    }
}
