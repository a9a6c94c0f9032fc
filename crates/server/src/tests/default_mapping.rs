//! What the default template makes of a person: the body that an application is sent.

use std::sync::Arc;

use provisor_connectors::scim::ScimTarget;
use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::decide::{Answer, Context, Policy, Progress, Write, begin};
use provisor_engine::ids::{Ids, SeededIds};
use provisor_engine::object::{Anchor, Presence, References, SourceObject};
use provisor_engine::ports::{SlotValue, Target as _, TargetShape};
use provisor_engine::schema::Mapping;
use provisor_expression::Value;
use provisor_scim::{HttpClient, HttpOptions, ScimClient};
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const IDA: [(&str, &str); 20] = [
    ("userPrincipalName", "ida.holm@contoso.example"),
    ("displayName", "Ida Holm"),
    ("givenName", "Ida"),
    ("surname", "Holm"),
    ("jobTitle", "Electrical Engineer"),
    ("mail", "ida.holm@contoso.example"),
    ("mailNickname", "ida.holm"),
    ("preferredLanguage", "da-DK"),
    ("department", "Engineering"),
    ("employeeId", "701984"),
    ("physicalDeliveryOfficeName", "18/2111"),
    ("streetAddress", "Havnegade 1"),
    ("city", "Aarhus"),
    ("state", "Midtjylland"),
    ("postalCode", "8000"),
    ("country", "DK"),
    ("telephoneNumber", "+45 86 00 00 01"),
    ("mobile", "+45 20 00 00 01"),
    ("facsimileTelephoneNumber", "+45 86 00 00 02"),
    ("companyName", "Contoso"),
];

fn person(mapping: &Mapping) -> SourceObject {
    let value = |name: &str| {
        let found = IDA.iter().find(|(known, _)| *known == name);
        found.map_or(Value::Null, |(_, value)| Value::from(*value))
    };
    SourceObject {
        anchor: Anchor::new("4d1a6f0e-0b8c-4e57-9c1a-1c2b3d4e5f60"),
        label: "ida.holm@contoso.example".into(),
        presence: Presence::Active,
        enabled: true,
        assigned: true,
        values: mapping.source.attributes.iter().map(|attribute| value(&attribute.name)).collect(),
        references: References::All(Vec::new()),
        more_references: None,
    }
}

fn created(mapping: &Mapping, ids: &dyn Ids) -> Vec<SlotValue> {
    let policy = Policy { sync_all: true, ..Policy::default() };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let object = person(mapping);
    let mut progress = begin(Context { mapping, policy: &policy, dropped: &[], now, ids }, &object, None);
    loop {
        progress = match progress {
            Progress::Ask(_, pending) => pending.answer(Answer::Matches(Vec::new())),
            Progress::Done(decision) => match decision.write {
                Write::Create(values) => return values,
                other => panic!("{other:?}"),
            },
        };
    }
}

/// The body of the one request that a target sends.
async fn body_of(shape: &TargetShape, values: &[SlotValue]) -> Json {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = String::new();
        loop {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.unwrap();
            request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
            });
            if body.len() >= length.unwrap().parse::<usize>().unwrap() {
                let answer = "HTTP/1.1 201 Created\r\ncontent-type: application/scim+json\r\ncontent-length: 10\r\n\r\n{\"id\":\"1\"}";
                stream.write_all(answer.as_bytes()).await.unwrap();
                return serde_json::from_str::<Json>(body).unwrap();
            }
        }
    });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::from_seed(1, Arc::clone(&clock)));
    let http = HttpClient::new(HttpOptions::default()).unwrap();
    let client = ScimClient::new(http, &format!("http://{address}/scim"), None).unwrap();
    let target = ScimTarget::new(client, &[shape], clock, ids).unwrap();
    target.create(0, values).await.unwrap();
    server.await.unwrap()
}

#[tokio::test]
async fn a_person_becomes_the_documented_scim_body() {
    let template = provisor_graph::templates::application_template(crate::testing::CUSTOM).unwrap();
    for offer in &template.synchronization {
        let schema = crate::schema::compile_text(&offer.schema).unwrap();
        let ids = SeededIds::from_seed(1, Arc::new(SystemClock::new()));
        let mapping = &schema.mappings[0];
        let body = body_of(&mapping.target, &created(mapping, &ids)).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
                {
                  "active": true,
                  "addresses": [
                    {
                      "country": "DK",
                      "formatted": "18/2111",
                      "locality": "Aarhus",
                      "postalCode": "8000",
                      "region": "Midtjylland",
                      "streetAddress": "Havnegade 1",
                      "type": "work"
                    }
                  ],
                  "displayName": "Ida Holm",
                  "emails": [
                    {
                      "primary": true,
                      "type": "work",
                      "value": "ida.holm@contoso.example"
                    }
                  ],
                  "externalId": "ida.holm",
                  "name": {
                    "familyName": "Holm",
                    "formatted": "Ida Holm",
                    "givenName": "Ida"
                  },
                  "phoneNumbers": [
                    {
                      "type": "work",
                      "value": "+45 86 00 00 01"
                    },
                    {
                      "type": "mobile",
                      "value": "+45 20 00 00 01"
                    },
                    {
                      "type": "fax",
                      "value": "+45 86 00 00 02"
                    }
                  ],
                  "preferredLanguage": "da-DK",
                  "schemas": [
                    "urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
                  ],
                  "title": "Electrical Engineer",
                  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                    "department": "Engineering",
                    "employeeNumber": "701984"
                  },
                  "userName": "ida.holm@contoso.example"
                }
                "#);
        }
    }
}
