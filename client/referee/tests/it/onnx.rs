//! ONNX files, written by hand.

/// ONNX's numbers of types.
pub(crate) const FLOAT: u64 = 1;
pub(crate) const INT32: u64 = 6;
pub(crate) const INT64: u64 = 7;
pub(crate) const BOOL: u64 = 9;
pub(crate) const DOUBLE: u64 = 11;

/// A field of a number.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field of bytes: a text or a message.
pub(crate) fn bytes(field: u64, body: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(body.len() as u64), body.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// An input or output with a shape of fixed lengths.
fn port(field: u64, name: &str, element: u64, shape: &[u64]) -> Vec<u8> {
    let dims: Vec<u8> = shape.iter().flat_map(|length| bytes(1, &number(1, *length))).collect();
    let tensor = [number(1, element), bytes(2, &dims)].concat();
    bytes(field, &[bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat())
}

/// An attribute that is an integer.
pub(crate) fn int(name: &str, value: u64) -> Vec<u8> {
    [bytes(1, name.as_bytes()), number(3, value), number(20, 2)].concat()
}

/// An attribute that is a graph.
pub(crate) fn graph(name: &str, body: &Graph) -> Vec<u8> {
    [bytes(1, name.as_bytes()), bytes(6, &body.encode()), number(20, 5)].concat()
}

/// A graph that is being written.
#[derive(Clone, Default)]
pub(crate) struct Graph(Vec<u8>);

impl Graph {
    pub(crate) fn input(mut self, name: &str, element: u64, shape: &[u64]) -> Self {
        self.0.extend(port(11, name, element, shape));
        self
    }

    pub(crate) fn output(mut self, name: &str, element: u64, shape: &[u64]) -> Self {
        self.0.extend(port(12, name, element, shape));
        self
    }

    pub(crate) fn node(
        mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[Vec<u8>],
    ) -> Self {
        let mut node: Vec<u8> = inputs.iter().flat_map(|name| bytes(1, name.as_bytes())).collect();
        node.extend(bytes(2, output.as_bytes()));
        node.extend(bytes(4, operator.as_bytes()));
        node.extend(attributes.iter().flat_map(|attribute| bytes(5, attribute)));
        self.0.extend(bytes(1, &node));
        self
    }

    /// A constant of 64-bit integers.
    pub(crate) fn constant(mut self, name: &str, shape: &[u64], values: &[i64]) -> Self {
        let mut tensor: Vec<u8> = shape.iter().flat_map(|length| number(1, *length)).collect();
        tensor.extend(number(2, INT64));
        tensor.extend(bytes(8, name.as_bytes()));
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensor.extend(bytes(9, &raw));
        self.0.extend(bytes(5, &tensor));
        self
    }

    fn encode(&self) -> Vec<u8> {
        [&self.0[..], &bytes(2, b"g")].concat()
    }

    /// The file: IR version 8, opset 17.
    pub(crate) fn model(&self) -> Vec<u8> {
        let opset = bytes(8, &number(2, 17));
        [number(1, 8), bytes(7, &self.encode()), opset].concat()
    }
}
