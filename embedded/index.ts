/** The embedded stack: Temporal with its Web UI, PostgreSQL and a worker, on this machine, under one supervisor. */
export { connectionTo } from './access/connection';
export type { EngineConnection } from './access/connection';
export { doctor } from './doctor/doctor';
export type { Finding } from './doctor/finding';
export { down } from './down';
export type { DownOptions, Stopped } from './down';
export { EngineRefusal, PARTS } from './engine';
export type { DatabaseAddress, Engine, EngineState, GuardedAddress, PartName, PartStatus, Progress } from './engine';
export { engineState } from './state';
export { up } from './up';
export type { UpOptions } from './up';
export { webUiLink } from './web-ui-link';
export type { WebUiLink } from './web-ui-link';
