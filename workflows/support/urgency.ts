/** What must not wait behind others: the way back, and answers to people. */
import { AsyncLocalStorage, workflowInfo } from '@temporalio/workflow';

/** Workflows that are urgent as a whole. */
const URGENT: ReadonlySet<string> = new Set(['rollback', 'freeze', 'identity', 'inspect']);

const wayBack = new AsyncLocalStorage<true>();

/** Everything that `work` calls is on the way back. */
export const onWayBack = <T>(work: () => Promise<T>): Promise<T> => wayBack.run(true, work);

export const isUrgent = (): boolean => wayBack.getStore() === true || URGENT.has(workflowInfo().workflowType);
