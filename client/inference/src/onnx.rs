//! What is refused in a model's file before ONNX Runtime reads it.
//!
//! A file may name other files for ONNX Runtime to open: weights ("external data") or a compiled graph
//! ("EPContext"). Anybody may register a model, so a model that does is refused, wherever in the file it does it.
//! The file is walked as it lies, without a copy, and within limits: a few bytes may stand for an object of some
//! hundreds in ONNX Runtime's memory.

/// LIMIT: nested and repeated fields of one file; a language model of a billion parameters has some ten thousand.
const FIELDS_MAX: u32 = 1 << 20;
/// LIMIT: how deep messages nest; ONNX Runtime's own parser has the same limit.
const DEPTH_MAX: u32 = 100;

/// The messages in which a file name can stand, and those that lead to them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
    Function,
    Training,
    ValueInfo,
    Type,
    TypeOfTensor,
    Shape,
    /// Any other, which is not looked into.
    Other,
}

impl Message {
    /// The message in field `number`, by `onnx.proto`.
    fn field(self, number: u64) -> Self {
        match (self, number) {
            (Self::Model, 7) | (Self::Training, 1 | 2) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Model, 20) => Self::Training,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Node, 5) | (Self::Function, 11) => Self::Attribute,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::SparseTensor, 1 | 2) => {
                Self::Tensor
            }
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Self::SparseTensor,
            (Self::Graph, 11..=13) | (Self::Function, 12) => Self::ValueInfo,
            (Self::ValueInfo, 2) | (Self::Attribute, 14 | 15) => Self::Type,
            (Self::Type, 1 | 8) => Self::TypeOfTensor,
            (Self::TypeOfTensor, 2) => Self::Shape,
            _ => Self::Other,
        }
    }
}

/// Checks a file that is to be loaded as a model: that it names no other file, and is no more than the limits allow.
///
/// # Errors
/// Why it is refused, after "the model's file is refused: " or the like.
pub fn check(file: &[u8]) -> Result<(), String> {
    let mut fields = 0;
    walk(Message::Model, file, 0, &mut fields)
}

fn walk(message: Message, mut bytes: &[u8], depth: u32, fields: &mut u32) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("its messages nest more than {DEPTH_MAX} deep"));
    }
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let number = tag >> 3;
        match tag & 7 {
            0 => {
                let value = varint(&mut bytes)?;
                if (message, number) == (Message::Tensor, 14) && value != 0 {
                    return Err("its weights are in another file".into());
                }
            }
            1 => drop(take(&mut bytes, 8)?),
            5 => drop(take(&mut bytes, 4)?),
            2 => {
                *fields += 1;
                if *fields > FIELDS_MAX {
                    return Err(format!("it has more than {FIELDS_MAX} parts"));
                }
                let length = varint(&mut bytes)?;
                let body = take(&mut bytes, length)?;
                match (message, number) {
                    (Message::Tensor, 13) => return Err("its weights are in another file".into()),
                    (Message::Node, 4) if body == b"EPContext" => {
                        return Err("its graph is in another file".into());
                    }
                    _ => {}
                }
                let inner = message.field(number);
                if inner != Message::Other {
                    walk(inner, body, depth + 1, fields)?;
                }
            }
            _ => return Err("it is no ONNX file".into()),
        }
    }
    Ok(())
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let [first, rest @ ..] = *bytes else { break };
        *bytes = rest;
        value |= u64::from(first & 0x7f).checked_shl(shift).unwrap_or_default();
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("it is no ONNX file".into())
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], String> {
    let length = usize::try_from(length).ok();
    let split = length.and_then(|length| bytes.split_at_checked(length));
    let (taken, rest) = split.ok_or("it is cut short, or no ONNX file")?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that holds bytes.
    fn field(number: u8, body: &[u8]) -> Vec<u8> {
        assert!(number < 32 || body.len() < 128);
        let mut bytes = varint_of(u64::from(number) << 3 | 2);
        bytes.extend(varint_of(body.len() as u64));
        bytes.extend(body);
        bytes
    }

    fn varint_of(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        bytes.push((value & 0x7f) as u8);
        bytes
    }

    /// A body inside fields of these numbers, the outermost first.
    fn within(path: &[u8], body: &[u8]) -> Vec<u8> {
        path.iter().rev().fold(body.to_vec(), |body, number| field(*number, &body))
    }

    #[test]
    fn weights_in_another_file_are_found_wherever_they_are() {
        for (desc, path) in [
            ("initializer", &[7, 5][..]),
            ("values of a sparse initializer", &[7, 15, 1]),
            ("attribute of a node", &[7, 1, 5, 5]),
            ("list in an attribute", &[7, 1, 5, 10]),
            ("sparse attribute", &[7, 1, 5, 22, 2]),
            ("branch of a node", &[7, 1, 5, 6, 5]),
            ("branch of a branch", &[7, 1, 5, 11, 1, 5, 6, 5]),
            ("function", &[25, 7, 5, 5]),
            ("default of a function's attribute", &[25, 11, 5]),
            ("training", &[20, 1, 5]),
        ] {
            let entry = field(1, b"location");
            for (kind, body) in [
                ("entry", field(13, &entry)),
                ("flag", [vec![14 << 3], varint_of(1)].concat()),
                ("a flag of many bits", [vec![14 << 3], varint_of(1 << 32 | 1)].concat()),
            ] {
                let refused = check(&within(path, &body));
                assert_eq!(refused, Err("its weights are in another file".into()), "{desc} {kind}");
            }
            // The same place without it, and with the flag for weights in the file.
            assert_eq!(check(&within(path, &field(9, b"raw data"))), Ok(()), "{desc}");
            assert_eq!(check(&within(path, &[14 << 3, 0])), Ok(()), "{desc}");
        }
        let context = within(&[7, 1], &field(4, b"EPContext"));
        assert_eq!(check(&context), Err("its graph is in another file".into()));
    }

    #[test]
    fn limits_hold_and_one_past_them_fails() {
        let node = field(1, b"");
        let graph = |nodes: u32| field(7, &node.repeat(nodes as usize));
        assert_eq!(check(&graph(FIELDS_MAX - 1)), Ok(()));
        assert!(check(&graph(FIELDS_MAX)).unwrap_err().contains("parts"));
        // A graph in a node's attribute adds three levels.
        let nested = |levels: usize| within(&[&[7][..], &[1, 5, 6].repeat(levels)].concat(), b"");
        assert_eq!(check(&nested(33)), Ok(()));
        assert!(check(&nested(34)).unwrap_err().contains("nest"));
    }

    #[test]
    fn garbage_is_an_error() {
        let cut = field(7, &field(1, b"node"));
        for (desc, bytes) in [
            ("text", b"not a model at all".to_vec()),
            ("cut", cut[..cut.len() - 1].to_vec()),
            ("an endless number", vec![0xff; 20]),
            ("a length beyond the address space", [vec![0x3a], varint_of(u64::MAX)].concat()),
            ("a group", vec![0x3b]),
        ] {
            assert!(check(&bytes).is_err(), "{desc}");
        }
        assert_eq!(check(b""), Ok(()), "ONNX Runtime refuses it");
    }
}
