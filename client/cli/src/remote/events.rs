//! The events of a transaction.

use super::{Node, Runtime};
use anyhow::{Result, bail};
use citrate_core::{H256, hashing::twox_128};
use frame_metadata::v14::{RuntimeMetadataV14, StorageEntryType};
use scale_value::{Composite, Value, ValueDef};
use serde_json::json;

/// One event.
#[derive(Debug)]
pub(crate) struct Event {
    /// Pallet and name, such as `Balances.Transfer`.
    pub(crate) name: String,
    /// Its fields.
    pub(crate) fields: Composite<()>,
}

impl Event {
    /// The 32 bytes of field `name`.
    pub(crate) fn hash(&self, name: &str) -> Option<H256> {
        let Composite::Named(fields) = &self.fields else { return None };
        let (_, value) = fields.iter().find(|(field, _)| field == name)?;
        let mut bytes = Vec::new();
        collect_bytes(value, &mut bytes);
        <[u8; 32]>::try_from(bytes).ok().map(Into::into)
    }
}

fn collect_bytes(value: &Value<()>, bytes: &mut Vec<u8>) {
    match &value.value {
        ValueDef::Composite(composite) => {
            composite.values().for_each(|value| collect_bytes(value, bytes));
        }
        _ => bytes.extend(value.as_u128().and_then(|number| u8::try_from(number).ok())),
    }
}

impl Runtime {
    /// The events of extrinsic `index` in `block`.
    ///
    /// # Errors
    /// With the runtime's reason, when the extrinsic failed.
    pub(crate) fn events(&self, node: &Node, block: H256, index: u32) -> Result<Vec<Event>> {
        let params = json!([format!("0x{}", hex::encode(events_key())), block]);
        let bytes = node.call_bytes("state_getStorage", &params)?;
        let mut events = Vec::new();
        for record in records(&bytes, &self.metadata)? {
            if let Some(event) = of_extrinsic(record, index) {
                if event.name == "System.ExtrinsicFailed" {
                    bail!("the transaction failed: {}", self.reason(&event));
                }
                events.push(event);
            }
        }
        Ok(events)
    }

    fn reason(&self, failed: &Event) -> String {
        let Composite::Named(fields) = &failed.fields else { return String::new() };
        let Some((_, value)) = fields.iter().find(|(name, _)| name == "dispatch_error") else {
            return String::new();
        };
        let ValueDef::Variant(error) = &value.value else { return value.to_string() };
        let mut bytes = Vec::new();
        error.values.values().for_each(|value| collect_bytes(value, &mut bytes));
        match (error.name.as_str(), &bytes[..]) {
            ("Module", [pallet, index, ..]) => self.error_name(*pallet, *index),
            _ => value.to_string(),
        }
    }
}

/// Where a block's events are.
pub(crate) fn events_key() -> Vec<u8> {
    [twox_128(b"System"), twox_128(b"Events")].concat()
}

/// A block's events, from the value under [`events_key`].
///
/// # Errors
/// The value is not a list of events of a runtime with this metadata.
pub(crate) fn all_events(bytes: &[u8], metadata: &RuntimeMetadataV14) -> Result<Vec<Event>> {
    let events = records(bytes, metadata)?.into_iter().filter_map(|record| {
        let (_, event) = parts(record)?;
        named(event)
    });
    Ok(events.collect())
}

fn records(bytes: &[u8], metadata: &RuntimeMetadataV14) -> Result<Vec<Value<()>>> {
    let entry =
        metadata.pallets.iter().find(|pallet| pallet.name == "System").and_then(|pallet| {
            pallet.storage.as_ref()?.entries.iter().find(|e| e.name == "Events")
        });
    let Some(StorageEntryType::Plain(ty)) = entry.map(|entry| &entry.ty) else {
        bail!("this chain's System pallet has no Events");
    };
    let mut bytes = bytes;
    let records = scale_value::scale::decode_as_type(&mut bytes, ty.id, &metadata.types)?;
    let ValueDef::Composite(records) = records.remove_context().value else {
        bail!("events are no list")
    };
    Ok(records.into_values().collect())
}

/// A record's phase and event.
fn parts(record: Value<()>) -> Option<(Value<()>, Value<()>)> {
    let ValueDef::Composite(Composite::Named(fields)) = record.value else { return None };
    let mut fields = fields.into_iter();
    let phase = fields.find(|(name, _)| name == "phase")?.1;
    let event = fields.find(|(name, _)| name == "event")?.1;
    Some((phase, event))
}

fn named(event: Value<()>) -> Option<Event> {
    let ValueDef::Variant(pallet) = event.value else { return None };
    let ValueDef::Variant(event) = pallet.values.into_values().next()?.value else { return None };
    Some(Event { name: format!("{}.{}", pallet.name, event.name), fields: event.values })
}

fn of_extrinsic(record: Value<()>, index: u32) -> Option<Event> {
    let (phase, event) = parts(record)?;
    let ValueDef::Variant(phase) = phase.value else { return None };
    let applied = phase.values.values().next().and_then(Value::as_u128);
    if phase.name != "ApplyExtrinsic" || applied != Some(u128::from(index)) {
        return None;
    }
    named(event)
}
