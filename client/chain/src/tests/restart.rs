use std::sync::Arc;

use citrate_db::{Db, DbConfig, TxStatus};

use super::{extend, status};
use crate::testing::{TestRuntime, balance, genesis, open, transfer};
use crate::{Chain, ChainConfig, ChainError};

#[test]
fn a_restart_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig::on_disk(folder.path());
    let tx = transfer(0, 1, 0, 100);
    let (best, finalized) = {
        let chain = open(&config).unwrap();
        extend(&chain, vec![]);
        extend(&chain, vec![tx.clone()]);
        (chain.best(), chain.finalized())
    };
    let chain = open(&config).unwrap();
    assert_eq!((chain.best(), chain.finalized()), (best, finalized));
    assert_eq!(status(&chain, &tx), Some(TxStatus::Pending));
    let accepting = extend(&chain, vec![]);
    assert_eq!(chain.best().number, 3);
    assert_eq!(balance(&chain, &accepting, 1), 1_100, "the payload was not lost");
    assert_eq!(status(&chain, &tx), Some(TxStatus::Accepted));
}

#[test]
fn another_genesis_is_refused() {
    let db = Arc::new(Db::open(&DbConfig::in_memory()).unwrap());
    let open = |state: &crate::GenesisState| {
        Chain::open(Arc::clone(&db), Arc::new(TestRuntime), state, ChainConfig::default())
    };
    let hash = open(&genesis()).unwrap().genesis_hash();
    assert_eq!(open(&genesis()).unwrap().genesis_hash(), hash);
    let mut other = genesis();
    other.top.insert(b"x".to_vec(), vec![1]);
    let refused = open(&other).unwrap_err();
    assert!(matches!(refused, ChainError::OtherGenesis { found, .. } if found == hash));
    other.top.clear();
    assert!(matches!(open(&other).unwrap_err(), ChainError::NoCode { .. }));
}
