//! Random payloads: a follower derives what the author built, the runtime agrees, and nothing is
//! lost or made.

use citrate_core::OpaqueExtrinsic;
use citrate_dag_types::{DagBlock, split_seal};
use citrate_db::TxStatus;
use codec::Encode;
use proptest::prelude::*;

use super::{NOW_MS, chain, extend};
use crate::BlockStatus;
use crate::testing::{TestCall, balance, transfer};

fn extrinsic() -> impl Strategy<Value = OpaqueExtrinsic> {
    prop_oneof![
        8 => (0u8..4, 0u8..4, 0u32..5, 0u64..400)
            .prop_map(|(from, to, nonce, amount)| transfer(from, to, nonce, amount)),
        1 => Just(TestCall::Trap.extrinsic()),
        1 => Just(OpaqueExtrinsic(vec![9, 9])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn author_follower_and_runtime_agree(
        payloads in prop::collection::vec(prop::collection::vec(extrinsic(), 0..12), 1..6)
    ) {
        let (author, follower) = (chain(), chain());
        let mut fees = 0;
        for payload in payloads.into_iter().chain([vec![]]) {
            let parent = author.best().hash;
            let proposed = author.payload(&parent).unwrap().unwrap();
            let hash = extend(&author, payload);
            let header = author.header(&hash).unwrap().unwrap();
            let payload = author.payload(&hash).unwrap().unwrap();
            let block = DagBlock { header: header.clone(), payload };
            prop_assert_eq!(follower.import_at(block, NOW_MS).unwrap().status, BlockStatus::Best);

            let (unsealed, _) = split_seal(&header).unwrap();
            let body = author.accepted(&hash).unwrap().unwrap();
            let data = (&unsealed, &body).encode();
            prop_assert!(author.call(&parent, "Core_execute_block", &data).is_ok());

            // Everything proposed is accounted for, once.
            let transactions = author.block_transactions(&hash).unwrap().unwrap();
            prop_assert_eq!(transactions.accepted.len() + 1, body.len());
            for extrinsic in &proposed {
                let record = author.transaction(&extrinsic.hash()).unwrap().unwrap();
                // Skipped and proposed again, it waits again.
                let again = transactions.payload.contains(&extrinsic.hash());
                prop_assert!(record.status != TxStatus::Pending || again);
                prop_assert_eq!(follower.transaction(&extrinsic.hash()).unwrap(), Some(record));
            }
            fees += transactions.accepted.len() as u64;
            let total: u64 = (0..4).map(|account| balance(&follower, &hash, account)).sum();
            prop_assert_eq!(total + fees, 4_000);
        }
    }
}
