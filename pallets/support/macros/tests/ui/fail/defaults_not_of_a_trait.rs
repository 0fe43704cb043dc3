// Mistake: `derive_impl` on an `impl` of no trait.
// Cure: write `impl path::Config for Runtime`.
#[path = "../system.rs"]
mod pallet_system;

pub struct Defaults;
pub struct Runtime;

#[framework::derive_impl(Defaults)]
impl Runtime {} //~

fn main() {}
