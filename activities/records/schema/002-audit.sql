-- The audit log: append-only, every row carries the hash of the row before, and the head says how many rows there must be.

CREATE TABLE mvca.audit (
  row         bigint PRIMARY KEY,
  app         text NOT NULL,
  deployment  text NOT NULL,
  run         text NOT NULL,
  sequence    bigint NOT NULL,
  -- Text exactly as it was hashed.
  at          text NOT NULL,
  actor       text NOT NULL,
  action      text NOT NULL,
  environment text,
  summary     text NOT NULL,
  facts       jsonb NOT NULL,
  previous    text NOT NULL,
  hash        text NOT NULL,
  UNIQUE (deployment, run, sequence)
);
CREATE INDEX audit_by_app ON mvca.audit (app, row DESC);

CREATE TABLE mvca.audit_head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  rows bigint NOT NULL,
  hash text NOT NULL
);
INSERT INTO mvca.audit_head (rows, hash) VALUES (0, repeat('0', 64));

CREATE FUNCTION mvca.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'MV001';
END $$;

CREATE FUNCTION mvca.only_growth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.rows <= OLD.rows THEN
    RAISE EXCEPTION 'the head of the audit log only grows: % rows cannot become %', OLD.rows, NEW.rows USING ERRCODE = 'MV001';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON mvca.audit
  FOR EACH ROW EXECUTE FUNCTION mvca.refuse_change();
CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON mvca.audit
  FOR EACH STATEMENT EXECUTE FUNCTION mvca.refuse_change();
CREATE TRIGGER audit_head_grows BEFORE UPDATE ON mvca.audit_head
  FOR EACH ROW EXECUTE FUNCTION mvca.only_growth();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON mvca.audit_head
  FOR EACH ROW EXECUTE FUNCTION mvca.refuse_change();
CREATE TRIGGER audit_head_never_truncated BEFORE TRUNCATE ON mvca.audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION mvca.refuse_change();
