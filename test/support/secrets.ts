/** Secrets that a test knows, for whoever asks, and that may be sent anywhere. */
import type { SecretAccess } from '../../activities/secret-access';

export function knowing(valueOf: (reference: string) => string | undefined): SecretAccess {
  const resolve = async (reference: string) => {
    const value = valueOf(reference);
    if (value === undefined) throw new Error(`${reference} has no value`);
    return Promise.resolve({ value, version: '1' });
  };
  return { resolve, resolveFor: resolve, version: () => Promise.resolve('1'), isMeantFor: () => Promise.resolve(true) };
}
