/** Whether this run was begun by a version that admits requests, keeps policies and asks whose word a message is. */
import { patched } from '@temporalio/workflow';

/** One mark for all of it, and for all that older marks stand for: each is two events more in every history. */
export const isGuarded = (): boolean => patched('guarded');
