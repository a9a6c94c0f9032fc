-- Filters, orders and nested groups of the directory answered by index.

-- Values that filters ask for, folded to lower case; `property` numbers them for all kinds
-- (crates/store/src/indexed.rs). Objects in the recycle bin keep theirs.
CREATE TABLE indexed_value (
    property INTEGER NOT NULL,
    value    TEXT    NOT NULL,
    object   INTEGER NOT NULL,
    PRIMARY KEY (property, value, object)
) STRICT, WITHOUT ROWID;

CREATE INDEX directory_object_created ON directory_object (kind, created);

-- nested: a group that is a member of a group. Few of all members are, and only they lead further.
ALTER TABLE edge ADD COLUMN nested INTEGER NOT NULL DEFAULT 0;
UPDATE edge SET nested = 1
    WHERE kind = 0 AND to_object IN (SELECT seq FROM directory_object WHERE kind = 1);
CREATE INDEX edge_nested ON edge (from_object) WHERE nested = 1;
