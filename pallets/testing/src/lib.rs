//! Externalities and helpers for testing pallets natively.
