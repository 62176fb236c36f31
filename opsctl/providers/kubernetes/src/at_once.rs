//! Several questions at once, but not all of them.

use futures::stream::{self, StreamExt, TryStreamExt};

/// So many at a time: as many connections, and a fair share of what an API server grants one client.
const AT_ONCE: usize = 8;

/// The answers in the order of the questions; the first failure ends it.
pub async fn at_once<T, E>(
    questions: Vec<impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let answers = stream::iter(questions).buffered(AT_ONCE);
    answers.try_collect().await
}
