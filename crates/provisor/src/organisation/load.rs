//! Loads an organisation through the API, as a Graph client would.

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};

use super::{Group, Organisation, Person};
use crate::graph_client::{GraphClient, GraphClientError, id_of};

/// Members that one request may add (Graph's limit of `members@odata.bind`).
const MEMBERS: usize = 20;

/// The ids that the directory gave, by place in the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Of [`Organisation::people`].
    pub people: Vec<String>,
    /// Of [`Organisation::groups`].
    pub groups: Vec<String>,
}

impl Organisation {
    /// Creates the people, managers before those who report to them, and the groups with their members, so
    /// many at once. `created` is called for every one.
    ///
    /// # Errors
    /// When a request is refused or unanswered.
    pub async fn load(
        &self,
        client: &GraphClient,
        concurrency: usize,
        created: impl Fn(),
    ) -> Result<Loaded, GraphClientError> {
        let mut people: Vec<String> = Vec::with_capacity(self.people.len());
        while people.len() < self.people.len() {
            // Everybody whose manager is there already can be created side by side.
            let level: Vec<&Person> = self
                .people
                .iter()
                .skip(people.len())
                .take_while(|person| person.manager.is_none_or(|manager| manager < people.len()))
                .collect();
            let ids: Vec<Result<String, GraphClientError>> = stream::iter(level)
                .map(|person| create_person(client, person, &people))
                .buffered(concurrency)
                .inspect(|_| created())
                .collect()
                .await;
            people.extend(ids.into_iter().collect::<Result<Vec<_>, _>>()?);
        }
        let groups: Vec<Result<String, GraphClientError>> = stream::iter(&self.groups)
            .map(|group| create_group(client, group, &people))
            .buffered(concurrency)
            .inspect(|_| created())
            .collect()
            .await;
        let groups = groups.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Loaded { people, groups })
    }
}

async fn create_person(
    client: &GraphClient,
    person: &Person,
    ids: &[String],
) -> Result<String, GraphClientError> {
    let mut body = person.to_graph();
    if let (Some(manager), Value::Object(members)) =
        (person.manager.and_then(|manager| ids.get(manager)), &mut body)
    {
        members.insert("manager@odata.bind".into(), json!(format!("{}/users/{manager}", client.base())));
    }
    id_of(&client.post("/users", &body).await?)
}

async fn create_group(
    client: &GraphClient,
    group: &Group,
    ids: &[String],
) -> Result<String, GraphClientError> {
    let id = id_of(&client.post("/groups", &group.to_graph()).await?)?;
    let members: Vec<String> = group
        .members
        .iter()
        .filter_map(|member| ids.get(*member))
        .map(|id| format!("{}/directoryObjects/{id}", client.base()))
        .collect();
    for chunk in members.chunks(MEMBERS) {
        client.patch(&format!("/groups/{id}"), &json!({ "members@odata.bind": chunk })).await?;
    }
    Ok(id)
}
