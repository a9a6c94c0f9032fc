//! A target that does what it is told with each request: carries it out, refuses it, or loses the answer.

#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use provisor_engine::object::{TargetId, TargetObject};
use provisor_engine::ports::{
    Capabilities, Change, ConnectorError, Created, ErrorClass, Findings, ListCursor, ObjectPage,
    ReferenceWrite, SlotValue, Target,
};

/// One request.
pub(crate) enum Request<'a> {
    Check,
    Get(&'a TargetId),
    Find(&'a SlotValue),
    List,
    Create(&'a [SlotValue]),
    Update(&'a TargetId),
    References(&'a TargetId, &'a ReferenceWrite),
    Delete(&'a TargetId),
}

/// What happens to one request.
pub(crate) enum Fate {
    Works,
    /// Refused before anything was done.
    Refused(ConnectorError),
    /// Done, and the answer lost.
    Lost(ConnectorError),
}

/// A failure of this class, of a request that was not carried out.
pub(crate) fn refused(class: ErrorClass) -> Fate {
    Fate::Refused(ConnectorError::new(class, "a request", "a fault on purpose"))
}

/// A request that was carried out, and whose answer was lost.
pub(crate) fn lost() -> Fate {
    let error = ConnectorError::new(ErrorClass::Transient, "a request", "a fault on purpose");
    Fate::Lost(ConnectorError { maybe_applied: true, ..error })
}

type Rule = dyn Fn(&Request<'_>) -> Fate + Send + Sync;

pub(crate) struct Unruly {
    inner: Arc<dyn Target>,
    rule: Box<Rule>,
    /// What it is found to be before a cycle.
    pub(crate) findings: Findings,
    /// Creates of what was there already: the mark of an account that would be there twice, were the
    /// application less careful.
    pub(crate) doubled: Arc<AtomicUsize>,
}

impl Unruly {
    pub(crate) fn new(
        inner: Arc<dyn Target>,
        rule: impl Fn(&Request<'_>) -> Fate + Send + Sync + 'static,
    ) -> Self {
        Self { inner, rule: Box::new(rule), findings: Findings::default(), doubled: Arc::default() }
    }

    async fn meet<T>(
        &self,
        request: Request<'_>,
        work: impl Future<Output = Result<T, ConnectorError>>,
    ) -> Result<T, ConnectorError> {
        match (self.rule)(&request) {
            Fate::Works => work.await,
            Fate::Refused(error) => Err(error),
            Fate::Lost(error) => work.await.and(Err(error)),
        }
    }
}

#[async_trait::async_trait]
impl Target for Unruly {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    async fn check(&self) -> Result<(), ConnectorError> {
        self.meet(Request::Check, self.inner.check()).await
    }
    async fn prepare(&self, _probe: bool) -> Result<Findings, ConnectorError> {
        self.inner.prepare(false).await.map(|_| self.findings.clone())
    }
    async fn get(&self, shape: usize, id: &TargetId) -> Result<Option<TargetObject>, ConnectorError> {
        self.meet(Request::Get(id), self.inner.get(shape, id)).await
    }
    async fn find(&self, shape: usize, by: &SlotValue) -> Result<Vec<TargetObject>, ConnectorError> {
        self.meet(Request::Find(by), self.inner.find(shape, by)).await
    }
    async fn list(&self, shape: usize, cursor: ListCursor) -> Result<ObjectPage, ConnectorError> {
        self.meet(Request::List, self.inner.list(shape, cursor)).await
    }
    async fn create(&self, shape: usize, values: &[SlotValue]) -> Result<Created, ConnectorError> {
        let create = async {
            let created = self.inner.create(shape, values).await;
            if created.as_ref().is_err_and(|error| error.class == ErrorClass::Conflict) {
                self.doubled.fetch_add(1, Ordering::Relaxed);
            }
            created
        };
        self.meet(Request::Create(values), create).await
    }
    async fn update(&self, shape: usize, id: &TargetId, changes: &[Change]) -> Result<(), ConnectorError> {
        self.meet(Request::Update(id), self.inner.update(shape, id, changes)).await
    }
    async fn write_references(
        &self,
        shape: usize,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError> {
        self.meet(Request::References(id, write), self.inner.write_references(shape, id, write)).await
    }
    async fn delete(&self, shape: usize, id: &TargetId) -> Result<(), ConnectorError> {
        self.meet(Request::Delete(id), self.inner.delete(shape, id)).await
    }
}
