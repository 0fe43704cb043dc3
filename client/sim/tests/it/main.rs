//! Networks from seeds, small ones and many.

mod roles;
mod seeds;
