//! Loads the organisation through the API.

use anyhow::Context as _;
use provisor::graph_client::GraphClient;
use provisor::organisation::Organisation;
use provisor_engine::clock::{Clock as _, SystemClock};

use super::show::{Story, seconds};

/// Requests at once.
const CONCURRENCY: usize = 16;
/// The same organisation every time.
const SEED: u64 = 20_261_124;

/// Creates people and groups, and shows how far that has come.
pub(super) async fn organisation(
    client: &GraphClient,
    people: usize,
    groups: usize,
    story: &Story,
) -> anyhow::Result<()> {
    let clock = SystemClock::new();
    let organisation = Organisation::generate(SEED, people, groups);
    let bar = story.bar(u64::try_from(people + groups)?, "loading");
    organisation
        .load(client, CONCURRENCY, || bar.inc(1))
        .await
        .context("a person or a group could not be created")?;
    bar.finish_and_clear();
    story.say(&format!("   {people} people and {groups} groups in {}", seconds(clock.elapsed())));
    Ok(())
}
