//! Objects with more references than one page takes.

use provisor_engine::object::ObjectType;
use provisor_store::directory::{IndexedKeys, NewEdge, NewObject};
use provisor_store::master_key::MasterKey;
use provisor_store::sqlite::{Options, SqliteStore};
use serde_json::Map;

use super::*;

async fn create(store: &SqliteStore, number: u128, kind: ObjectKind, edges: Vec<NewEdge>) -> Uuid {
    let id = Uuid::from_u128(number);
    let (properties, keys) = (Map::new(), IndexedKeys::default());
    let object = NewObject { id, kind, properties, keys, created: jiff::Timestamp::UNIX_EPOCH, edges };
    Directory::create(store, object).await.unwrap();
    id
}

#[tokio::test]
async fn every_attribute_with_many_references_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        path: folder.path().join("store.sqlite"),
        master_key: MasterKey::from_bytes(&[7; 32]).unwrap(),
        synchronous: provisor_store::sqlite::Synchronous::Normal,
    };
    let store = Arc::new(SqliteStore::open(options).unwrap());
    let many = u128::try_from(REFERENCES_PER_PAGE).unwrap() * 2 + 1;
    let mut edges = Vec::new();
    for number in 1..=many {
        let to = create(&store, number, ObjectKind::User, Vec::new()).await;
        edges.extend([EdgeKind::Member, EdgeKind::Owner].map(|kind| NewEdge { kind, to }));
    }
    let group = create(&store, many + 1, ObjectKind::Group, edges).await;
    let source = DirectorySource::new(store, Entitlement::Everybody);
    let shape = SourceShape {
        object_type: ObjectType::new("Group"),
        attributes: Vec::new(),
        references: vec!["members".into(), "owners".into()],
    };
    let anchor = anchor(group);
    let object = source.get(&shape, &anchor).await.unwrap().unwrap();
    let mut told = object.references.changes().to_vec();
    let mut cursor = object.more_references;
    while let Some(at) = cursor {
        let page = source.references(&shape, &anchor, &at).await.unwrap();
        told.extend(page.changes);
        cursor = page.next;
    }
    for attribute in 0..2 {
        let mut to: Vec<&str> = told
            .iter()
            .filter(|change| change.attribute == attribute)
            .map(|change| change.to.as_str())
            .collect();
        to.sort_unstable();
        to.dedup();
        assert_eq!(u128::try_from(to.len()).unwrap(), many, "attribute {attribute}");
    }
}

#[test]
fn cursors_read_back_as_printed() {
    let open = |attribute, since| Open { attribute, since: ChangeNumber(since) };
    let cursor = Cursor { until: ChangeNumber(9), open: vec![open(1, 7), open(0, 3)] };
    let printed = cursor.print().unwrap();
    assert_eq!(Cursor::parse(&printed).unwrap(), cursor);
    assert_eq!(Cursor { until: ChangeNumber(9), open: Vec::new() }.print(), None);
    for text in ["", "x", "1:2", "1:2:x"] {
        assert!(Cursor::parse(&ReferenceCursor(text.into())).is_err(), "{text}");
    }
}
