import { AddressRefused, checkedLookup, isAddressAllowed } from '../../../system/addresses';

test.each([
  '169.254.0.1',
  '169.254.169.254',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  'fe80::1',
  'fe80::1%eth0',
  'febf:ffff::1',
  '::',
  'ff02::1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::169.254.169.254',
  '64:ff9b::169.254.169.254',
  '2002:a9fe:a9fe::1',
  'fd00:ec2::254',
  'example.com',
  '',
])('%s may not be reached', (address) => {
  expect(isAddressAllowed(address)).toBe(false);
});

test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', '93.184.216.34', '::1', 'fd12:3456::1', '2606:2800:220:1::1'])(
  '%s may be reached',
  (address) => {
    expect(isAddressAllowed(address)).toBe(true);
  },
);

test('a name is looked up once, and what it is looked up to is checked', async () => {
  expect(await look('localhost', false)).toMatch(/^(127\.0\.0\.1|::1)$/);
  expect(await look('localhost', true)).toEqual(
    expect.arrayContaining([expect.objectContaining({ family: expect.any(Number) })]),
  );
  await expect(look('169.254.169.254', false)).rejects.toBeInstanceOf(AddressRefused);
  await expect(look('169.254.169.254', true)).rejects.toBeInstanceOf(AddressRefused);
  await expect(look('no-such-host.invalid', false)).rejects.toMatchObject({ syscall: 'getaddrinfo' });
});

const look = (name: string, all: boolean): Promise<unknown> =>
  new Promise((resolve, reject) =>
    checkedLookup(name, { all }, (error, found) => (error === null ? resolve(found) : reject(error))),
  );
