/** Resident memory of what lives on while deployments come and go, in bytes; 0: it does not run at the moment. */
import { readFile } from 'node:fs/promises';
import { processesOf } from '../../../embedded/processes';
import { routerFolder, type Home } from '../../../system/home';
import { livingProcess } from '../../../system/keeper';
import type { ProcessIdentity } from '../../../system/process-identity';
import { unitPidFile } from '../../../system/units';
import { APP } from './application';

export type Memory = Readonly<Record<'supervisor' | 'worker' | 'temporal' | 'router', number>>;

export async function memoryOf(home: Home): Promise<Memory> {
  const { supervisor, worker, gate, temporal } = await processesOf(home);
  const router = livingProcess(unitPidFile(routerFolder(home, APP, 'production')));
  return {
    supervisor: await residentOf(supervisor),
    worker: await residentOf(worker),
    temporal: await residentOf([...gate, ...temporal]),
    router: await residentOf(router === null ? [] : [router]),
  };
}

async function residentOf(processes: readonly ProcessIdentity[]): Promise<number> {
  const texts = await Promise.all(
    processes.map(({ pid }) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')), // it has ended
  );
  return texts.reduce((sum, text) => sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024, 0);
}
