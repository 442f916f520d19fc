/** What the activities of a release are made from. This folder composes ports; no port knows another. */
import type { Home } from '../../system/home';
import type { Artifact } from '../../domain/source';
import type { CheckOf } from '../gates/http-check';
import type { AwaitHealthy } from '../gates/await-healthy';
import type { MetricsSource } from '../monitoring/port';
import type { SecretAccess } from '../secret-access';
import type { Platform } from '../platforms/port';
import type { Traffic } from '../traffic/port';
import type { WatchRequest } from '../contract';
import type { WatchRecording } from './watch-recording';

export interface ReleaseDeps {
  readonly home: Home;
  readonly platform: Platform;
  readonly traffic: Traffic;
  readonly metrics: MetricsSource;
  readonly checkOf: CheckOf;
  readonly awaitHealthy: AwaitHealthy;
  /** Path of the artifact's file, its digest verified. */
  readonly openArtifact: (artifact: Artifact) => Promise<string>;
  readonly secrets: Pick<SecretAccess, 'resolve' | 'version'>;
  /** Absent: what watches see is not recorded. */
  readonly recordWatch?: (request: WatchRequest) => WatchRecording;
}
