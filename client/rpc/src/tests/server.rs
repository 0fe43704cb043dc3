use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{deps, response};
use crate::backend::fake::FakeChain;
use crate::{Cors, RpcConfig, RpcError, RpcHandle, RpcServer};

fn config() -> RpcConfig {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    RpcConfig {
        listen,
        cors: Cors::Origins(vec!["http://good.example".into()]),
        ..RpcConfig::default()
    }
}

async fn start(config: RpcConfig) -> RpcHandle {
    let chain = FakeChain::new(super::KEYS);
    RpcServer::start(deps(&chain), config).await.unwrap()
}

/// Status line, headers and body of the answer to a POST.
async fn post(address: SocketAddr, body: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    // The server may answer and close before it has read a request that is too long.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    (head.to_owned(), body.to_owned())
}

/// The smallest WebSocket client: text frames, masked with zeros.
struct Socket(TcpStream);

impl Socket {
    async fn open(address: SocketAddr, headers: &str) -> Result<Self, String> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.map_err(|error| error.to_string())?);
        }
        let head = String::from_utf8(head).unwrap();
        if head.starts_with("HTTP/1.1 101") { Ok(Self(stream)) } else { Err(head) }
    }

    async fn send(&mut self, text: &str) {
        let mut frame = vec![0x81];
        match u16::try_from(text.len()).unwrap() {
            length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
            length => {
                frame.push(0x80 | 126);
                frame.extend(length.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).await.unwrap();
    }

    /// The next frame's opcode and payload.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let first = self.0.read_u8().await.unwrap();
        let length = match self.0.read_u8().await.unwrap() {
            126 => u64::from(self.0.read_u16().await.unwrap()),
            127 => self.0.read_u64().await.unwrap(),
            length => u64::from(length),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut payload).await.unwrap();
        (first & 0x0f, payload)
    }

    /// The next message that is no notification.
    async fn answer(&mut self) -> Value {
        loop {
            let message = self.json().await;
            if message.get("method").is_none() {
                return message;
            }
        }
    }

    async fn json(&mut self) -> Value {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(10), self.frame());
            let (opcode, payload) = frame.await.expect("an answer within ten seconds");
            if opcode == 1 {
                return serde_json::from_slice(&payload).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn http_and_websocket_share_a_port() {
    let server = start(config()).await;
    let request = r#"{"jsonrpc":"2.0","id":"text","method":"system_chain"}"#;
    let (_, body) = post(server.address(), request, "").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "jsonrpc": "2.0", "id": "text", "result": "Development" }));

    let mut socket = Socket::open(server.address(), "").await.unwrap();
    socket.send(request).await;
    assert_eq!(socket.json().await["result"], "Development");
    socket.send(r#"{"jsonrpc":"2.0","id":2,"method":"chain_subscribeNewHeads"}"#).await;
    let id = socket.json().await["result"].clone();
    assert!(id.is_string(), "clients expect a string");
    assert_eq!(socket.json().await["params"]["subscription"], id);
    server.stop().await;
}

#[tokio::test]
async fn batches_have_a_limit() {
    let server = start(RpcConfig { batch_max: 2, ..config() }).await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"system_name"}"#;
    let (_, body) = post(server.address(), &format!("[{call},{call}]"), "").await;
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap().as_array().unwrap().len(), 2);
    let (_, body) = post(server.address(), &format!("[{call},{call},{call}]"), "").await;
    assert_eq!(response(&body).unwrap_err().0, -32010);
}

