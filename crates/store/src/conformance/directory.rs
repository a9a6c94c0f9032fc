//! Objects, and the small tables.

use secrecy::{ExposeSecret as _, SecretString};

use super::{change, create, id, ids, keys, new_object, properties};
use crate::directory::{ChangeNumber, EdgeKind, IndexedKeys, ListRequest, Lookup, NewEdge, ObjectKind};
use crate::secrets::SecretChange;
use crate::templates::TemplateRecord;
use crate::{ServerStore, StoreError};

fn all(kind: ObjectKind) -> ListRequest {
    ListRequest { kind, deleted: false, lookup: Lookup::All, after: None, limit: 100 }
}

pub(crate) async fn objects_read_back_as_created(store: &dyn ServerStore) {
    let created = create(store, ObjectKind::User, 1).await;
    assert_eq!(created.properties, properties("Object 1"));
    assert_eq!(created.deleted, None);
    assert_eq!(store.get(id(1)).await.unwrap(), Some(created.clone()));
    assert_eq!(store.get(id(2)).await.unwrap(), None);
    create(store, ObjectKind::Group, 2).await;
    store.soft_delete(id(2), super::at(5)).await.unwrap();
    assert_eq!(store.get(id(2)).await.unwrap().unwrap().deleted, Some(super::at(5)));
    assert_eq!(ids(&store.get_many(&[id(2), id(1), id(3)]).await.unwrap()), [id(1)]);
    assert_eq!(store.count(ObjectKind::User).await.unwrap(), 1);
    assert_eq!(store.count(ObjectKind::Group).await.unwrap(), 0);
    assert_eq!(store.head().await.unwrap(), *store.changes_signal().borrow());
}

pub(crate) async fn unique_keys_clash_within_a_kind(store: &dyn ServerStore) {
    store.create(new_object(ObjectKind::User, 1, "Ida")).await.unwrap();
    let clash = store.create(new_object(ObjectKind::User, 2, "ida")).await.unwrap_err();
    assert!(matches!(clash, StoreError::Conflict { property } if property == "userPrincipalName"));
    store.create(new_object(ObjectKind::Application, 2, "ida")).await.unwrap();
    store.create(new_object(ObjectKind::User, 3, "Nils")).await.unwrap();
    let clash = store.update(id(3), change("IDA")).await.unwrap_err();
    assert!(matches!(clash, StoreError::Conflict { .. }));
    store.update(id(1), change("Ida")).await.unwrap();
    let again = store.create(new_object(ObjectKind::User, 1, "Other")).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { property } if property == "id"));
    let unkeyed = |number| {
        let keys = IndexedKeys::default();
        crate::directory::NewObject { keys, ..new_object(ObjectKind::Group, number, "Staff") }
    };
    store.create(unkeyed(10)).await.unwrap();
    store.create(unkeyed(11)).await.unwrap();
}

pub(crate) async fn further_values_clash(store: &dyn ServerStore) {
    let with = |kind, number, values: &[&str]| {
        let mut object = new_object(kind, number, &format!("Object {number}"));
        object.keys.further = values.iter().map(|value| ("identifierUris", (*value).to_owned())).collect();
        object
    };
    let taken = |error: StoreError| {
        assert!(
            matches!(&error, StoreError::Conflict { property } if property == "identifierUris"),
            "{error}"
        );
    };
    let kind = ObjectKind::Application;
    store.create(with(kind, 1, &["api://one", "api://two", "api://two"])).await.unwrap();
    taken(store.create(with(kind, 2, &["api://three", "api://two"])).await.unwrap_err());
    assert_eq!(store.get(id(2)).await.unwrap(), None);
    store.create(with(ObjectKind::ServicePrincipal, 3, &["api://two"])).await.unwrap();
    store.create(with(kind, 4, &["api://three"])).await.unwrap();
    let renamed = |values: &[&str]| {
        let object = with(kind, 4, values);
        let mut properties = object.properties;
        properties.insert("values".into(), values.join(" ").into());
        crate::directory::ObjectChange { properties, keys: object.keys, edges: Vec::new() }
    };
    taken(store.update(id(4), renamed(&["api://one"])).await.unwrap_err());
    store.update(id(4), renamed(&["api://three", "api://four"])).await.unwrap();
    // In the recycle bin values are free; they are checked again when the object comes back.
    store.soft_delete(id(1), super::at(1)).await.unwrap();
    store.update(id(4), renamed(&["api://two"])).await.unwrap();
    taken(store.restore(id(1)).await.unwrap_err());
    store.update(id(4), renamed(&[])).await.unwrap();
    store.restore(id(1)).await.unwrap().unwrap();
    taken(store.create(with(kind, 5, &["api://one"])).await.unwrap_err());
    store.soft_delete(id(1), super::at(2)).await.unwrap();
    store.purge(id(1)).await.unwrap();
    store.create(with(kind, 5, &["api://one"])).await.unwrap();
}

