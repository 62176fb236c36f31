//! The transaction of a row version, with its epoch. Pure.

/// The first transaction that is not part of the database's own making.
const FIRST_NORMAL: u64 = 3;
const EPOCH: u64 = 1 << 32;

/// Rows keep 32 bits of their transaction; `next` is the database's next one, in full. `None` for the
/// versions that were there from the beginning, and for those that only an older epoch explains.
pub(super) fn full(raw: u64, next: u64) -> Option<u64> {
    if raw < FIRST_NORMAL {
        return None;
    }
    let candidate = next - next % EPOCH + raw;
    if candidate < next {
        Some(candidate)
    } else {
        candidate.checked_sub(EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_belongs_to_the_newest_epoch_that_has_been() {
        assert_eq!(full(700, 800), Some(700));
        assert_eq!(full(700, EPOCH + 800), Some(EPOCH + 700));
        assert_eq!(full(900, EPOCH + 800), Some(900));
    }

    #[test]
    fn versions_of_the_beginning_and_of_the_future_have_no_transaction() {
        assert_eq!(full(2, 800), None);
        assert_eq!(full(900, 800), None);
    }
}