#[tokio::test]
async fn a_batch_answers_each_call_by_its_id() {
    let server = start(config()).await;
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "system_name" },
        { "jsonrpc": "2.0", "id": "two", "method": "no_such" },
        { "jsonrpc": "2.0", "id": 3, "method": "state_getStorage" },
        { "jsonrpc": "2.0", "id": 4, "method": "state_call", "params": ["Test_echo", "0aff"] },
        { "no": "call" },
    ]);
    let (_, over_http) = post(server.address(), &batch.to_string(), "").await;
    let mut socket = Socket::open(server.address(), "").await.unwrap();
    socket.send(&batch.to_string()).await;
    for answers in [serde_json::from_str(&over_http).unwrap(), socket.json().await] {
        let answers: Vec<Value> = serde_json::from_value(answers).unwrap();
        assert_eq!(answers.len(), 5);
        let answer = |id: Value| answers.iter().find(|answer| answer["id"] == id).unwrap();
        assert_eq!(answer(json!(1))["result"], "Citrate Node");
        let unknown = &answer(json!("two"))["error"];
        assert_eq!(unknown, &json!({ "code": -32601, "message": "Method not found" }));
        let missing = &answer(json!(3))["error"];
        assert_eq!(
            (&missing["code"], &missing["data"]),
            (&json!(-32602), &json!("`key` is missing"))
        );
        assert_eq!(answer(json!(4))["result"], "0x0aff", "hex needs no prefix");
        assert_eq!(answer(Value::Null)["error"]["code"], -32600);
    }
    for (body, code) in [("[]", -32600), ("[1", -32700), ("no JSON", -32700)] {
        let (_, answer) = post(server.address(), body, "").await;
        assert_eq!(response(&answer).unwrap_err().0, code, "{body}");
        socket.send(body).await;
        assert_eq!(socket.json().await["error"]["code"], code, "{body}");
    }
}

#[tokio::test]
async fn connections_and_their_subscriptions_have_limits() {
    let limits = RpcConfig { connections_max: 2, subscriptions_max: 2, ..config() };
    let server = start(limits).await;
    let mut first = Socket::open(server.address(), "").await.unwrap();
    let second = Socket::open(server.address(), "").await.unwrap();
    let refused = Socket::open(server.address(), "").await.err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");

    let subscribe = r#"{"jsonrpc":"2.0","id":1,"method":"state_subscribeRuntimeVersion"}"#;
    let mut ids = Vec::new();
    for _ in 0..2 {
        first.send(subscribe).await;
        ids.push(first.answer().await["result"].clone());
    }
    first.send(subscribe).await;
    let error = first.answer().await["error"].clone();
    assert_eq!(error["code"], -32006, "{error}");
    assert_eq!(error["message"], "Too many subscriptions on the connection");
    let unsubscribe = json!({ "jsonrpc": "2.0", "id": 2,
        "method": "state_unsubscribeRuntimeVersion", "params": [ids[0]] });
    first.send(&unsubscribe.to_string()).await;
    assert_eq!(first.answer().await["result"], true);
    // The place is free as soon as the subscription's task has seen the end.
    let mut is_free = false;
    for _ in 0..1000 {
        first.send(subscribe).await;
        is_free = first.answer().await["result"].is_string();
        if is_free {
            break;
        }
    }
    assert!(is_free);
    drop(second);
}

#[tokio::test]
async fn operations_of_a_batch_run() {
    let server = start(config()).await;
    let mut socket = Socket::open(server.address(), "").await.unwrap();
    socket.send(r#"{"jsonrpc":"2.0","id":1,"method":"chainHead_v1_follow","params":[true]}"#).await;
    let id = socket.json().await["result"].as_str().unwrap().to_owned();
    let block = socket.json().await["params"]["result"]["finalizedBlockHashes"][0].clone();
    socket.json().await;
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "chainHead_v1_call",
        "params": [id, block, "Test_echo", "0x07"] });
    socket.send(&json!([call]).to_string()).await;
    let mut outputs = 0;
    for _ in 0..2 {
        let message = socket.json().await;
        outputs += u32::from(message["params"]["result"]["output"] == "0x07");
    }
    assert_eq!(outputs, 1);
    // One by one, the answer precedes the event.
    socket.send(&call.to_string()).await;
    assert_eq!(socket.json().await["result"]["result"], "started");
    assert_eq!(socket.json().await["params"]["result"]["output"], "0x07");
}