pub(crate) async fn lists_page_in_order_of_creation(store: &dyn ServerStore) {
    for number in [3, 1, 2, 5, 4] {
        create(store, ObjectKind::User, number).await;
    }
    create(store, ObjectKind::Group, 9).await;
    store.soft_delete(id(1), super::at(1)).await.unwrap();
    let mut seen = Vec::new();
    let mut request = ListRequest { limit: 2, ..all(ObjectKind::User) };
    loop {
        let page = store.list(request.clone()).await.unwrap();
        seen.extend(ids(&page.objects));
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, [id(3), id(2), id(5), id(4)]);
    let bin = store.list(ListRequest { deleted: true, ..all(ObjectKind::User) }).await.unwrap();
    assert_eq!(ids(&bin.objects), [id(1)]);
}

pub(crate) async fn the_unique_key_finds_its_object(store: &dyn ServerStore) {
    store.create(new_object(ObjectKind::User, 4, "Åse")).await.unwrap();
    let by_key = store.get_by_key(ObjectKind::User, "åse").await.unwrap().unwrap();
    assert_eq!(by_key.id, id(4));
    assert_eq!(store.get_by_key(ObjectKind::Group, "åse").await.unwrap(), None);
    store.soft_delete(id(4), super::at(1)).await.unwrap();
    assert_eq!(store.get_by_key(ObjectKind::User, "åse").await.unwrap(), None);
}

pub(crate) async fn changes_get_numbers(store: &dyn ServerStore) {
    let created = create(store, ObjectKind::User, 1).await;
    let same = store.update(id(1), change("Object 1")).await.unwrap().unwrap();
    assert_eq!(same, created);
    assert_eq!(store.head().await.unwrap(), created.changed);
    let changed = store.update(id(1), change("Renamed")).await.unwrap().unwrap();
    assert!(changed.changed > created.changed);
    assert_eq!(changed.properties, properties("Renamed"));
    assert_eq!(store.head().await.unwrap(), changed.changed);
    assert_eq!(store.update(id(2), change("Nobody")).await.unwrap(), None);
    assert!(store.soft_delete(id(1), super::at(1)).await.unwrap());
    assert!(!store.soft_delete(id(1), super::at(2)).await.unwrap());
    assert_eq!(store.update(id(1), change("Deleted")).await.unwrap(), None);
    let head = store.head().await.unwrap();
    assert_eq!(store.restore(id(1)).await.unwrap().unwrap().changed, ChangeNumber(head.0 + 1));
    assert_eq!(store.restore(id(1)).await.unwrap(), None);
}

pub(crate) async fn restoring_checks_the_unique_key(store: &dyn ServerStore) {
    store.create(new_object(ObjectKind::User, 1, "Ida")).await.unwrap();
    store.soft_delete(id(1), super::at(1)).await.unwrap();
    store.create(new_object(ObjectKind::User, 2, "Ida")).await.unwrap();
    let clash = store.restore(id(1)).await.unwrap_err();
    assert!(matches!(clash, StoreError::Conflict { property } if property == "userPrincipalName"));
    store.soft_delete(id(2), super::at(2)).await.unwrap();
    let restored = store.restore(id(1)).await.unwrap().unwrap();
    assert_eq!((restored.deleted, restored.properties), (None, properties("Ida").into()));
    assert_eq!(store.get_by_key(ObjectKind::User, "ida").await.unwrap().unwrap().id, id(1));
}

