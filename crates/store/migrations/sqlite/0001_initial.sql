-- The store's first layout.
--
-- Times are microseconds since 1970 in UTC, ids of the directory are 16 bytes. Where other systems name an
-- object (anchor, target), a GUID in its canonical spelling is kept as 16 bytes and
-- everything else as text; the column type ANY keeps the two apart.
-- Every table that grows has integer keys that grow: random keys cost an insert some twenty times more.

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- state: 0 there, 1 in the recycle bin, 2 purged (only id, kind and changed still mean something).
CREATE TABLE directory_object (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    kind       INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    unique_key TEXT,
    name_key   TEXT,
    created    INTEGER NOT NULL,
    deleted    INTEGER,
    changed    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX directory_object_unique_key ON directory_object (kind, unique_key)
    WHERE state = 0 AND unique_key IS NOT NULL;
CREATE INDEX directory_object_name_key ON directory_object (kind, state, name_key);
CREATE INDEX directory_object_state ON directory_object (kind, state);
CREATE INDEX directory_object_changed ON directory_object (kind, changed);

-- Further values that only one object of a kind may have, while it is there.
CREATE TABLE unique_value (
    kind     INTEGER NOT NULL,
    property TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    object   INTEGER NOT NULL,
    PRIMARY KEY (kind, property, value, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_value_object ON unique_value (object);

-- A relationship that was taken away stays with present = 0: the change feed tells of it.
CREATE TABLE edge (
    seq         INTEGER PRIMARY KEY,
    kind        INTEGER NOT NULL,
    from_object INTEGER NOT NULL,
    to_object   INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    present     INTEGER NOT NULL,
    UNIQUE (from_object, kind, to_object)
) STRICT;
CREATE INDEX edge_from ON edge (from_object, kind, changed);
CREATE INDEX edge_to ON edge (to_object, kind, changed);

CREATE TABLE assignment (
    key       INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT    NOT NULL UNIQUE,
    role      BLOB    NOT NULL,
    principal INTEGER NOT NULL,
    resource  INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    UNIQUE (resource, principal, role)
) STRICT;
CREATE INDEX assignment_resource ON assignment (resource);
CREATE INDEX assignment_principal ON assignment (principal);

-- The newest change of what is assigned to a service principal; seq is the change number.
CREATE TABLE touch (
    seq       INTEGER PRIMARY KEY,
    resource  INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    UNIQUE (resource, principal)
) STRICT;
CREATE INDEX touch_feed ON touch (resource, kind, seq);

CREATE TABLE template (
    key      INTEGER PRIMARY KEY,
    app_id   BLOB NOT NULL,
    id       TEXT NOT NULL COLLATE NOCASE,
    document TEXT NOT NULL,
    schema   TEXT NOT NULL,
    UNIQUE (app_id, id)
) STRICT;

CREATE TABLE secret (
    key               INTEGER PRIMARY KEY,
    service_principal BLOB    NOT NULL,
    name              TEXT    NOT NULL,
    version           INTEGER NOT NULL,
    sealed            BLOB    NOT NULL,
    UNIQUE (service_principal, name)
) STRICT;

CREATE TABLE job (
    key               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    service_principal BLOB    NOT NULL,
    template_id       TEXT    NOT NULL,
    state             TEXT    NOT NULL,
    settings          TEXT    NOT NULL,
    log_job           INTEGER NOT NULL,
    lease             INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_service_principal ON job (service_principal);

-- Apart from the job, because one is large and the other is written with every batch.
CREATE TABLE job_schema (
    job  INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE checkpoint (
    job  INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE object_type (
    key  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- What a job knows in its source, linked or only waited for. Other tables name it by its key, which grows:
-- an anchor comes in no order, and every index that begins with one costs a page of its own to write.
CREATE TABLE source_object (
    key    INTEGER PRIMARY KEY,
    job    INTEGER NOT NULL,
    anchor ANY     NOT NULL,
    UNIQUE (job, anchor)
) STRICT;

-- missed: changes of its references were passed over since they were told whole.
CREATE TABLE link (
    key    INTEGER PRIMARY KEY,
    job    INTEGER NOT NULL,
    type   INTEGER NOT NULL,
    object INTEGER NOT NULL,
    target ANY     NOT NULL,
    seen   INTEGER NOT NULL,
    missed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (object, type)
) STRICT;
CREATE INDEX link_target ON link (job, target, type);

CREATE TABLE link_count (
    job   INTEGER NOT NULL,
    type  INTEGER NOT NULL,
    links INTEGER NOT NULL,
    PRIMARY KEY (job, type)
) STRICT;

-- exported: 0 no, 1 yes, 2 perhaps (a write of it failed).
-- due: both ends are as they must be to write it; not_before puts it off.
-- part: the sweep of the unfinished reading that listed it.
-- Keys are never used twice: a late outcome must not hit another reference.
CREATE TABLE reference (
    key         INTEGER PRIMARY KEY AUTOINCREMENT,
    job         INTEGER NOT NULL,
    type        INTEGER NOT NULL,
    source      INTEGER NOT NULL,
    slot        INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    desired     INTEGER NOT NULL,
    exported    INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    not_before  INTEGER NOT NULL DEFAULT 0,
    part        INTEGER,
    UNIQUE (source, type, slot, destination)
) STRICT;
CREATE INDEX reference_destination ON reference (destination);
CREATE INDEX reference_due ON reference (job, source, type, slot) WHERE due = 1;
CREATE INDEX reference_put_off ON reference (job, not_before) WHERE due = 1 AND not_before > 0;

CREATE TABLE escrow (
    key      INTEGER PRIMARY KEY,
    job      INTEGER NOT NULL,
    type     INTEGER NOT NULL,
    object   INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    class    TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    UNIQUE (object, type)
) STRICT;
CREATE INDEX escrow_due ON escrow (job, due);

CREATE TABLE inventory (
    key    INTEGER PRIMARY KEY,
    job    INTEGER NOT NULL,
    type   INTEGER NOT NULL,
    slot   INTEGER NOT NULL,
    value  TEXT    NOT NULL,
    target ANY     NOT NULL,
    UNIQUE (job, type, slot, value, target)
) STRICT;

-- Names of jobs in the log; they outlive the jobs.
CREATE TABLE log_job (
    key               INTEGER PRIMARY KEY,
    id                TEXT NOT NULL,
    service_principal BLOB NOT NULL,
    UNIQUE (id, service_principal)
) STRICT;

CREATE TABLE provisioning_log (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    id     BLOB    NOT NULL,
    job    INTEGER NOT NULL,
    cycle  BLOB    NOT NULL,
    at     INTEGER NOT NULL,
    status INTEGER NOT NULL,
    body   TEXT    NOT NULL
) STRICT;
CREATE INDEX provisioning_log_id ON provisioning_log (id);
-- With the time inside, a reading of a time span touches no bodies that it does not give.
CREATE INDEX provisioning_log_job ON provisioning_log (job, seq, at);
CREATE INDEX provisioning_log_cycle ON provisioning_log (cycle, seq, at);
CREATE INDEX provisioning_log_at ON provisioning_log (at);
