/** The embedded stack: Temporal with its Web UI, PostgreSQL and a worker, on this machine, under one supervisor. */
export { doctor } from './doctor/doctor';
export type { Finding } from './doctor/finding';
export { down } from './down';
export type { DownOptions, Stopped } from './down';
export { EngineRefusal, PARTS } from './engine';
export type { DatabaseAddress, Engine, EngineState, PartName, PartStatus, Progress, TemporalAddress } from './engine';
export { engineState } from './state';
export { up } from './up';
export type { UpOptions } from './up';
