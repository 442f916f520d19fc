/** For tests whose own process plays the instances: whatever it listens on is proven, and what others listen on is not. */
import type { ConnectTo } from '../../system/release-connect';
import { identify } from '../../system/process-identity';
import { createProvenConnect } from '../../system/proven-connection';

const found = { process: identify(process.pid), launching: false };

export const toThisProcess: ConnectTo = () => (port) => createProvenConnect(port, () => Promise.resolve(found));
