//! A content-addressed store of models and other large files.
