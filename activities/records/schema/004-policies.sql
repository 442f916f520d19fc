-- What the engine keeps of applications, whatever a spec says: recorded by first use, changed by `mvca policy set` alone.

CREATE TABLE mvca.applications (
  app          text PRIMARY KEY,
  -- Remote, path within the repository and folder; null: nothing was deployed from a folder yet.
  repository   jsonb,
  recorded_at  timestamptz NOT NULL,
  recorded_by  text NOT NULL,
  -- The run that recorded it, so that recording may be repeated.
  recorded_run text NOT NULL
);

CREATE TABLE mvca.policies (
  app          text NOT NULL REFERENCES mvca.applications,
  environment  text NOT NULL,
  -- Null: nobody is asked.
  approval     jsonb,
  recorded_at  timestamptz NOT NULL,
  recorded_by  text NOT NULL,
  recorded_run text NOT NULL,
  PRIMARY KEY (app, environment)
);

CREATE TABLE mvca.addresses (
  app          text NOT NULL REFERENCES mvca.applications,
  environment  text NOT NULL,
  host         text NOT NULL,
  port         int NOT NULL,
  recorded_at  timestamptz NOT NULL,
  recorded_by  text NOT NULL,
  recorded_run text NOT NULL,
  PRIMARY KEY (app, environment, host, port)
);
CREATE INDEX addresses_port ON mvca.addresses (port);
