//! Integration tests of the database.

mod kill;
