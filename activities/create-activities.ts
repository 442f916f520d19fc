/** All activities, made from the ports: the only place that knows every vendor's family. */
import type { Pool } from 'pg';
import type { Home } from '../system/home';
import { createConnectTo } from '../system/release-connect';
import { drainJournal } from '../system/secret-journal';
import { machinePublicKey } from '../system/signing';
import { createArtifactStore } from './artifacts';
import { createAnchorActivities, type Anchor } from './anchors';
import { createBuildActivities, createWorkshop } from './build';
import type { DeploymentStatus } from '../domain/deployment';
import { beating } from './beating';
import type { Activities } from './contract';
import type {
  AdmissionRequest,
  FreezeChangeRequest,
  FreezeQuery,
  PastQuery,
  RecordQuery,
  RecordRequest,
  WakeQuery,
} from './record-query';
import type { KeyUse } from '../domain/identity/identity';
import type { IdentityChangeRequest } from './identity-contract';
import { awaitHealthy, createCheckOf, createReleaseGates, createTestGate } from './gates';
import { createMetricsSource } from './monitoring';
import { createLineActivities } from './line';
import { createNotifications, post } from './notifications';
import { createPlanActivities } from './plan';
import { createProcessPlatform } from './platforms/process';
import { createRecords, type Records, type RecordsDeps } from './records';
import type { Admission } from '../domain/policy/policy';
import { createRecordings, createReleaseActivities } from './release';
import { createReports } from './reports';
import { createSecretResolver, type WorkerEnvironment } from './secrets';
import { onOwnQueue } from './secrets/own-queue';
import { createSourceActivities } from './source';
import type { ReadSpec } from './source/admit-source';
import type { Owners } from './source/trusted-folder';
import { createRouterTraffic } from './traffic/router';

export interface ActivityDeps {
  /** Where heads of the audit log are written down as well; missing: nowhere. */
  readonly anchor?: Anchor | null;
  /** Folder in which what watches see is recorded; missing: it is not. */
  readonly recordings?: string | null;
  readonly home: Home;
  readonly pool: Pool;
  /** What `secret://env/NAME` may see, and for whom. */
  readonly environment: WorkerEnvironment;
  /** Numbers of accounts beside the worker's own and root whose folders it deploys from; missing: none. */
  readonly owners?: Owners;
  /** A stand-in for reading the spec in a folder anew. */
  readonly readSpec?: ReadSpec;
}

const ofMachine = (home: Home): Pick<RecordsDeps, 'machineKey' | 'drainSecretDeeds'> => ({
  machineKey: () => machinePublicKey(home),
  drainSecretDeeds: (write) => drainJournal(home, write),
});

export function createActivities(deps: ActivityDeps): Activities {
  const { home, pool, environment, anchor = null, recordings = null, owners = [], readSpec } = deps;
  const secrets = onOwnQueue(createSecretResolver({ home, environment }));
  const artifacts = createArtifactStore({ home });
  const workshop = createWorkshop({ home, artifacts });
  const reports = createReports({ home, auditHead: () => records.auditHead() });
  const records = createRecords({
    pool,
    findReport: (of) => reports.findReport(of),
    knownHeads: () => reports.knownHeads(),
    findGone: (written) => reports.findGone(written),
    ...ofMachine(home),
  });
  const gates = createReleaseGates({ workshop, secrets, connectTo: createConnectTo(home) });
  const release = createReleaseActivities({
    home,
    platform: createProcessPlatform(home),
    traffic: createRouterTraffic(home),
    metrics: createMetricsSource({ secrets }),
    checkOf: createCheckOf(createConnectTo(home)),
    awaitHealthy,
    openArtifact: (artifact) => artifacts.open(artifact),
    secrets,
    ...(recordings !== null && { recordWatch: createRecordings(recordings) }),
  });
  const { readEnvironment, readMachine, setWeights, proveRelease, diagnoseRelease } = release;
  return {
    ...createSourceActivities({ home, owners, readSpec }),
    ...createBuildActivities({ home, artifacts }),
    ...createTestGate({ workshop }),
    ...gates,
    ...release,
    ...beating({
      readEnvironment,
      readMachine,
      setWeights,
      proveRelease,
      diagnoseRelease,
      checkEnvironment: gates.checkEnvironment,
    }),
    ...beating(createPlanActivities()),
    ...beating(createLineActivities()),
    ...beating(createAnchorActivities({ home, anchor, auditHead: () => records.auditHead(), post })),
    ...beating(createNotifications({ secrets })),
    ...beating({
      ...policyActivities(records, anchor),
      record: (request: RecordRequest) => records.record(request),
      readHistory: (request: { readonly app: string }) => records.readHistory(request),
      freezeStanding: (query: FreezeQuery) => records.freezeStanding(query),
      wakeParked: (query: WakeQuery) => records.wakeParked(query),
      changeFreezes: (request: FreezeChangeRequest) => records.changeFreezes(request),
      checkKeys: (uses: readonly KeyUse[]) => records.checkKeys(uses),
      changeIdentities: (request: IdentityChangeRequest) => records.changeIdentities(request),
      readPast: (query: PastQuery) => records.readPast(query),
      readEarlier: (query: PastQuery) => records.readEarlier(query),
      inspectRecords: (query: RecordQuery) => records.inspectRecords(query),
      writeReport: (status: DeploymentStatus) => reports.writeReport(status),
    }),
  };
}

/** Whoever admits a request says whether there is an anchor to be asked for at its end. */
const policyActivities = (records: Records, anchor: Anchor | null) => ({
  changePolicy: records.changePolicy,
  keptEnvironment: records.keptEnvironment,
  proveStatement: records.proveStatement,
  proveRequest: records.proveRequest,
  keepPolicy: async (request: AdmissionRequest): Promise<Admission> => {
    const admission = await records.keepPolicy(request);
    return admission.kind === 'admitted' ? { ...admission, anchored: anchor !== null } : admission;
  },
});
