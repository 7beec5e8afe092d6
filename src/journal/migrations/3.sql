-- What went back of a sale's charges, as the gateway last said.
ALTER TABLE sale ADD COLUMN refunded_satang INTEGER NOT NULL DEFAULT 0;
