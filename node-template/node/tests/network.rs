//! Two nodes of this chain in one process.

use citrate_cli::TestNet;

#[test]
fn two_validators_agree_on_what_is_final() {
    let net = TestNet::new(2, include_bytes!(env!("RUNTIME_CODE"))).expect("the nodes start");
    net.wait_for_final(3).expect("both vote");
    net.stop();
}
