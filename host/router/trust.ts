/** The proxies in front of the router that are believed when they say who the client was. */
import { BlockList, isIP } from 'node:net';

export interface Trust {
  includes(address: string): boolean;
}

/** An address or a network (`10.0.0.0/8`), of IPv4 or IPv6. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && more.length === 0 && (prefix === undefined || isPrefix(prefix, bits));
}

/** @param networks each as `isNetwork` takes it. */
export function createTrust(networks: readonly string[]): Trust {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = familyOf(address);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return {
    includes: (address) => networks.length > 0 && isIP(address) !== 0 && list.check(address, familyOf(address)),
  };
}

const isPrefix = (text: string, most: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= most;

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
