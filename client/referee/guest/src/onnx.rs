//! What the file says of its inputs and outputs, read before the engine reads it.
//!
//! The engine turns 64-bit integers and booleans into 32-bit integers, so that only the file knows the types. It also
//! follows nested messages as deep as they go: a file that nests deeper than [`DEPTH_MAX`] is refused here, so that no
//! file exhausts the stack, whose size is not the same for every compiler.

use crate::tensor::DType;

/// LIMIT: how deep messages nest: an `If` within an `If` takes three.
const DEPTH_MAX: u32 = 48;
/// LIMIT: nested and repeated fields of one file.
const FIELDS_MAX: u32 = 1 << 20;

/// One input or output.
#[derive(Default)]
pub(crate) struct Port<'a> {
    pub(crate) name: &'a str,
    /// ONNX's number of the elements' type; 0 if the file does not say.
    pub(crate) element: u64,
}

impl Port<'_> {
    /// The type of the elements, if the canonical codec has it.
    pub(crate) fn dtype(&self) -> Option<DType> {
        Some(match self.element {
            1 => DType::F32,
            2 => DType::U8,
            3 => DType::I8,
            6 => DType::I32,
            7 => DType::I64,
            9 => DType::Bool,
            _ => return None,
        })
    }
}

/// The inputs, outputs and constants of a model's graph.
#[derive(Default)]
pub(crate) struct Interface<'a> {
    pub(crate) inputs: Vec<Port<'a>>,
    pub(crate) outputs: Vec<Port<'a>>,
    /// Old files list constants among the inputs too.
    constants: Vec<&'a str>,
}

impl<'a> Interface<'a> {
    /// Reads a file; the error says why it is no model.
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, &'static str> {
        let mut interface = Self::default();
        let mut walk = Walk { interface: &mut interface, fields: 0 };
        walk.message(Message::Model, file, 0)?;
        if interface.outputs.is_empty() {
            return Err("it has no graph with an output");
        }
        let constants = std::mem::take(&mut interface.constants);
        interface.inputs.retain(|input| !constants.contains(&input.name));
        Ok(interface)
    }
}

/// The messages on the way to what is read, and those that nest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    /// The model's graph, and not one within a node.
    Graph,
    Subgraph,
    Function,
    Node,
    Attribute,
    Tensor,
    Input,
    Output,
    InputType,
    OutputType,
    InputTensor,
    OutputTensor,
    Other,
}

impl Message {
    /// The message in field `number`, by `onnx.proto`.
    fn field(self, number: u64) -> Self {
        match (self, number) {
            (Self::Model, 7) => Self::Graph,
            (Self::Model, 25) => Self::Function,
            (Self::Graph | Self::Subgraph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Node, 5) => Self::Attribute,
            (Self::Attribute, 6 | 11) => Self::Subgraph,
            (Self::Graph, 5) => Self::Tensor,
            (Self::Graph, 11) => Self::Input,
            (Self::Graph, 12) => Self::Output,
            (Self::Input, 2) => Self::InputType,
            (Self::Output, 2) => Self::OutputType,
            (Self::InputType, 1) => Self::InputTensor,
            (Self::OutputType, 1) => Self::OutputTensor,
            _ => Self::Other,
        }
    }
}

struct Walk<'w, 'a> {
    interface: &'w mut Interface<'a>,
    fields: u32,
}

impl<'a> Walk<'_, 'a> {
    fn message(
        &mut self,
        message: Message,
        mut bytes: &'a [u8],
        depth: u32,
    ) -> Result<(), &'static str> {
        if depth > DEPTH_MAX {
            return Err("its messages nest too deep");
        }
        while !bytes.is_empty() {
            let tag = varint(&mut bytes)?;
            let number = tag >> 3;
            match tag & 7 {
                0 => self.number(message, number, varint(&mut bytes)?),
                1 => drop(take(&mut bytes, 8)?),
                5 => drop(take(&mut bytes, 4)?),
                2 => {
                    self.fields += 1;
                    if self.fields > FIELDS_MAX {
                        return Err("it has too many parts");
                    }
                    let length = varint(&mut bytes)?;
                    let body = take(&mut bytes, length)?;
                    self.body(message, number, body, depth)?;
                }
                _ => return Err("its fields are not those of protocol buffers"),
            }
        }
        Ok(())
    }

    fn number(&mut self, message: Message, number: u64, value: u64) {
        let port = match message {
            Message::InputTensor => self.interface.inputs.last_mut(),
            Message::OutputTensor => self.interface.outputs.last_mut(),
            _ => None,
        };
        if let Some(port) = port.filter(|_| number == 1) {
            port.element = value;
        }
    }

    fn body(
        &mut self,
        message: Message,
        number: u64,
        body: &'a [u8],
        depth: u32,
    ) -> Result<(), &'static str> {
        let text = || core::str::from_utf8(body).map_err(|_error| "a name in it is not UTF-8");
        match (message, number) {
            (Message::Input, 1) => {
                if let Some(port) = self.interface.inputs.last_mut() {
                    port.name = text()?;
                }
            }
            (Message::Output, 1) => {
                if let Some(port) = self.interface.outputs.last_mut() {
                    port.name = text()?;
                }
            }
            (Message::Tensor, 8) => self.interface.constants.push(text()?),
            _ => {}
        }
        let inner = message.field(number);
        match inner {
            Message::Input => self.interface.inputs.push(Port::default()),
            Message::Output => self.interface.outputs.push(Port::default()),
            Message::Other => return Ok(()),
            _ => {}
        }
        self.message(inner, body, depth + 1)
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, &'static str> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let [first, rest @ ..] = *bytes else { break };
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number in it does not end")
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], &'static str> {
    let length = usize::try_from(length).ok();
    let split = length.and_then(|length| bytes.split_at_checked(length));
    let (taken, rest) = split.ok_or("it is cut short")?;
    *bytes = rest;
    Ok(taken)
}
