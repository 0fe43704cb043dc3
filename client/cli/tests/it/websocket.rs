//! The smallest WebSocket client: one subscription.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

/// A subscription over a connection of its own.
pub(crate) struct Subscription(TcpStream);

impl Subscription {
    /// Connects and subscribes; the node may refuse.
    pub(crate) fn open(address: SocketAddr, method: &str, params: &Value) -> Result<Self, Value> {
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(crate::node::PATIENCE)).expect("a timeout");
        let head = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                    Sec-WebSocket-Version: 13\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer");
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        let mut subscription = Self(stream);
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        subscription.send(0x81, request.to_string().as_bytes());
        let accepted = subscription.next_json().expect("the node lives");
        if accepted.get("result").is_some() { Ok(subscription) } else { Err(accepted) }
    }

    /// What comes next; `None` when the connection ends.
    pub(crate) fn next(&mut self) -> Option<Value> {
        let mut message = self.next_json()?;
        Some(message["params"]["result"].take())
    }

    fn next_json(&mut self) -> Option<Value> {
        loop {
            let (opcode, payload) = self.frame()?;
            match opcode {
                1 => return Some(serde_json::from_slice(&payload).expect("JSON")),
                8 => return None,
                // A ping wants a pong.
                9 => self.send(0x8a, &payload),
                _ => {}
            }
        }
    }

    /// Opcode and payload of a whole frame; the server sends no other.
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let [first, second] = self.read::<2>()?;
        assert_eq!(first & 0x80, 0x80, "fragments are not read here");
        let length = match second & 0x7f {
            126 => u64::from(u16::from_be_bytes(self.read()?)),
            127 => u64::from_be_bytes(self.read()?),
            short => u64::from(short),
        };
        let mut payload = Vec::new();
        let read = (&mut self.0).take(length).read_to_end(&mut payload);
        (read.is_ok() && payload.len() as u64 == length).then_some((first & 0x0f, payload))
    }

    fn read<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        match self.0.read_exact(&mut bytes) {
            Ok(()) => Some(bytes),
            Err(error) => {
                let waited = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                assert!(!waited, "nothing comes");
                None
            }
        }
    }

    /// A frame masked with zeros, which is a mask.
    fn send(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first];
        match u16::try_from(payload.len()).expect("short requests") {
            short @ 0..126 => frame.push(0x80 | short.to_be_bytes()[1]),
            long => {
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        // The node may be gone; reading tells.
        let _ = self.0.write_all(&frame);
    }
}
