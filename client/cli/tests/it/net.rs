//! Test networks for those who build chains.

use citrate_cli::TestNet;

#[test]
fn four_nodes_in_one_process_agree_on_what_is_final() {
    let _alone = crate::node::alone();
    let net = TestNet::new(4, include_bytes!(env!("CITRATE_CODE"))).unwrap();
    let hash = net.wait_for_final(5).unwrap();
    assert_eq!(net.node(3).chain().hash_at(5).unwrap(), Some(hash));
    let blocks = net.node(0).chain().with_dag(|dag| dag.block(&dag.sink()).unwrap().blue_score);
    assert!(blocks > u64::from(net.node(0).chain().best().number), "several authors made them");
    net.stop();
    assert!(TestNet::new(0, &[]).is_err() && TestNet::new(7, &[]).is_err());
}
