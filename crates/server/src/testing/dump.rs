//! Everything that is stored, as a text: what a refused request must not change.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use provisor_store::ServerStore;
use provisor_store::directory::{AssignmentsOf, DirectoryObject, EdgeKind, ListRequest, Lookup, ObjectKind};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::TestApp;

impl TestApp {
    /// Everything that is stored, as a text to compare.
    pub(crate) async fn dump(&self) -> String {
        let store = &self.state.store;
        let mut dump = String::new();
        for kind in
            [ObjectKind::User, ObjectKind::Group, ObjectKind::Application, ObjectKind::ServicePrincipal]
        {
            for deleted in [false, true] {
                let request = ListRequest { kind, deleted, lookup: Lookup::All, after: None, limit: 1000 };
                for object in store.list(request).await.unwrap().objects {
                    dump_object(store.as_ref(), &object, &mut dump).await;
                }
            }
        }
        for job in store.jobs(None).await.unwrap() {
            let schema = store.job_schema(job.key).await.unwrap();
            writeln!(dump, "{job:?} {schema:?}").unwrap();
        }
        dump
    }
}

async fn dump_object(store: &dyn ServerStore, object: &DirectoryObject, dump: &mut String) {
    writeln!(dump, "{object:?}").unwrap();
    for edge in [EdgeKind::Member, EdgeKind::Manager, EdgeKind::Owner] {
        for other in store.related(object.id, edge, None, 1000).await.unwrap().objects {
            writeln!(dump, "  {edge:?} {}", other.id).unwrap();
        }
    }
    if object.kind == ObjectKind::ServicePrincipal {
        for assignment in store.assignments(AssignmentsOf::Resource(object.id), None, 1000).await.unwrap() {
            writeln!(dump, "  {assignment:?}").unwrap();
        }
        let secrets = store.secrets(object.id).await.unwrap();
        let secrets: BTreeMap<_, _> =
            secrets.iter().map(|secret| (&secret.key, secret.value.expose_secret())).collect();
        writeln!(dump, "  {secrets:?}").unwrap();
    }
    if object.kind == ObjectKind::Application {
        let app_id: Uuid = object.properties["appId"].as_str().unwrap().parse().unwrap();
        writeln!(dump, "  {:?}", store.templates(app_id).await.unwrap()).unwrap();
    }
}
