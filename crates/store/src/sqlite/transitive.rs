//! What is reached over relationships of one kind, over any number of them. Cycles do no harm: an object that
//! was reached is not gone through again.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::fault::Fault;
use super::listing::MOST_ROWS;
use super::objects::{self, COLUMNS};
use super::query;
use crate::directory::{EdgeKind, ObjectPage, Place, Transitive};

/// A page of what is reached from an object.
pub(super) fn list(
    connection: &Connection,
    from: Uuid,
    over: Transitive,
    after: Option<Place>,
    limit: usize,
) -> Result<ObjectPage, Fault> {
    let Some(from) = objects::find_live(connection, from)? else { return Ok(ObjectPage::default()) };
    match over {
        Transitive::Members => members(connection, from.seq, after, limit),
        Transitive::MemberOf => upward(connection, from.seq, EdgeKind::Member, after, limit),
        Transitive::Reports => upward(connection, from.seq, EdgeKind::Manager, after, limit),
    }
}

/// Those that have the relationship to the object, and those that have it to them, in order of creation.
fn upward(
    connection: &Connection,
    from: i64,
    kind: EdgeKind,
    after: Option<Place>,
    limit: usize,
) -> Result<ObjectPage, Fault> {
    let sql = format!(
        "WITH RECURSIVE reached(seq) AS (SELECT ?1 UNION SELECT e.from_object FROM reached \
         CROSS JOIN edge e ON e.to_object = reached.seq AND e.kind = ?2 AND e.present = 1 \
         CROSS JOIN directory_object h ON h.seq = e.from_object AND h.state = 0) \
         SELECT o.seq, {COLUMNS} FROM directory_object o WHERE o.seq IN (SELECT seq FROM reached \
         WHERE seq <> ?1 AND seq > ?3 ORDER BY seq LIMIT ?4) ORDER BY o.seq"
    );
    let after = after.map_or(0, |place| place.seq);
    objects::page(connection, &sql, params![from, kind, after, query::limit(limit)], limit)
}

/// Members of the group, then of one nested group after the other; who is in an earlier one was given there.
fn members(
    connection: &Connection,
    group: i64,
    after: Option<Place>,
    limit: usize,
) -> Result<ObjectPage, Fault> {
    let groups = nested(connection, group)?;
    let begin = after.unwrap_or_default();
    let mut page = ObjectPage::default();
    let mut earlier = HashSet::new();
    let mut seen = 0;
    for holder in groups {
        // Groups come in order of creation, so that one that is nested meanwhile moves no place.
        if holder >= begin.part {
            let mut position = if holder == begin.part { begin.seq } else { 0 };
            loop {
                let wanted = limit - page.objects.len();
                if wanted == 0 {
                    page.next = page.places.last().cloned();
                    return Ok(page);
                }
                let rows = direct(connection, holder, position, wanted)?;
                let full = rows.objects.len() >= wanted;
                seen += rows.objects.len();
                position = rows.places.last().map_or(position, |place| place.seq);
                for (mut place, object) in rows.places.into_iter().zip(rows.objects) {
                    let seq = place.part;
                    place.part = holder;
                    if seq != group && !is_in(connection, seq, &earlier)? {
                        page.places.push(place);
                        page.objects.push(object);
                    }
                }
                if !full {
                    break;
                }
                if seen >= MOST_ROWS {
                    page.next = Some(Place { part: holder, key: None, seq: position });
                    return Ok(page);
                }
            }
        }
        earlier.insert(holder);
    }
    Ok(page)
}

/// The group and all groups in it.
fn nested(connection: &Connection, group: i64) -> Result<Vec<i64>, Fault> {
    let sql = "WITH RECURSIVE reached(seq) AS (SELECT ?1 UNION SELECT e.to_object FROM reached \
               CROSS JOIN edge e INDEXED BY edge_nested ON e.from_object = reached.seq AND e.nested = 1 \
               AND e.present = 1 CROSS JOIN directory_object o ON o.seq = e.to_object AND o.state = 0) \
               SELECT seq FROM reached ORDER BY seq";
    query::all(connection, sql, [group], |row| Ok(row.get(0)?))
}

/// Direct members; the part of their places is their number.
fn direct(connection: &Connection, group: i64, after: i64, limit: usize) -> Result<ObjectPage, Fault> {
    let sql = format!(
        "SELECT e.changed, {COLUMNS} FROM edge e JOIN directory_object o ON o.seq = e.to_object \
         WHERE e.from_object = ?1 AND e.kind = ?2 AND e.changed > ?3 AND e.present = 1 AND o.state = 0 \
         ORDER BY e.changed LIMIT ?4"
    );
    let params = params![group, EdgeKind::Member, after, query::limit(limit)];
    let mut page = ObjectPage::default();
    let rows =
        query::all(connection, &sql, params, |row| Ok((row.get::<_, i64>(0)?, objects::object(row, 1)?)))?;
    for (changed, stored) in rows {
        page.places.push(Place { part: stored.seq, key: None, seq: changed });
        page.objects.push(stored.object);
    }
    Ok(page)
}

/// Whether an object is a direct member of one of these groups; it is in few.
fn is_in(connection: &Connection, member: i64, groups: &HashSet<i64>) -> Result<bool, Fault> {
    if groups.is_empty() {
        return Ok(false);
    }
    let sql = "SELECT from_object FROM edge WHERE to_object = ?1 AND kind = ?2 AND present = 1";
    let holders: Vec<i64> =
        query::all(connection, sql, params![member, EdgeKind::Member], |row| Ok(row.get(0)?))?;
    Ok(holders.iter().any(|holder| groups.contains(holder)))
}
