//! Networks from seeds, small ones and many.

mod finality;
mod roles;
mod seeds;
