import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { microTime } from '../clock-system.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { client as certificate } from '../testing/certificates.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { loadKubeConfig } from './kubeconfig.ts';

const never = new AbortController().signal;
const API = 'client.authentication.k8s.io/v1';
let folder: string;
let clock: FakeClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exec-plugin-'));
  clock = new FakeClock();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A plugin that appends a line to `runs` and what it was told to `info`, then does `then`. */
function plugin(then: string): string {
  const path = join(folder, 'plugin');
  writeFileSync(path, `#!/bin/sh\necho run >> '${folder}/runs'\nprintf '%s' "$KUBERNETES_EXEC_INFO" > '${folder}/info'\n${then}\n`);
  chmodSync(path, 0o755);
  return path;
}

function printing(status: object, apiVersion = API): string {
  return plugin(`cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\nEND`);
}

function credentials(command: string, exec: object = {}, metrics = new KubeMetrics()) {
  const path = join(folder, 'config');
  writeFileSync(path, stringify({
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': 'Q0E=' } }],
    users: [{ name: 'u', user: { exec: { apiVersion: API, command, interactiveMode: 'Never', ...exec } } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }));
  return loadKubeConfig({ path, env: { PATH: '/usr/bin:/bin', REGION: 'us', KEPT: 'kept' }, clock, metrics }).credentials;
}

function runs(): number {
  return existsSync(join(folder, 'runs')) ? readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n').length : 0;
}

describe('exec plugins', () => {
  it('runs once for many callers and keeps a token without an expiry', async () => {
    const source = credentials(printing({ token: 'abc' }));
    const got = await Promise.all([1, 2, 3].map(() => source.current({ signal: never })));
    expect(got.map((each) => each.authorization)).toEqual(['Bearer abc', 'Bearer abc', 'Bearer abc']);
    await clock.advance(86_400_000);
    await source.current({ signal: never });
    expect(runs()).toBe(1);
  });

  it('runs again a minute before the token expires', async () => {
    const source = credentials(printing({ token: 'abc', expirationTimestamp: microTime(clock.now() + 600_000) }));
    await source.current({ signal: never });
    await clock.advance(539_000);
    await source.current({ signal: never });
    expect(runs()).toBe(1);
    await clock.advance(2_000);
    await source.current({ signal: never });
    expect(runs()).toBe(2);
  });

  it('runs again after the server rejected the credential, but not for an older one', async () => {
    const source = credentials(printing({ token: 'abc' }));
    const first = await source.current({ signal: never });
    source.rejected({ ...first });
    await source.current({ signal: never });
    expect(runs()).toBe(1);
    source.rejected(first);
    await source.current({ signal: never });
    expect(runs()).toBe(2);
  });

  it('takes client certificates', async () => {
    const source = credentials(printing({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    expect(await source.current({ signal: never })).toEqual({ authorization: undefined, certificate: { cert: 'CERT', key: 'KEY' } });
  });

  it('tells the plugin about the cluster only when asked to', async () => {
    await credentials(printing({ token: 'abc' }), { provideClusterInfo: true }).current({ signal: never });
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toEqual({
      apiVersion: API, kind: 'ExecCredential', spec: { interactive: false, cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': 'Q0E=' } },
    });
    await credentials(printing({ token: 'abc' })).current({ signal: never });
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8')).spec).toEqual({ interactive: false });
  });

  it('passes arguments and environment, and finds a command relative to the kubeconfig', async () => {
    plugin(`printf '{"apiVersion":"${API}","status":{"token":"%s-%s-%s"}}' "$1" "$REGION" "$KEPT"`);
    const source = credentials('./plugin', { args: ['arg'], env: [{ name: 'REGION', value: 'eu' }] });
    expect((await source.current({ signal: never })).authorization).toBe('Bearer arg-eu-kept');
  });
});

describe('exec plugin metrics', () => {
  it('count runs by exit code and outcome, under client-go\'s names', async () => {
    const sink = new RecordingSink();
    const metrics = new KubeMetrics(sink);
    const calls: [string, string, string][] = [[printing({ token: 'abc' }), '0', 'no_error'], [join(folder, 'absent'), '1', 'plugin_not_found_error']];
    for (const [command, code, outcome] of calls) {
      await credentials(command, {}, metrics).current({ signal: never }).catch(() => {});
      expect(sink.get('rest_client_exec_plugin_call_total', { code, call_status: outcome })).toBe(1);
    }
    await credentials(plugin('exit 3'), {}, metrics).current({ signal: never }).catch(() => {});
    expect(sink.get('rest_client_exec_plugin_call_total', { code: '3', call_status: 'plugin_execution_error' })).toBe(1);
  });

  it('say how long the client certificate is good for', async () => {
    const sink = new RecordingSink();
    const metrics = new KubeMetrics(sink);
    const source = credentials(printing({ clientCertificateData: certificate.cert, clientKeyData: certificate.key }), {}, metrics);
    metrics.collect();
    expect(sink.get('rest_client_exec_plugin_ttl_seconds', {})).toBe(Number.POSITIVE_INFINITY);
    await source.current({ signal: never });
    metrics.collect();
    // The test certificate ends in 2126.
    expect(sink.get('rest_client_exec_plugin_ttl_seconds', {})).toBeGreaterThan(3e9);
    await clock.advance(200 * 365 * 86_400_000);
    metrics.collect();
    expect(sink.get('rest_client_exec_plugin_ttl_seconds', {})).toBeLessThan(0);
  });
});

describe('an exec plugin that fails', () => {
  it('is reported without what it printed, with the install hint, and is tried again', async () => {
    const source = credentials(plugin('echo s3cret; echo s3cret >&2; exit 3'), { installHint: 'install the plugin' });
    const error = (await source.current({ signal: never }).catch((failure: unknown) => failure)) as Error;
    expect(error.message).toMatch(/users\['u'\]\.exec: .* failed \(3\); install the plugin/);
    expect(JSON.stringify([error.message, error.cause, error.stack])).not.toContain('s3cret');
    await source.current({ signal: never }).catch(() => {});
    expect(runs()).toBe(2);
  });

  it.each<[string, () => string, RegExp]>([
    ['prints no JSON', () => plugin('echo s3cret'), /did not print JSON/],
    ['prints another version', () => printing({ token: 'abc' }, 'client.authentication.k8s.io/v1alpha1'), /make them equal/],
    ['prints no credential', () => printing({}), /neither status\.token/],
    ['is not there', () => join(folder, 'absent'), /failed \(ENOENT\)/],
  ])('says so when it %s', async (_what, command, message) => {
    const error = await credentials(command()).current({ signal: never }).catch((failure: unknown) => failure);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain('s3cret');
  });

  it.each([
    [{ apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /exec\.apiVersion is .* use one of/],
    [{ command: '' }, /exec\.command is missing/],
    [{ interactiveMode: 'Always' }, /no terminal here/],
  ])('is refused when the kubeconfig says %j', (exec, message) => {
    expect(() => credentials('x', exec)).toThrow(message);
  });
});
