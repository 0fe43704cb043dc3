//! JSON-RPC over HTTP and WebSocket: Substrate's legacy methods, the new spec, and ours.
