import { Client } from 'pg';
import { connectTemporal } from '../../client/temporal-connection';
import { postgres, temporalServer, timeSkippingEnvironment } from './stack';

test('each caller gets a namespace of its own in one Temporal server', async () => {
  const [one, two] = [await temporalServer(), await temporalServer()];
  expect(one.address).toBe(two.address);
  expect(one.namespace).not.toBe(two.namespace);
  const connection = await connectTemporal({ address: one.address });
  const described = await connection.workflowService.describeNamespace({ namespace: two.namespace });
  expect(described.namespaceInfo?.name).toBe(two.namespace);
  await connection.close();
});

test('each caller gets a database of its own in one PostgreSQL', async () => {
  const [one, two] = [await postgres(), await postgres()];
  expect(one.address.database).not.toBe(two.address.database);
  const client = new Client(one.address);
  await client.connect();
  await client.query('create table only_here (n int)');
  await client.end();
  await Promise.all([one.drop(), two.drop()]);
});

test('a day passes in a moment in the time-skipping environment', async () => {
  const environment = await timeSkippingEnvironment();
  const before = await environment.currentTimeMs();
  await environment.sleep('24h');
  expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(24 * 60 * 60 * 1_000);
  await environment.teardown();
});
