//! Signing keys: made when needed, kept, and superseded.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::identity::keys::{ROTATION, SigningKeys};
use crate::testing::BASE;

async fn kids(app: &TestApp) -> Vec<String> {
    let set = app.get_document("/common/discovery/v2.0/keys").await;
    set["keys"].as_array().unwrap().iter().map(|key| text(&key["kid"])).collect()
}

#[tokio::test]
async fn an_old_key_gets_a_successor_and_stays_until_its_tokens_have_expired() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (_, secret) = app.secret(&application, json!({})).await;
    let token =
        async || text(&app.ask(&by_secret(&application.app_id, &secret)).await.json()["access_token"]);
    let first = kids(&app).await;
    assert_eq!(first.len(), 1);
    let ninety_days = Duration::try_from(ROTATION).unwrap();
    app.clock.advance(ninety_days - Duration::from_secs(1));
    let old = token().await;
    assert_eq!(part(&old, 0)["kid"], first[0].as_str());
    app.clock.advance(Duration::from_secs(1));
    let new = token().await;
    let both = kids(&app).await;
    assert_eq!(both.len(), 2);
    assert_eq!((part(&new, 0)["kid"].as_str(), &both[1]), (Some(both[0].as_str()), &first[0]));
    for token in [&old, &new] {
        assert!(app.state.authority.validate(token, BASE).await.is_ok());
    }
    app.clock.advance(Duration::from_secs(3600 + 300 + 1));
    assert_eq!(kids(&app).await, both[..1]);
    assert!(app.state.authority.validate(&old, BASE).await.is_err());
}

#[tokio::test]
async fn a_key_is_superseded_on_command_and_outlives_a_restart() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let before = app.token(&application).await;
    app.state.authority.rotate_key();
    let after = app.token(&application).await;
    assert_ne!(part(&before, 0)["kid"], part(&after, 0)["kid"]);
    assert!(app.state.authority.validate(&before, BASE).await.is_ok());
    let again = SigningKeys::new(app.state.store.clone(), app.state.clock.clone(), app.state.tenant.id);
    assert_eq!(part(&after, 0)["kid"], again.current().await.unwrap().kid());
    assert_eq!(again.published().await.unwrap().len(), 2);
}
