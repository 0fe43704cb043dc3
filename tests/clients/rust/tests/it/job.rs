use crate::{UNIT, send};
use anyhow::{Context, Result, ensure};
use chain::{
    inference_jobs::events::{JobAssigned, JobSettled, JobSubmitted},
    model_registry::events::ModelRegistered,
    providers::events::ModelServed,
    runtime_types::{
        bounded_collections::bounded_vec::BoundedVec,
        citrate_inference_types::info::ModelStatus,
        citrate_inference_types::job::{JobInfo, JobStatus, Payload, Policy},
        citrate_runtime::RuntimeCall,
        pallet_inference_jobs::job::Blob,
        pallet_providers::pallet as providers,
        pallet_staking::{ledger::Role, pallet as staking},
    },
    staking::events::Bonded,
};
use citrate_client_tests::{Connection, Node, View, chain};
use citrate_inference_types::{
    Labels, ModelCard, Postprocess, Tensors, adapter::submission, content_hash,
};
use std::path::{Path, PathBuf};
use subxt::{
    rpcs::rpc_params,
    utils::{AccountId32, H256, Static},
};
use subxt_signer::sr25519::dev;

const PRICE: u128 = UNIT / 100;
const STAKE: u128 = 1_000 * UNIT;
/// Blocks within which the result must come.
const DEADLINE: u32 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_bought_run_and_settled_through_the_new_methods() -> Result<()> {
    life(View::New).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_bought_run_and_settled_through_pinned_blocks() -> Result<()> {
    life(View::ChainHead).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_bought_run_and_settled_through_the_old_methods() -> Result<()> {
    life(View::Legacy).await
}

/// Bob owns the model, Alice provides with the node's key, Charlie buys.
async fn life(view: View) -> Result<()> {
    let node = Node::start()?;
    let connection = node.connect(view).await?;
    let file = root().join("README.md");
    let input = std::fs::read(&file).with_context(|| file.display().to_string())?;
    let (model, card) = register(&node, &connection).await?;
    serve(&connection, model).await?;
    active(&connection, model).await?;

    // Followed from before the submission on, so that no event is missed.
    let mut blocks = connection.api.stream_blocks().await?;
    let input = Blob::Inline(BoundedVec(submission(&card, &input).into_owned()));
    let call = chain::tx().inference_jobs().submit(model, input, PRICE, Policy::Attested, DEADLINE);
    let events = send(&connection, &call, &dev::charlie()).await?;
    let submitted = events.find_first::<JobSubmitted>().context("no job")??;
    assert_eq!((submitted.model, submitted.max_fee), (model, PRICE));

    let mut provider = None;
    let (settled, at) = loop {
        let block = blocks.next().await.context("the stream ended")??;
        let at = block.at().await?;
        let events = at.events().fetch().await?;
        for assigned in events.find::<JobAssigned>() {
            provider = Some(assigned?.provider);
        }
        if let Some(settled) = events.find_first::<JobSettled>() {
            break (settled?, at);
        }
        let call = chain::runtime_apis().inference_api().job(submitted.job);
        if let Some(JobInfo { deadline, .. }) = at.runtime_apis().call(call).await? {
            ensure!(block.number() <= u64::from(deadline), "the job has no result");
        }
    };
    let alice = dev::alice().public_key().to_account_id();
    assert_eq!(provider, Some(alice), "it was assigned before it was settled");
    assert_eq!((settled.job, settled.provider, settled.fee), (submitted.job, alice, PRICE));
    assert_eq!(settled.to_provider + settled.to_owner + settled.to_treasury, PRICE);
    assert!(settled.to_provider > 0 && settled.to_owner > 0);

    let call = chain::runtime_apis().inference_api().job(submitted.job);
    let job = at.runtime_apis().call(call).await?.context("the job is gone")?;
    let JobStatus::Settled { output: Payload::Inline(output), receipt, .. } = job.status else {
        anyhow::bail!("no result: {:?}", job.status);
    };
    assert_eq!(receipt, settled.receipt);
    assert_eq!(content_hash(&output).0, settled.output.0, "the event names the result");
    assert_eq!(best_label(&card, &output)?, "markdown");
    Ok(())
}

/// Gives the node the model's file and registers it.
async fn register(node: &Node, connection: &Connection) -> Result<(H256, ModelCard)> {
    let card = std::fs::read(root().join("scripts/models/magika.json"))?;
    let card: ModelCard = serde_json::from_slice(&card)?;
    let file = std::fs::read(model_file()?)?;
    let hash = H256(content_hash(&file).0);
    let upload = format!("0x{}", hex::encode(&file));
    let kept: H256 =
        node.rpc().await?.request("inference_putArtifact", rpc_params![upload]).await?;
    assert_eq!(kept, hash);
    let call = chain::tx().model_registry().register(hash, Static(card.clone()), PRICE);
    let events = send(connection, &call, &dev::bob()).await?;
    let registered = events.find_first::<ModelRegistered>().context("no model")??;
    let bob: AccountId32 = dev::bob().public_key().to_account_id();
    assert_eq!((registered.model, registered.owner, registered.price), (hash, bob, PRICE));
    let call = chain::runtime_apis().inference_api().model(hash);
    let at = connection.api.at_current_block().await?;
    let found = at.runtime_apis().call(call).await?.context("the model is not there")?;
    assert_eq!(found.card.0, card, "the card comes back as it was");
    Ok((hash, card))
}

/// Alice bonds and serves the model with the key that the node holds.
async fn serve(connection: &Connection, model: H256) -> Result<()> {
    let session_key = dev::alice().public_key().0;
    let calls = vec![
        RuntimeCall::Staking(staking::Call::bond { role: Role::Provider, amount: STAKE }),
        RuntimeCall::Providers(providers::Call::register { session_key, capacity: 4 }),
        RuntimeCall::Providers(providers::Call::serve { model, price: PRICE }),
    ];
    let events = send(connection, &chain::tx().utility().batch_all(calls), &dev::alice()).await?;
    let bonded = events.find_first::<Bonded>().context("no bond")??;
    assert_eq!(bonded.amount, STAKE);
    assert!(events.has::<ModelServed>());
    Ok(())
}

/// Waits until the node has found the model to be what its card says.
async fn active(connection: &Connection, model: H256) -> Result<()> {
    let mut blocks = connection.api.stream_blocks().await?;
    for _ in 0..DEADLINE {
        let at = blocks.next().await.context("the stream ended")??.at().await?;
        let call = chain::runtime_apis().inference_api().model(model);
        let found = at.runtime_apis().call(call).await?.context("the model is not there")?;
        if found.status == ModelStatus::Active {
            let approval = found.approval.context("nobody approved it")?;
            assert_eq!(approval.provider, dev::alice().public_key().to_account_id());
            return Ok(());
        }
    }
    anyhow::bail!("nobody has checked the model in {DEADLINE} blocks")
}

/// The label with the highest score.
fn best_label(card: &ModelCard, output: &[u8]) -> Result<String> {
    let tensors = Tensors::from_bytes(output)?;
    let scores = tensors.iter().next().context("an output")?.tensor.data();
    let scores =
        scores.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four")));
    let Postprocess::Classify(Labels::Inline(labels)) = &card.postprocess else {
        anyhow::bail!("the model classifies by its own labels");
    };
    let best = labels.as_str().lines().zip(scores).max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(best.context("no label")?.0.to_owned())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// The model that `scripts/setup.sh` fetches.
fn model_file() -> Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let user = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let cache = variable("CITRATE_CACHE").or_else(|| Some(user()?.join("citrate")));
    let cache = cache.context("a cache folder")?;
    let entries = std::fs::read_dir(&cache).with_context(|| cache.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("magika-") {
            return Ok(entry.path().join("model.onnx"));
        }
    }
    anyhow::bail!("{} has no magika model: run scripts/setup.sh", cache.display())
}
