//! Drives a node through subxt, as a client we did not write.
