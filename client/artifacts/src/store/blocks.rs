//! Blocks of what is in the store, for those who fetch it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use citrate_core::H256;

use super::{Artifact, Claim, Store};
use crate::StoreError;
use crate::tree::{Position, Shape, Tree, hash};
use crate::unixfs::CidBuilder;

/// LIMIT: trees that are remembered between requests; the least recently used one is forgotten first.
const TREES_MAX: usize = 4;

/// Reads blocks of artifacts.
#[derive(Debug, Default)]
pub(crate) struct BlockReader {
    trees: VecDeque<(H256, Arc<Tree>)>,
}

impl BlockReader {
    /// What there is to say of an artifact; none if it is not here.
    pub(crate) fn claim(
        &mut self,
        store: &Store,
        artifact: &H256,
    ) -> Result<Option<Claim>, StoreError> {
        let Some(about) = store.about(artifact)? else { return Ok(None) };
        let tree = self.tree(store, &about)?;
        Ok(Some(Claim { root: tree.root(), bytes: about.bytes }))
    }

    /// A block of an artifact; none if it is not here. What has gone bad on disk is an error: whoever got it would blame
    /// this node.
    pub(crate) fn block(
        &mut self,
        store: &Store,
        artifact: &H256,
        at: Position,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(about) = store.about(artifact)? else { return Ok(None) };
        let tree = self.tree(store, &about)?;
        if !tree.shape().has(at) {
            return Ok(None);
        }
        if at.level > 0 {
            return Ok(Some(tree.node(at)));
        }
        let (offset, length) = tree.shape().leaf(usize::try_from(at.index).unwrap_or(usize::MAX));
        let path = store.blob(artifact);
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut block = vec![0; length];
            file.read_exact(&mut block)?;
            Ok(block)
        };
        match read() {
            Ok(block) if hash(&block) == tree.hash(at) => Ok(Some(block)),
            Ok(_) => Err(StoreError::Corrupted(*artifact)),
            // Removed since.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(path)(error)),
        }
    }

    fn tree(&mut self, store: &Store, about: &Artifact) -> Result<Arc<Tree>, StoreError> {
        let known = self.trees.iter().position(|(hash, _)| *hash == about.hash);
        let entry = match known.and_then(|place| self.trees.remove(place)) {
            Some(entry) => entry,
            None => (about.hash, Arc::new(store.tree(about)?)),
        };
        let tree = Arc::clone(&entry.1);
        self.trees.push_front(entry);
        self.trees.truncate(TREES_MAX);
        Ok(tree)
    }
}

impl Store {
    /// The tree over an artifact: as it was written down, or computed, if it was not.
    fn tree(&self, about: &Artifact) -> Result<Tree, StoreError> {
        let path = self.tree_path(&about.hash);
        let known = std::fs::read(&path).ok().and_then(|bytes| {
            let (leaves, rest) = bytes.as_chunks::<32>();
            let leaves = rest.is_empty().then(|| leaves.iter().copied().map(H256).collect())?;
            Tree::new(Shape::new(self.layout, about.bytes)?, leaves)
        });
        if let Some(tree) = known.filter(|tree| tree.cid().to_string() == about.cid) {
            return Ok(tree);
        }
        let path = self.blob(&about.hash);
        let mut file = File::open(&path).map_err(StoreError::io(&path))?;
        let mut builder = CidBuilder::new(self.layout);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = file.read(&mut buffer).map_err(StoreError::io(&path))?;
            if read == 0 {
                break;
            }
            builder.update(&buffer[..read]);
        }
        let tree = builder.tree().filter(|tree| tree.cid().to_string() == about.cid);
        let tree = tree.ok_or(StoreError::Corrupted(about.hash))?;
        self.write_tree(&about.hash, &tree)?;
        Ok(tree)
    }
}
