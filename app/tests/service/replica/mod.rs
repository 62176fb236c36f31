//! A real streaming replica beside the primary: what is read where, and what happens when it is behind or gone.

mod failure;
mod own_writes;
mod pair;
