//! Files that anybody may name on chain and a provider opens.

use citrate_inference::check_model;

use crate::Outcome;

/// The walk over a model's file before the engine reads it, against a slow reader of the same format.
pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let verdict = check_model(bytes);
    if verdict.is_ok() {
        assert!(!names_a_file(bytes), "it names another file");
    }
    Outcome::taken(verdict.is_ok())
}

/// Whether weights of the graph are in another file: the shortest way to say that, read by itself. Fields of a model, of
/// its graph, and of a tensor: 7, 5, and 13 for where the weights are.
fn names_a_file(bytes: &[u8]) -> bool {
    fields(bytes).filter(|(number, _)| *number == 7).any(|(_, graph)| {
        let tensors = fields(graph).filter(|(number, _)| *number == 5);
        let mut parts = tensors.flat_map(|(_, tensor)| fields(tensor));
        parts.any(|(number, _)| number == 13)
    })
}

/// The fields of a message that hold bytes, as far as it can be read.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        loop {
            let tag = number(&mut bytes)?;
            match tag & 7 {
                0 => drop(number(&mut bytes)?),
                1 => bytes = bytes.get(8..)?,
                2 => {
                    let length = usize::try_from(number(&mut bytes)?).ok()?;
                    let (body, rest) = bytes.split_at_checked(length)?;
                    bytes = rest;
                    return Some((tag >> 3, body));
                }
                5 => bytes = bytes.get(4..)?,
                _ => return None,
            }
        }
    })
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u128;
    for place in 0..10 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u128::from(first & 127) << (7 * place);
        if first & 128 == 0 {
            return u64::try_from(value & u128::from(u64::MAX)).ok();
        }
    }
    None
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let field = |number: u8, body: &[u8]| {
        let length = u8::try_from(body.len()).unwrap_or(127).min(127);
        [&[number << 3 | 2, length], body].concat()
    };
    let tensor = [field(8, b"w"), field(9, &[1, 2, 3, 4])].concat();
    let node = [field(1, b"x"), field(2, b"y"), field(4, b"Relu")].concat();
    let graph = [field(1, &node), field(2, b"g"), field(5, &tensor)].concat();
    let model = [vec![8, 9], field(2, b"made by hand"), field(7, &graph)].concat();
    let elsewhere = field(7, &field(5, &field(13, &field(1, b"location"))));
    let deep = (0..40).fold(Vec::new(), |inner: Vec<u8>, _| {
        if inner.len() < 120 { field(7, &field(1, &field(5, &field(6, &inner)))) } else { inner }
    });
    vec![
        ("ok-model".to_owned(), model.clone()),
        ("ok-nothing".to_owned(), Vec::new()),
        ("ok-deep".to_owned(), deep),
        ("weights-elsewhere".to_owned(), elsewhere),
        ("cut".to_owned(), model.get(..model.len() - 3).unwrap_or_default().to_vec()),
    ]
}
