/** What other workflows of ours send to a deployment: no words of people, and nothing is decided by them. */
import { setHandler } from '@temporalio/workflow';
import { freezesChanged, tellEnd } from '../messages';
import type { Deployment } from './deployment';

export interface Heard {
  /** Freezes have changed since they were asked for. */
  freezesChanged: boolean;
  /** The line of the application wants to hear of the end. */
  tellEnd: boolean;
}

export function hear({ heard }: Deployment): void {
  setHandler(freezesChanged, () => {
    heard.freezesChanged = true;
  });
  setHandler(tellEnd, () => {
    heard.tellEnd = true;
  });
}
