//! The two ends of a measurement.

use citrate_host_macros::host_functions;

/// Where what is measured begins and ends. Only runtimes that are built for benchmarks import it, and no block can.
#[host_functions("benchmarking", group = Benchmark)]
pub mod benchmarking {
    #[cfg(feature = "std")]
    use crate::Externalities;

    /// Puts what was prepared into the state below, as earlier blocks would have left it, and starts to count and to time.
    pub fn begin(host: &mut dyn Externalities) {
        host.begin_measurement();
    }

    /// Stops the clock.
    pub fn end(host: &mut dyn Externalities) {
        host.end_measurement();
    }
}
