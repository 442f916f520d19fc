/**
 * Which addresses a URL may lead to that stands in a spec: of notifiers, services, sources of metrics. It comes from whoever writes the spec, and the worker can reach what that person
 * cannot: so what hands out the machine's own credentials is refused, by address and not by name, at the moment of connecting.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

const REFUSED = new BlockList();
// Link-local (RFC 3927, RFC 4291 2.5.6): metadata services of AWS, Azure, Google Cloud, DigitalOcean, OpenStack.
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4');
REFUSED.addSubnet('fe80::', 10, 'ipv6');
// Metadata services elsewhere: Alibaba Cloud, Oracle Cloud, Azure's platform address, AWS over IPv6.
REFUSED.addAddress('100.100.100.200', 'ipv4');
REFUSED.addAddress('192.0.0.192', 'ipv4');
REFUSED.addAddress('168.63.129.16', 'ipv4');
REFUSED.addSubnet('fd00:ec2::', 32, 'ipv6');
// No host: "this network", multicast, broadcast.
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4');
REFUSED.addSubnet('224.0.0.0', 3, 'ipv4');
REFUSED.addAddress('::', 'ipv6');
REFUSED.addSubnet('ff00::', 8, 'ipv6');

/** IPv6 forms that carry an IPv4 address: NAT64 (RFC 6052), 6to4 (RFC 3056), compatible (RFC 4291 2.5.5.1). Mapped ones `BlockList` knows. */
const CARRIERS = new BlockList();
CARRIERS.addSubnet('64:ff9b::', 96, 'ipv6');
CARRIERS.addSubnet('64:ff9b:1::', 48, 'ipv6');
CARRIERS.addSubnet('2002::', 16, 'ipv6');

/** May a connection go to this IP address? A zone (`fe80::1%eth0`) does not count. What is no address may not. */
export function isAddressAllowed(address: string): boolean {
  const bare = address.split('%')[0] ?? '';
  const family = isIP(bare);
  if (family === 0) return false;
  if (family === 4) return !REFUSED.check(bare, 'ipv4');
  return !REFUSED.check(bare, 'ipv6') && !CARRIERS.check(bare, 'ipv6') && !isCompatible(bare);
}

/** `::a.b.c.d` other than `::1`. */
function isCompatible(address: string): boolean {
  return COMPATIBLE.check(address, 'ipv6') && !LOOPBACK.check(address, 'ipv6');
}
const COMPATIBLE = new BlockList();
COMPATIBLE.addSubnet('::', 96, 'ipv6');
const LOOPBACK = new BlockList();
LOOPBACK.addAddress('::1', 'ipv6');

export class AddressRefused extends Error {
  constructor() {
    super('its address is link-local, a metadata service or no host');
  }
}

/** For hosts that are addresses already, which nobody looks up. @throws AddressRefused */
export function refuseAddress({ hostname }: URL): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isAddressAllowed(host)) throw new AddressRefused();
}

/** `dns.lookup` that answers only when every address of the name is allowed: the connection then goes to what was checked. */
export const checkedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const refused = addresses.some(({ address }) => !isAddressAllowed(address));
    if (refused) return callback(new AddressRefused(), []);
    const [first] = addresses;
    if (options.all === true || first === undefined) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};
