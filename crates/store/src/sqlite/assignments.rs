//! App role assignments, and the touches that bring them into the change feed.
//!
//! A touch is the newest change of what an object is assigned to: one row for each service principal and
//! principal, which moves to the end of the feed. Whoever is assigned has one.

use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::fault::Fault;
use super::objects::{self, Stored};
use super::writer::Writing;
use super::{codec, query};
use crate::directory::{Assignment, AssignmentsOf, EdgeKind, ObjectKind};

/// Assignments whose ends are both there, as [`assignment`] reads them.
const SELECT: &str = "SELECT a.key, a.id, a.role, p.id, p.kind, r.id, a.created FROM assignment a \
     JOIN directory_object p ON p.seq = a.principal JOIN directory_object r ON r.seq = a.resource \
     WHERE p.state = 0 AND r.state = 0";

fn assignment(row: &Row<'_>) -> Result<Assignment, Fault> {
    Ok(Assignment {
        key: row.get(0)?,
        id: row.get(1)?,
        role: codec::id(row, 2)?,
        principal: codec::id(row, 3)?,
        principal_kind: objects::kind(row, 4)?,
        resource: codec::id(row, 5)?,
        created: codec::time(row, 6)?,
    })
}

pub(super) fn create(writing: &Writing<'_>, new: &Assignment) -> Result<Assignment, Fault> {
    let principal = objects::need_live(writing, new.principal)?;
    let resource = objects::need_live(writing, new.resource)?;
    let role = new.role.as_bytes();
    let sql = "SELECT 1 FROM assignment WHERE resource = ?1 AND principal = ?2 AND role = ?3";
    if query::exists(writing, sql, params![resource.seq, principal.seq, role])? {
        return Err(Fault::conflict("appRoleId"));
    }
    if query::exists(writing, "SELECT 1 FROM assignment WHERE id = ?1", [&new.id])? {
        return Err(Fault::conflict("id"));
    }
    let sql = "INSERT INTO assignment (id, role, principal, resource, created) VALUES (?1, ?2, ?3, ?4, ?5)";
    let created = codec::micros(new.created);
    query::execute(writing, sql, params![new.id, role, principal.seq, resource.seq, created])?;
    touch_assigned(writing, resource.seq, &principal)?;
    find(writing, &new.id)?.ok_or_else(|| Fault::not_found(format!("assignment {}", new.id)))
}

pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<Assignment>, Fault> {
    query::first(connection, &format!("{SELECT} AND a.id = ?1"), [id], assignment)
}

pub(super) fn remove(writing: &Writing<'_>, id: &str) -> Result<bool, Fault> {
    let sql = "SELECT p.id, a.resource FROM assignment a JOIN directory_object p ON p.seq = a.principal \
               WHERE a.id = ?1";
    let ends = query::first(writing, sql, [id], |row| Ok((codec::id(row, 0)?, row.get::<_, i64>(1)?)))?;
    let Some((principal, resource)) = ends else { return Ok(false) };
    query::execute(writing, "DELETE FROM assignment WHERE id = ?1", [id])?;
    if let Some(principal) = objects::find(writing, principal)? {
        touch_assigned(writing, resource, &principal)?;
    }
    Ok(true)
}

