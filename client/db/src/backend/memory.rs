//! Tables in memory.

use super::Backend;
use crate::{DbError, columns::NODES, op::Op};
use parking_lot::RwLock;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
struct Tables {
    values: BTreeMap<(u8, Vec<u8>), Vec<u8>>,
    uses: BTreeMap<Vec<u8>, u32>,
}

/// Tables in memory.
#[derive(Debug, Default)]
pub(crate) struct Memory(RwLock<Tables>);

impl Backend for Memory {
    fn get(&self, column: u8, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        Ok(self.0.read().values.get(&(column, key.to_vec())).cloned())
    }

    fn write(&self, ops: Vec<Op>) -> Result<(), DbError> {
        let mut tables = self.0.write();
        for op in ops {
            match op {
                Op::Set { column, key, value } => {
                    tables.values.insert((column, key), value);
                }
                Op::Remove { column, key } => {
                    tables.values.remove(&(column, key));
                }
                Op::Use { hash, node, count } => {
                    let key = hash.0.to_vec();
                    *tables.uses.entry(key.clone()).or_default() += count;
                    tables.values.insert((NODES, key), node);
                }
                Op::Release { hash, count } => {
                    let key = hash.0.to_vec();
                    let uses = tables.uses.entry(key.clone()).or_default();
                    *uses = uses.saturating_sub(count);
                    if *uses == 0 {
                        tables.uses.remove(&key);
                        tables.values.remove(&(NODES, key));
                    }
                }
            }
        }
        Ok(())
    }

    #[cfg(test)]
    fn nodes(&self) -> BTreeMap<citrate_core::H256, u32> {
        let tables = self.0.read();
        tables.uses.iter().map(|(key, uses)| (citrate_core::H256::from_slice(key), *uses)).collect()
    }
}
