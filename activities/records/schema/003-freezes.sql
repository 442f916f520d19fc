-- Freezes: when no deployment may begin to change production, and who said so. One that was ended stays, with who ended it.

CREATE TABLE mvca.freezes (
  id            text PRIMARY KEY,
  -- Null: of all applications.
  app           text,
  reason        text NOT NULL,
  made_by       text NOT NULL,
  made_at       timestamptz NOT NULL,
  -- `once` with from and until, or `cron` with pattern, duration and time zone.
  time          jsonb NOT NULL CHECK (time->>'kind' IN ('once', 'cron')),
  lifted_at     timestamptz,
  lifted_by     text,
  lifted_reason text,
  -- The run that ended it, so that ending it may be repeated.
  lifted_run    text
);
CREATE INDEX freezes_not_lifted ON mvca.freezes (app) WHERE lifted_at IS NULL;