pub(super) fn list(
    connection: &Connection,
    of: AssignmentsOf,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<Assignment>, Fault> {
    let (column, id) = match of {
        AssignmentsOf::Resource(id) => ("resource", id),
        AssignmentsOf::Principal(id) => ("principal", id),
    };
    let Some(end) = objects::find(connection, id)? else { return Ok(Vec::new()) };
    let sql = format!("{SELECT} AND a.{column} = ?1 AND a.key > ?2 ORDER BY a.key LIMIT ?3");
    let params = params![end.seq, after.unwrap_or(0), query::limit(limit)];
    query::all(connection, &sql, params, assignment)
}

pub(super) fn is_assigned(connection: &Connection, principal: Uuid, resource: Uuid) -> Result<bool, Fault> {
    let principal = objects::find(connection, principal)?;
    let resource = objects::find(connection, resource)?;
    match (principal, resource) {
        (Some(principal), Some(resource)) => {
            let sql = format!("SELECT {}", assigned(principal.object.kind, "?1", "?2"));
            Ok(query::first(connection, &sql, [principal.seq, resource.seq], |row| Ok(row.get(0)?))?
                .unwrap_or(false))
        }
        _ => Ok(false),
    }
}

/// SQL for whether a principal of this kind is assigned to a resource, directly or as a direct member of a group
/// that is not deleted. Groups only directly: a group in an assigned one is not assigned. It begins with the groups of
/// the principal: those are fewer than what is assigned.
pub(super) fn assigned(kind: ObjectKind, principal: &str, resource: &str) -> String {
    let directly = format!(
        "EXISTS (SELECT 1 FROM assignment a WHERE a.resource = {resource} AND a.principal = {principal})"
    );
    if kind == ObjectKind::Group {
        return directly;
    }
    format!(
        "({directly} OR EXISTS (SELECT 1 FROM edge e CROSS JOIN assignment a ON a.resource = {resource} \
         AND a.principal = e.from_object CROSS JOIN directory_object g ON g.seq = e.from_object AND g.state = 0 \
         WHERE e.to_object = {principal} AND e.kind = 0 AND e.present = 1))"
    )
}

/// The assignment of `principal` changed; that of a group concerns its members too.
fn touch_assigned(writing: &Writing<'_>, resource: i64, principal: &Stored) -> Result<(), Fault> {
    touch(writing, resource, principal.seq, principal.object.kind)?;
    touch_members_for(writing, resource, principal)
}

/// An assigned group was deleted or restored.
pub(super) fn touch_members(writing: &Writing<'_>, group: &Stored) -> Result<(), Fault> {
    for resource in resources(writing, group.seq)? {
        touch_members_for(writing, resource, group)?;
    }
    Ok(())
}

fn touch_members_for(writing: &Writing<'_>, resource: i64, group: &Stored) -> Result<(), Fault> {
    if group.object.kind != ObjectKind::Group {
        return Ok(());
    }
    let sql = "SELECT o.seq, o.kind FROM edge e JOIN directory_object o ON o.seq = e.to_object \
               WHERE e.from_object = ?1 AND e.kind = ?2 AND e.present = 1 ORDER BY e.changed";
    let members = query::all(writing, sql, params![group.seq, EdgeKind::Member], |row| {
        Ok((row.get(0)?, objects::kind(row, 1)?))
    })?;
    members.into_iter().try_for_each(|(member, kind)| touch(writing, resource, member, kind))
}

/// A member came to or went from a group.
pub(super) fn touch_member(writing: &Writing<'_>, group: i64, member: &Stored) -> Result<(), Fault> {
    let resources = resources(writing, group)?;
    resources.into_iter().try_for_each(|resource| touch(writing, resource, member.seq, member.object.kind))
}

fn resources(writing: &Writing<'_>, principal: i64) -> Result<Vec<i64>, Fault> {
    let sql = "SELECT DISTINCT resource FROM assignment WHERE principal = ?1 ORDER BY resource";
    query::all(writing, sql, [principal], |row| Ok(row.get(0)?))
}

fn touch(writing: &Writing<'_>, resource: i64, principal: i64, kind: ObjectKind) -> Result<(), Fault> {
    let seq = writing.next_change();
    let sql = "INSERT INTO touch (seq, resource, principal, kind) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (resource, principal) DO UPDATE SET seq = excluded.seq";
    query::execute(writing, sql, params![seq.0, resource, principal, kind])?;
    Ok(())
}

/// Takes the assignments of an object away that is gone for good.
pub(super) fn purge(writing: &Writing<'_>, seq: i64) -> Result<(), Fault> {
    query::execute(writing, "DELETE FROM assignment WHERE principal = ?1", [seq])?;
    query::execute(writing, "DELETE FROM assignment WHERE resource = ?1", [seq])?;
    query::execute(writing, "DELETE FROM touch WHERE resource = ?1", [seq])?;
    Ok(())
}
