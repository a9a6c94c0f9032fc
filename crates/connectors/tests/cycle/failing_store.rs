//! A store that fails to settle the batches it is told to.

use std::sync::Arc;

use jiff::Timestamp;
use provisor_engine::log::Identity;
use provisor_engine::object::{Anchor, ObjectType, TargetId};
use provisor_engine::ports::{
    Checkpoint, DueReference, Escrow, JobKey, LeaseToken, LinkRow, Reset, Settlement, Store, StoreError,
};

type Rule = dyn Fn(&Settlement) -> bool + Send + Sync;

/// Passes everything on but the batches for which the rule holds.
pub(crate) struct FailingStore {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) fails: Box<Rule>,
}

#[async_trait::async_trait]
impl Store for FailingStore {
    async fn acquire(&self, job: JobKey) -> Result<LeaseToken, StoreError> {
        self.inner.acquire(job).await
    }
    async fn checkpoint(&self, job: JobKey) -> Result<Option<Checkpoint>, StoreError> {
        self.inner.checkpoint(job).await
    }
    async fn links(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchors: &[Anchor],
    ) -> Result<Vec<Option<TargetId>>, StoreError> {
        self.inner.links(job, object_type, anchors).await
    }
    async fn missed_references(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchor: &Anchor,
    ) -> Result<bool, StoreError> {
        self.inner.missed_references(job, object_type, anchor).await
    }
    async fn linked_anchor(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        target: &TargetId,
    ) -> Result<Option<Anchor>, StoreError> {
        self.inner.linked_anchor(job, object_type, target).await
    }
    async fn unseen_links(
        &self,
        job: JobKey,
        sweep: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LinkRow>, StoreError> {
        self.inner.unseen_links(job, sweep, after, limit).await
    }
    async fn last_known(&self, job: JobKey, anchor: &Anchor) -> Result<Option<Identity>, StoreError> {
        self.inner.last_known(job, anchor).await
    }
    async fn settle(&self, job: JobKey, lease: LeaseToken, batch: Settlement) -> Result<(), StoreError> {
        if (self.fails)(&batch) {
            let (operation, reason) = ("settle".to_owned(), "a fault on purpose".to_owned());
            return Err(StoreError::Backend { operation, reason });
        }
        self.inner.settle(job, lease, batch).await
    }
    async fn due_references(
        &self,
        job: JobKey,
        now: Timestamp,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<DueReference>, StoreError> {
        self.inner.due_references(job, now, skip, limit).await
    }
    async fn escrow(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchor: &Anchor,
    ) -> Result<Option<Escrow>, StoreError> {
        self.inner.escrow(job, object_type, anchor).await
    }
    async fn due_escrows(
        &self,
        job: JobKey,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Escrow>, StoreError> {
        self.inner.due_escrows(job, now, limit).await
    }
    async fn next_due(&self, job: JobKey) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_due(job).await
    }
    async fn inventory(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        slot: usize,
        value: &str,
    ) -> Result<Vec<TargetId>, StoreError> {
        self.inner.inventory(job, object_type, slot, value).await
    }
    async fn clear_inventory(&self, job: JobKey, lease: LeaseToken) -> Result<(), StoreError> {
        self.inner.clear_inventory(job, lease).await
    }
    async fn reset(&self, job: JobKey, reset: Reset) -> Result<(), StoreError> {
        self.inner.reset(job, reset).await
    }
}
