-- Environments and notifiers that deployments were admitted with. Whoever asks for less than a deployment (a rollback, the end of a release) brings
-- an environment along that nobody can hold against a file; these apply instead.

CREATE TABLE mvca.environments (
  app          text NOT NULL,
  environment  text NOT NULL,
  run          text NOT NULL,
  recorded_at  timestamptz NOT NULL,
  spec         jsonb NOT NULL,
  notify       jsonb NOT NULL,
  PRIMARY KEY (app, environment, run)
);
