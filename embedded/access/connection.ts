/** What a client of Temporal's SDK is given to be let in. */
import type { GuardedAddress } from '../engine';
import { readKeys, SERVER_NAME } from './keys';

/** As `Connection.connect` and `NativeConnection.connect` take it. */
export interface EngineConnection {
  readonly address: string;
  readonly tls: {
    readonly serverNameOverride: string;
    readonly serverRootCACertificate: Buffer;
    readonly clientCertPair: { readonly crt: Buffer; readonly key: Buffer };
  };
}

/** @throws EngineRefusal when others may read the keys; Error with `code` ENOENT or EACCES for who may not enter the home. */
export async function connectionTo({
  address,
  keys,
}: Pick<GuardedAddress, 'address' | 'keys'>): Promise<EngineConnection> {
  const { authority, certificate, key } = await readKeys(keys);
  const clientCertPair = { crt: Buffer.from(certificate), key: Buffer.from(key) };
  return {
    address,
    tls: { serverNameOverride: SERVER_NAME, serverRootCACertificate: Buffer.from(authority), clientCertPair },
  };
}
