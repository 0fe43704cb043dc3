//! Session keys per role, on disk or in memory.
