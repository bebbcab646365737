import { describe, expect, it } from 'vitest';
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

describe('Prometheus and MLflow', () => {
  const read = (more: Record<string, string>) => readConfig({ ...env, ...more }, { processIdentity: 'x' });

  it('is not there unless it is named, and an empty variable names nothing', () => {
    expect(read({})).not.toHaveProperty('prometheus');
    expect(read({ SLUICE_PROMETHEUS_URL: '', SLUICE_PROMETHEUS_BEARER_TOKEN_FILE: '/token' })).not.toHaveProperty('prometheus');
  });

  it('has a URL, files that are read later, and a time limit', () => {
    expect(read({ SLUICE_PROMETHEUS_URL: 'https://prometheus.monitoring:9090/base' }).prometheus).toEqual({ url: 'https://prometheus.monitoring:9090/base', timeoutMs: 10_000 });
    const all = { SLUICE_PROMETHEUS_URL: 'http://p', SLUICE_PROMETHEUS_BEARER_TOKEN_FILE: '/token', SLUICE_PROMETHEUS_CA_FILE: '/ca.crt', SLUICE_PROMETHEUS_TIMEOUT: '500ms' };
    expect(read(all).prometheus).toEqual({ url: 'http://p', timeoutMs: 500, bearerTokenFile: '/token', caFile: '/ca.crt' });
  });

  it.each([
    ['SLUICE_PROMETHEUS_URL', 'prometheus:9090', 'must be an http or https URL, for example "https://prometheus.monitoring:9090" (now "prometheus:9090")'],
    ['SLUICE_PROMETHEUS_URL', 'http://p/?a=b', 'must have no query and no fragment'],
    ['SLUICE_MLFLOW_URL', 'mlflow:5000', 'must be an http or https URL, for example "https://mlflow.tracking:5000" (now "mlflow:5000")'],
    ['SLUICE_MLFLOW_URL', 'https://me:hunter2@mlflow', 'must hold no user and password: put them into files of the folder SLUICE_MLFLOW_LOGIN_FOLDER (now "https://***@mlflow")'],
    ['SLUICE_PROMETHEUS_TIMEOUT', 'soon', 'must be a duration between 100ms and 1m, for example "10s" (now "soon")'],
    ['SLUICE_PROMETHEUS_TIMEOUT', '2m', 'must be a duration between 100ms and 1m'],
  ])('refuses %s %s', (variable, value, message) => {
    expect(() => read({ [variable]: value })).toThrow(`${variable}: ${message}`);
  });

  it('takes no password in the URL and does not repeat it', () => {
    const refusal = catchError(() => read({ SLUICE_PROMETHEUS_URL: 'https://me:hunter2@prometheus' }));
    expect(refusal.message).toContain('must hold no user and password');
    expect(refusal.message).not.toContain('hunter2');
  });
});

function catchError(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
