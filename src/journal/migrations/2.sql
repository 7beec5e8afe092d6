-- The sale of a charge, of whichever attempt, for what the gateway says of a charge later.
ALTER TABLE record ADD COLUMN charge TEXT GENERATED ALWAYS AS (body ->> 'charge') VIRTUAL;
CREATE INDEX record_of_charge ON record (charge) WHERE charge IS NOT NULL;

-- The webhooks that were taken, so that none is taken twice. No sale depends on them.
CREATE TABLE webhook_event (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    charge      TEXT    NOT NULL,
    received_at TEXT    NOT NULL         -- wall clock, for people
) STRICT;
