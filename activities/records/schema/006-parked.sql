-- Deployments that are parked by a freeze, and are told when freezes change. A row goes when its deployment goes on, or is found to have ended.

CREATE TABLE mvca.parked (
  -- Temporal's workflow id and run id.
  deployment text NOT NULL,
  run        text NOT NULL,
  app        text NOT NULL,
  parked_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (deployment, run)
);
