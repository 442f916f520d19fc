-- Records of deployments, for people, figures and auditors. The workflow history is the truth about a run.

CREATE TABLE mvca.deployments (
  deployment  text NOT NULL,
  run         text NOT NULL,
  app         text NOT NULL,
  version     text NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('deploy', 'rollback')),
  requester   text NOT NULL,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  phase       text NOT NULL,
  environment text,
  outcome     text CHECK (outcome IN ('succeeded', 'rejected', 'rolled-back', 'rollback-failed')),
  reason      text,
  plan        text,
  artifact    text,
  source      text,
  report      text,
  -- How new the status is: sequence of its last step event and of its last audit entry.
  last_step   bigint NOT NULL,
  last_entry  bigint NOT NULL,
  status      jsonb NOT NULL,
  PRIMARY KEY (deployment, run)
);
CREATE INDEX deployments_by_app ON mvca.deployments (app, started_at DESC);
CREATE INDEX deployments_by_time ON mvca.deployments (started_at DESC);

CREATE TABLE mvca.steps (
  deployment  text NOT NULL,
  run         text NOT NULL,
  sequence    bigint NOT NULL,
  at          timestamptz NOT NULL,
  phase       text NOT NULL,
  environment text,
  step        text NOT NULL,
  state       text NOT NULL,
  summary     text NOT NULL,
  PRIMARY KEY (deployment, run, sequence),
  FOREIGN KEY (deployment, run) REFERENCES mvca.deployments
);

-- The next three are as the newest status of their run says; `place` is the place in its list.

CREATE TABLE mvca.releases (
  deployment  text NOT NULL,
  run         text NOT NULL,
  place       int NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  version     text NOT NULL,
  artifact    text NOT NULL,
  weight      double precision NOT NULL,
  measured    double precision,
  state       text NOT NULL,
  PRIMARY KEY (deployment, run, place),
  FOREIGN KEY (deployment, run) REFERENCES mvca.deployments
);

CREATE TABLE mvca.approvals (
  deployment  text NOT NULL,
  run         text NOT NULL,
  place       int NOT NULL,
  at          timestamptz NOT NULL,
  kind        text NOT NULL,
  person      text NOT NULL,
  accepted    boolean NOT NULL,
  reason      text NOT NULL,
  PRIMARY KEY (deployment, run, place),
  FOREIGN KEY (deployment, run) REFERENCES mvca.deployments
);

CREATE TABLE mvca.findings (
  deployment  text NOT NULL,
  run         text NOT NULL,
  place       int NOT NULL,
  environment text,
  gate        text NOT NULL,
  finding     text NOT NULL,
  verdict     text NOT NULL,
  message     text NOT NULL,
  remedy      text,
  PRIMARY KEY (deployment, run, place),
  FOREIGN KEY (deployment, run) REFERENCES mvca.deployments
);