#[tokio::test]
async fn requests_and_responses_have_limits() {
    let limits = RpcConfig { request_bytes_max: 1000, response_bytes_max: 2000, ..config() };
    let server = start(limits).await;
    let echo = |bytes: usize| {
        let data = "00".repeat(bytes);
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"state_call","params":["Test_echo","{data}"]}}"#
        )
    };
    assert!(response(&post(server.address(), &echo(400), "").await.1).is_ok());
    let (head, body) = post(server.address(), &echo(500), "").await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert_eq!(response(&body).unwrap_err().0, -32007, "{body}");
    let mut socket = Socket::open(server.address(), "").await.unwrap();
    socket.send(&echo(500)).await;
    let error = socket.json().await["error"].clone();
    assert_eq!((&error["code"], &error["message"]), (&json!(-32007), &json!("Request is too big")));
    socket.send(&echo(1)).await;
    assert_eq!(socket.json().await["result"], "0x00", "the connection goes on");
    let methods = r#"{"jsonrpc":"2.0","id":1,"method":"rpc_methods"}"#;
    let (code, message, _) = response(&post(server.address(), methods, "").await.1).unwrap_err();
    assert_eq!((code, message.as_str()), (-32008, "Response is too big"));
}

#[tokio::test]
async fn a_connection_has_a_rate_limit() {
    let server = start(RpcConfig { calls_per_minute: Some(3), ..config() }).await;
    let mut socket = Socket::open(server.address(), "").await.unwrap();
    let mut codes = Vec::new();
    for id in 0..5 {
        socket.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"system_name"}}"#)).await;
        codes.push(socket.json().await["error"]["code"].as_i64());
    }
    assert_eq!(codes, [None, None, None, Some(-32999), Some(-32999)]);
}

#[tokio::test]
async fn an_idle_websocket_is_pinged() {
    let server = start(RpcConfig { ping_interval: Duration::from_millis(20), ..config() }).await;
    let mut socket = Socket::open(server.address(), "").await.unwrap();
    let (opcode, _) = tokio::time::timeout(Duration::from_secs(10), socket.frame()).await.unwrap();
    assert_eq!(opcode, 9);
    assert!(RpcConfig::default().ping_interval <= Duration::from_secs(30));
}

#[tokio::test]
async fn web_pages_of_other_origins_are_refused() {
    let server = start(config()).await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"system_name"}"#;
    let (head, _) = post(server.address(), call, "Origin: http://good.example\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.to_lowercase().contains("access-control-allow-origin: http://good.example"));
    let (head, _) = post(server.address(), call, "Origin: http://evil.example\r\n").await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    assert!(Socket::open(server.address(), "Origin: http://good.example\r\n").await.is_ok());
    // Python's WebSocket client makes its origin up from the address that it calls.
    let own = format!("Origin: http://{}\r\n", server.address());
    assert!(Socket::open(server.address(), &own).await.is_ok());
    let refused = Socket::open(server.address(), "Origin: http://evil.example\r\n").await;
    assert!(refused.err().unwrap().starts_with("HTTP/1.1 403"));
    let any = start(RpcConfig { cors: Cors::Any, ..config() }).await;
    assert!(Socket::open(any.address(), "Origin: http://evil.example\r\n").await.is_ok());
}

#[tokio::test]
async fn a_busy_port_is_a_clear_error() {
    let server = start(config()).await;
    let chain = FakeChain::new(super::KEYS);
    let again = RpcConfig { listen: server.address(), ..config() };
    let error = RpcServer::start(deps(&chain), again).await.unwrap_err();
    assert!(matches!(error, RpcError::PortBusy(address) if address == server.address()));
    assert!(error.to_string().contains("port is in use"), "{error}");
}
