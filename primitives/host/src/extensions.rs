//! Services of the node that host functions reach, by type.

use crate::StorageKind;
use citrate_core::{H256, KeyTypeId, bls, ecdsa, ed25519, sr25519};
use citrate_inference_types::{
    Capabilities, Description, Generation, InferenceError, RefereeLimits, RunLimits,
};
use std::{
    any::{Any, TypeId},
    collections::BTreeMap,
    sync::Arc,
};

/// One value of each registered type.
#[derive(Default)]
pub struct Extensions(BTreeMap<TypeId, Box<dyn Any + Send>>);

impl Extensions {
    /// No services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service, in place of an earlier one of its type.
    pub fn register<T: Any + Send>(&mut self, service: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(service));
    }

    /// The service of a type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// The service of a type, to change.
    pub fn get_mut<T: Any>(&mut self) -> Option<&mut T> {
        self.0.get_mut(&TypeId::of::<T>())?.downcast_mut()
    }
}

impl core::fmt::Debug for Extensions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Extensions({})", self.0.len())
    }
}

/// Keys that sign for the runtime without showing themselves.
pub trait Keystore: Send + Sync {
    /// The sr25519 keys of a type.
    fn sr25519_public_keys(&self, id: KeyTypeId) -> Vec<sr25519::Public>;
    /// A new sr25519 key, of a secret URI if given; `None` if it could not be made.
    fn sr25519_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<sr25519::Public>;
    /// A signature; `None` without that key.
    fn sr25519_sign(
        &self,
        id: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Option<sr25519::Signature>;
    /// A VRF output with its proof; `None` without that key.
    fn sr25519_vrf_sign(
        &self,
        id: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Option<sr25519::VrfOutput>;
    /// The ed25519 keys of a type.
    fn ed25519_public_keys(&self, id: KeyTypeId) -> Vec<ed25519::Public>;
    /// A new ed25519 key, of a secret URI if given; `None` if it could not be made.
    fn ed25519_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<ed25519::Public>;
    /// A signature; `None` without that key.
    fn ed25519_sign(
        &self,
        id: KeyTypeId,
        public: &ed25519::Public,
        message: &[u8],
    ) -> Option<ed25519::Signature>;
    /// The ECDSA keys of a type.
    fn ecdsa_public_keys(&self, id: KeyTypeId) -> Vec<ecdsa::Public>;
    /// A new ECDSA key, of a secret URI if given; `None` if it could not be made.
    fn ecdsa_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<ecdsa::Public>;
    /// A signature of the blake2-256 of the message; `None` without that key.
    fn ecdsa_sign(
        &self,
        id: KeyTypeId,
        public: &ecdsa::Public,
        message: &[u8],
    ) -> Option<ecdsa::Signature>;
    /// The BLS12-381 keys of a type, in order.
    fn bls_public_keys(&self, id: KeyTypeId) -> Vec<bls::Public>;
    /// A new BLS12-381 key, of a secret URI if given; `None` if it could not be made.
    fn bls_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<bls::Public>;
    /// A signature; `None` without that key.
    fn bls_sign(
        &self,
        id: KeyTypeId,
        public: &bls::Public,
        message: &[u8],
    ) -> Option<bls::Signature>;
    /// A proof for `holder` that the secret is here; `None` without that key.
    fn bls_prove(&self, id: KeyTypeId, public: &bls::Public, holder: &[u8]) -> Option<bls::Proof>;
}

/// The keystore of a call.
#[derive(Clone)]
pub struct KeystoreExt(pub Arc<dyn Keystore>);

/// What an off-chain worker may do.
pub trait Offchain: Send + Sync {
    /// Whether the node authors blocks.
    fn is_validator(&self) -> bool;
    /// Submits an extrinsic (SCALE, length-prefixed) to the pool as a local one.
    #[expect(clippy::result_unit_err, reason = "the host's interface has no reason")]
    fn submit_transaction(&self, extrinsic: Vec<u8>) -> Result<(), ()>;
    /// Milliseconds since the Unix epoch.
    fn timestamp(&self) -> u64;
    /// Random bytes.
    fn random_seed(&self) -> [u8; 32];
    /// Sets a value in the node's off-chain database.
    fn local_storage_set(&self, kind: StorageKind, key: &[u8], value: &[u8]);
    /// A value of the node's off-chain database.
    fn local_storage_get(&self, kind: StorageKind, key: &[u8]) -> Option<Vec<u8>>;
    /// Removes a value from the node's off-chain database.
    fn local_storage_clear(&self, kind: StorageKind, key: &[u8]);
    /// Sets a value if the present one is `old`; whether it did.
    fn local_storage_compare_and_set(
        &self,
        kind: StorageKind,
        key: &[u8],
        old: Option<&[u8]>,
        new: &[u8],
    ) -> bool;
}

/// The off-chain services of a call.
#[derive(Clone)]
pub struct OffchainExt(pub Arc<dyn Offchain>);

/// The node's inference engine and artifact store.
pub trait InferenceHost: Send + Sync {
    /// What the engine can do.
    fn capabilities(&self) -> Capabilities;
    /// Loads the model with this content hash, so that a run starts at once.
    ///
    /// # Errors
    /// When the file is missing or corrupted, or the engine refuses it.
    fn load(&self, model: &H256) -> Result<(), InferenceError>;
    /// Loads a model within these limits; returns the inputs and outputs of its file.
    ///
    /// # Errors
    /// When the file is missing or corrupted, or the engine refuses it.
    fn describe(&self, model: &H256, limits: RunLimits) -> Result<Description, InferenceError>;
    /// Runs a model on SCALE-encoded tensors; returns SCALE-encoded tensors.
    ///
    /// # Errors
    /// When the model, the inputs or the limits do not allow it.
    fn run(
        &self,
        model: &H256,
        inputs: Vec<u8>,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError>;
    /// Runs a model on SCALE-encoded tensors in the referee's module with this content hash; returns the SCALE-encoded
    /// `Result<Tensors, RefereeFault>` that the module answers.
    ///
    /// # Errors
    /// When this machine cannot run it. A machine without a referee never can.
    fn referee(
        &self,
        module: &H256,
        model: &H256,
        inputs: Vec<u8>,
        limits: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError>;
    /// Lets a model go on with a text; returns SCALE-encoded tensors.
    ///
    /// # Errors
    /// When the model, the prompt or the limits do not allow it.
    fn generate(
        &self,
        model: &H256,
        generation: Generation,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError>;
    /// An artifact of at most `max` bytes, if the store has it.
    fn artifact_get(&self, hash: &H256, max: u32) -> Option<Vec<u8>>;
    /// Stores an artifact and returns its hash, also when storing failed.
    fn artifact_put(&self, bytes: &[u8]) -> H256;
}

/// The inference engine of a call.
#[derive(Clone)]
pub struct InferenceExt(pub Arc<dyn InferenceHost>);

/// Finds out the version of a runtime.
pub trait ReadRuntimeVersion: Send + Sync {
    /// SCALE of the `RuntimeVersion` of a blob; `None` if it has none.
    fn read_runtime_version(&self, code: &[u8]) -> Option<Vec<u8>>;
}

/// The reader of runtime versions of a call.
#[derive(Clone)]
pub struct ReadRuntimeVersionExt(pub Arc<dyn ReadRuntimeVersion>);

macro_rules! debug {
    ($($ty:ident),*) => {$(
        impl core::fmt::Debug for $ty {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(stringify!($ty))
            }
        }
    )*};
}

debug!(InferenceExt, KeystoreExt, OffchainExt, ReadRuntimeVersionExt);
