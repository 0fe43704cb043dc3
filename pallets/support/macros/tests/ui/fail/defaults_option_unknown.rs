// Mistake: an option of `derive_impl` that there is not.
// Cure: leave it out, or write `no_aggregated_types`.
#[path = "../system.rs"]
mod pallet_system;

pub struct Defaults;
pub struct Runtime;

#[framework::derive_impl(Defaults, no_default_types)] //~
impl Runtime {}

fn main() {}
