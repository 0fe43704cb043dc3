//! Transactions that wait to be included, ordered by tags and priority, within limits.
