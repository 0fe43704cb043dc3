//! Runs ONNX models through ONNX Runtime, within limits of time, memory and output.
//!
//! [`Engine`] finds ONNX Runtime's shared library when it starts; without one it answers every run with one clear
//! error and the node runs on. A model is read from the artifact store by its content hash, checked against
//! it, loaded once and kept in a cache bounded in bytes. Inputs are checked against the model before the run.
//!
//! Results are repeatable: one thread a run unless configured otherwise, a pinned level of graph optimisation (the card's,
//! if the model has one), deterministic kernels. The settings that a result depends on ([`Settings`]) are hashed into
//! every receipt. Jobs of a model whose card has a batch axis are run together, which may change their results within
//! the card's tolerance.
//!
//! LIMIT: a run is stopped between two operators of the graph; one operator that takes very long is not interrupted.
//!
//! A model's file is not trusted: it may name no other file (nothing but its own bytes is read), and what it makes
//! ONNX Runtime allocate comes out of one pool of bounded size, which all models of the process share.
mod cache;
mod config;
mod device;
mod engine;
mod host;
mod library;
mod memory;
mod onnx;
mod settings;
mod source;
mod tensors;
mod watchdog;

pub use config::{DeviceChoice, EngineConfig};
pub use engine::{Engine, Figures};
pub use library::{LIBRARY_VERSION, library_path};
pub use onnx::check as check_model;
pub use settings::Settings;
pub use source::{ModelSource, NoSource, Sought};
