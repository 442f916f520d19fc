/** Where the reports of one deployment lie. */
import path from 'node:path';
import type { DeploymentStatus } from '../../domain/deployment';
import type { Home } from '../../system/home';

const LONGEST = 80;

/**
 * `<home>/reports/<app>/<version>-<last 8 of run>` (a run's id may begin with the time, so that two runs of one minute begin alike);
 * what cannot stand in a file's name becomes `_`.
 */
export const reportFolder = (home: Home, of: Pick<DeploymentStatus, 'app' | 'version' | 'run'>): string =>
  path.join(home.reports, fileName(of.app), `${fileName(of.version)}-${fileName(of.run).slice(-8)}`);

const fileName = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._+-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, LONGEST) || '_';
