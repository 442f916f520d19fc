/** What a deployment's activities say while they work: the heartbeat details of the pending ones. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { Progress } from '../activities/facts-contract';

export interface LiveActivity {
  readonly name: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** What the last try failed with; null at the first. */
  readonly lastFailure: string | null;
  readonly progress: Progress | null;
}

/** In the order in which they were scheduled. Details that are not ours are left out, not an error. */
export async function liveActivities(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<readonly LiveActivity[]> {
  const pending = description.raw.pendingActivities ?? [];
  return Promise.all(
    pending.map(async (activity) => ({
      name: activity.activityType?.name ?? '',
      attempt: activity.attempt ?? 1,
      lastFailure: activity.lastFailure?.message ?? null,
      progress: await decode(client, activity.heartbeatDetails?.payloads),
    })),
  );
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

async function decode(client: Client, payloads: Payloads): Promise<Progress | null> {
  if (payloads == null || payloads.length === 0) return null;
  try {
    const [details] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
    return isProgress(details) ? details : null;
  } catch {
    return null; // written with another codec: nothing to show, nothing to stop for
  }
}

function isProgress(details: unknown): details is Progress {
  if (details === null || typeof details !== 'object' || !('kind' in details)) return false;
  if (details.kind === 'command') return 'lines' in details && Array.isArray(details.lines);
  return details.kind === 'watch' && 'weights' in details;
}
