-- The provisioning log in the order of time and by what its entries are about; uploads that wait.

DROP INDEX provisioning_log_job;
DROP INDEX provisioning_log_cycle;
CREATE INDEX provisioning_log_job ON provisioning_log (job, at);
CREATE INDEX provisioning_log_cycle ON provisioning_log (cycle, at);
CREATE INDEX provisioning_log_status ON provisioning_log (status, job, at);
CREATE INDEX log_job_service_principal ON log_job (service_principal);

-- Entries by change (what = 0) and by the id of the source object (what = 1), 8192 entries a part. Both come
-- in no order: within a part they touch few pages, and a reading asks each part once.
CREATE TABLE log_lookup (
    part  INTEGER NOT NULL,
    what  INTEGER NOT NULL,
    value ANY     NOT NULL,
    seq   INTEGER NOT NULL,
    PRIMARY KEY (part, what, value, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO log_lookup
    SELECT seq >> 13, 0, unhex(replace(body ->> '$.change', '-', '')), seq FROM provisioning_log;
INSERT INTO log_lookup
    SELECT
        seq >> 13, 1,
        CASE
            WHEN length(source) = 36 AND source NOT GLOB '*[^-0-9a-f]*' AND length(replace(source, '-', '')) = 32
                AND source GLOB '????????-????-????-????-????????????'
            THEN unhex(replace(source, '-', ''))
            ELSE source
        END,
        seq
    FROM (SELECT seq, body ->> '$.source.id' AS source FROM provisioning_log)
    WHERE source <> '';

-- Operations of bulk uploads, for the connector that will read them.
CREATE TABLE upload (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    job      INTEGER NOT NULL,
    request  BLOB    NOT NULL,
    bulk_id  TEXT    NOT NULL,
    anchor   TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    received INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_job ON upload (job);