pub(crate) async fn purged_objects_are_gone(store: &dyn ServerStore) {
    create(store, ObjectKind::User, 1).await;
    assert!(!store.purge(id(1)).await.unwrap(), "only from the recycle bin");
    store.soft_delete(id(1), super::at(1)).await.unwrap();
    assert!(store.purge(id(1)).await.unwrap());
    assert!(!store.purge(id(1)).await.unwrap());
    assert_eq!(store.get(id(1)).await.unwrap(), None);
    assert_eq!(store.restore(id(1)).await.unwrap(), None);
    let bin = store.list(ListRequest { deleted: true, ..all(ObjectKind::User) }).await.unwrap();
    assert!(bin.objects.is_empty());
    store.create(new_object(ObjectKind::User, 2, "Object 1")).await.unwrap();
}

pub(crate) async fn a_failing_create_leaves_nothing(store: &dyn ServerStore) {
    let head = store.head().await.unwrap();
    let mut broken = new_object(ObjectKind::User, 1, "Ida");
    broken.edges = vec![NewEdge { kind: EdgeKind::Manager, to: id(99) }];
    let error = store.create(broken).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }));
    assert_eq!(store.get(id(1)).await.unwrap(), None);
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(keys("Ida").unique.unwrap().1, "ida");
    store.create(new_object(ObjectKind::User, 1, "Ida")).await.unwrap();
}

pub(crate) async fn settings_are_set_once(store: &dyn ServerStore) {
    assert_eq!(store.setting("tenant").await.unwrap(), None);
    assert_eq!(store.setting_or_insert("tenant", "a").await.unwrap(), "a");
    assert_eq!(store.setting_or_insert("tenant", "b").await.unwrap(), "a");
    assert_eq!(store.setting("tenant").await.unwrap().as_deref(), Some("a"));
}

pub(crate) async fn templates_are_unique_in_an_application(store: &dyn ServerStore) {
    let template = |id: &str| TemplateRecord { id: id.into(), document: "{}".into(), schema: "[]".into() };
    for name in ["scim", "Another"] {
        store.create_template(id(1), template(name)).await.unwrap();
    }
    let clash = store.create_template(id(1), template("SCIM")).await.unwrap_err();
    assert!(matches!(clash, StoreError::Conflict { .. }));
    store.create_template(id(2), template("SCIM")).await.unwrap();
    assert_eq!(store.templates(id(1)).await.unwrap(), [template("scim"), template("Another")]);
    assert_eq!(store.templates(id(3)).await.unwrap(), []);
    let changed = TemplateRecord { document: "{1}".into(), schema: "[1]".into(), ..template("SCIM") };
    assert!(store.replace_template(id(1), changed.clone()).await.unwrap());
    assert!(!store.replace_template(id(3), changed.clone()).await.unwrap());
    let kept = TemplateRecord { id: "scim".into(), ..changed };
    assert_eq!(store.templates(id(1)).await.unwrap(), [kept, template("Another")]);
    assert!(store.delete_template(id(1), "Scim").await.unwrap());
    assert!(!store.delete_template(id(1), "scim").await.unwrap());
    assert_eq!(store.templates(id(1)).await.unwrap(), [template("Another")]);
    assert_eq!(store.templates(id(2)).await.unwrap(), [template("SCIM")]);
}

pub(crate) async fn secrets_merge_by_key(store: &dyn ServerStore) {
    let change = |key: &str, value: Option<&str>| SecretChange {
        key: key.into(),
        value: value.map(SecretString::from),
    };
    let read = async |owner| {
        let secrets = store.secrets(id(owner)).await.unwrap();
        let pairs =
            secrets.iter().map(|secret| (secret.key.clone(), secret.value.expose_secret().to_owned()));
        pairs.collect::<Vec<_>>()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let changes = vec![change("SecretToken", Some("one")), change("BaseAddress", Some("https://a.example"))];
    store.change_secrets(id(1), changes).await.unwrap();
    store.change_secrets(id(1), vec![change("SecretToken", Some("two"))]).await.unwrap();
    store.change_secrets(id(2), vec![change("SecretToken", Some("other"))]).await.unwrap();
    assert_eq!(read(1).await, [pair("SecretToken", "two"), pair("BaseAddress", "https://a.example")]);
    store.change_secrets(id(1), vec![change("SecretToken", None), change("Unknown", None)]).await.unwrap();
    assert_eq!(read(1).await, [pair("BaseAddress", "https://a.example")]);
    assert_eq!(read(2).await, [pair("SecretToken", "other")]);
    assert!(!format!("{:?}", store.secrets(id(2)).await.unwrap()).contains("other"));
}
