/** Types of failures: the product's public error codes. Activities set them, retry policies and workflows branch on them. */
export const FAILURES = {
  DirtySource: 'the source has changes that git does not have at HEAD',
  UnsafeSource: 'the source holds something that leaves its folder',
  NoSource: 'there is no source where it was expected',
  BuildFailed: 'the build failed',
  StartFailed: 'the new release did not become healthy',
  ReleaseServes: 'the release still has traffic',
  LeaseExpired: 'the lease ran out and the router gave the traffic back',
  TrafficRefused: 'the router refused the change',
  ArtifactDamaged: 'the artifact does not have the digest that it is known by',
  SecretMissing: 'a secret cannot be resolved',
  NothingToReturnTo: 'no earlier release is kept',
  GateRefused: 'a gate said no',
  GateInconclusive: 'a gate could not be decided',
  PlanRefused: 'the plan cannot be carried out',
  ApprovalRejected: 'the approval was refused',
  ApprovalDeadline: 'nobody approved in time',
  Unhealthy: 'the new release is worse than allowed',
  WatchInconclusive: 'the watch saw too little to decide',
  Aborted: 'a person aborted the deployment',
  Cancelled: 'the deployment was cancelled',
  RecordsUnavailable: 'the records cannot be written or read',
  RecordsDiffer: 'something else was recorded under the same key',
  RecordsSchema: 'the records were made by a newer version',
} as const;
export type FailureType = keyof typeof FAILURES;

/** Repeating these changes nothing. */
export const FINAL_FAILURES: readonly FailureType[] = [
  'DirtySource',
  'UnsafeSource',
  'NoSource',
  'BuildFailed',
  'StartFailed',
  'ReleaseServes',
  'LeaseExpired',
  'ArtifactDamaged',
  'SecretMissing',
  'NothingToReturnTo',
  'PlanRefused',
  'RecordsDiffer',
  'RecordsSchema',
];
