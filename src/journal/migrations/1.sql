-- What happened, in order. Never changed; removed only with its settled sale.
CREATE TABLE record (
    seq        INTEGER PRIMARY KEY,
    previous   INTEGER NOT NULL, -- seq of the same sale's record before this one; 0: the sale begins here
    written_at TEXT    NOT NULL, -- wall clock, for people; it decides nothing about money
    reference  TEXT    NOT NULL,
    body       TEXT    NOT NULL, -- the fact as JSON
    unsettled  INTEGER NOT NULL, -- how many sales are not settled after this record
    checksum   BLOB    NOT NULL, -- SHA-256 over the previous record's checksum and this row, first 16 bytes
    fact       TEXT GENERATED ALWAYS AS (body ->> 'fact') VIRTUAL,
    attempt    TEXT GENERATED ALWAYS AS (body ->> 'attempt') VIRTUAL
) STRICT;

-- One row for each sale, made from its records and nothing else.
CREATE TABLE sale (
    id            INTEGER PRIMARY KEY,  -- seq of its first record
    reference     TEXT    NOT NULL UNIQUE,
    last_seq      INTEGER NOT NULL,
    checksum      BLOB    NOT NULL,     -- of its last record
    settled       INTEGER NOT NULL,
    amount_satang INTEGER NOT NULL,
    armed_at      TEXT    NOT NULL,     -- wall clock of the first arming
    outcome       TEXT,
    charge_id     TEXT,
    failure_code  TEXT,
    attempts      INTEGER NOT NULL,
    late_success  INTEGER NOT NULL,
    acknowledged  INTEGER NOT NULL
) STRICT;

CREATE INDEX unsettled_sale ON sale (settled) WHERE settled = 0;

CREATE TRIGGER record_is_final BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;

CREATE TRIGGER unsettled_sale_stays BEFORE DELETE ON sale WHEN OLD.settled = 0
BEGIN SELECT RAISE(ABORT, 'a sale that is not settled is never removed'); END;

CREATE TRIGGER record_stays_with_its_sale BEFORE DELETE ON record
WHEN EXISTS (SELECT 1 FROM sale WHERE reference = OLD.reference)
BEGIN SELECT RAISE(ABORT, 'a record is removed only after its settled sale'); END;
