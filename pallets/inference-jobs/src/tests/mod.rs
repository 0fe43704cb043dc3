//! Tests of the pallet on a small runtime.

mod access;
mod attacks;
mod batch;
mod digests;
mod disputes;
mod income;
mod life;
mod mock;
mod model;
mod panel;
mod prices;
mod vouching;
mod weights;
