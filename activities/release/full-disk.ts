/** A change of the traffic that the disk does not take: final on the way forward, repeated on the way back. */
import { diskWords, fail, TrafficUnsaved } from '../failure';

/**
 * Does the work.
 * @param isForward false: an undo, which never gives up because there is no room for a moment.
 * @throws `DiskFull` (final) on the way forward.
 */
export async function onDisk<T>(isForward: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isForward) throw error;
    if (error instanceof TrafficUnsaved)
      throw fail('DiskFull', `the router keeps the traffic as it is: ${error.message}`);
    throw diskWords(error, 'the traffic cannot be changed');
  }
}
