import { expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const env = { POD_NAMESPACE: 'sluice-system' };

it('is the pod that it runs in', () => {
  expect(readConfig({ ...env, POD_NAME: 'sluice-operator-0' }, { processIdentity: 'laptop-42-00000000' }).identity).toBe('sluice-operator-0');
});

it('is a process of its own outside a pod, so that two of them never hold one lease together', () => {
  expect(readConfig(env, { processIdentity: 'laptop-42-00000000' }).identity).toBe('laptop-42-00000000');
});

it('names the variable, the value and the fix', () => {
  expect(() => readConfig({ SLUICE_PORT: '0', POD_NAME: '' }, { processIdentity: 'x' })).toThrow(ConfigError);
  expect(() => readConfig({ ...env, SLUICE_PORT: '0' }, { processIdentity: 'x' })).toThrow('SLUICE_PORT: must be between 1 and 65535 (now "0")');
  expect(() => readConfig({}, { processIdentity: 'x' })).toThrow('POD_NAMESPACE: must be set to the namespace that the operator runs in (now not set)');
});

it('leads in its shard, beside the leaders of others', () => {
  const config = readConfig({ ...env, SLUICE_SHARD: 'blue', SLUICE_LEASE_NAME: 'gate' }, { processIdentity: 'x' });
  expect([config.shard, config.lease]).toEqual(['blue', { namespace: 'sluice-system', name: 'gate-blue' }]);
  const none = readConfig({ ...env, SLUICE_SHARD: '' }, { processIdentity: 'x' });
  expect([none.shard, none.lease.name]).toEqual([undefined, 'sluice-operator']);
  expect(() => readConfig({ ...env, SLUICE_SHARD: 'Blue/1' }, { processIdentity: 'x' })).toThrow('SLUICE_SHARD: must be a value of the label sluice.dev/shard in lower case, for example "blue"');
});
