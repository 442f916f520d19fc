-- Whose keys speak for whom. One that was removed stays, so that what it signed before can be verified; no key ever speaks for two people.

CREATE TABLE mvca.identities (
  fingerprint    text PRIMARY KEY,
  person         text NOT NULL,
  -- Type and key, as SSH writes them.
  key            text NOT NULL,
  added_at       timestamptz NOT NULL,
  added_by       text NOT NULL,
  -- The run that did it, so that it may be repeated.
  added_run      text NOT NULL,
  removed_at     timestamptz,
  removed_by     text,
  removed_reason text,
  removed_run    text
);
CREATE INDEX identities_by_person ON mvca.identities (person);

CREATE TRIGGER identities_stay BEFORE DELETE ON mvca.identities
  FOR EACH ROW EXECUTE FUNCTION mvca.refuse_change();
CREATE TRIGGER identities_never_truncated BEFORE TRUNCATE ON mvca.identities
  FOR EACH STATEMENT EXECUTE FUNCTION mvca.refuse_change();

-- Statements that were signed and have counted: each does so once.

CREATE TABLE mvca.spent_statements (
  -- SHA-256 of what was signed.
  statement text PRIMARY KEY,
  -- The message of a run for which it counted, so that asking may be repeated.
  used_for  text NOT NULL,
  used_at   timestamptz NOT NULL
);
