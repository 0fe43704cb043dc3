//! The expansion does not care what the user's types are called.
