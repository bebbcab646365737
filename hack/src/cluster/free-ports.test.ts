import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ClusterError } from './cluster-error.ts';
import { freePorts, PORT_WINDOW } from './free-ports.ts';

async function listening(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('the ports are different ones, and none that the system gives away by itself', async () => {
  const ports = await freePorts(20, {});
  expect(new Set(ports).size).toBe(20);
  expect(ports.filter((port) => port < 15_000 || port > 28_999)).toEqual([]);
});

test('they are of the window that is named', async () => {
  expect((await freePorts(3, { [PORT_WINDOW]: '28990-28999' })).filter((port) => port < 28_990 || port > 28_999)).toEqual([]);
});

test('a port that somebody listens at is not free, and where there is no other it is said', async () => {
  const taken = await listening();
  const found = freePorts(1, { [PORT_WINDOW]: `${taken}-${taken}` });
  await expect(found).rejects.toThrow(ClusterError);
  await expect(found).rejects.toThrow(`no 1 free ports of 127.0.0.1 among ${taken} to ${taken}: name another range in SLUICE_TEST_PORTS`);
});

test.each(['all', '2000', '2000-1000', '0-10', '60000-70000'])('"%s" is no window', async (text) => {
  await expect(freePorts(1, { [PORT_WINDOW]: text })).rejects.toThrow(`SLUICE_TEST_PORTS is "${text}": write two ports`);
});
