import { describe, expect, it } from 'vitest';
import { secretsOf } from '../agent/revisions/secret-changes.ts';
import { renderRevision, type RevisionRecord } from './record.ts';
import { sampleAgent, samplePrompt, sampleProvider } from './testing/sample-agent.ts';
import { sampleServers as servers, secretValue as secret, type SpecParts as Spec } from './testing/sample-servers.ts';

function record(spec: Spec = {}): RevisionRecord {
  return renderRevision({ agent: sampleAgent({ spec }), provider: sampleProvider(), promptText: samplePrompt });
}

function container({ podTemplate }: RevisionRecord) {
  const [agent] = podTemplate.spec.containers;
  if (agent === undefined) throw new Error('there is no container');
  return agent;
}

function variables(of: RevisionRecord): Record<string, string | undefined> {
  return Object.fromEntries((container(of).env ?? []).map(({ name, value }) => [name, value]));
}

describe('a spec that names servers', () => {
  const rendered = record(servers);

  it('reaches the pods by files of Secrets, which no ConfigMap holds', () => {
    expect(variables(rendered)).toMatchObject({
      SLUICE_STORE_FILE: '/var/run/secrets/sluice/store/url',
      SLUICE_REDIS_FILE: '/var/run/secrets/sluice/redis/url',
      SLUICE_JOB_CONCURRENCY: '2',
      SLUICE_CALLBACK_HOSTS: 'a.example.com,b.example.com',
      SLUICE_CALLBACK_SECRETS_FILE: '/var/run/secrets/sluice/callbacks/secrets',
      SLUICE_ACCESS_FILE: '/var/run/secrets/sluice/access/access.json',
      SLUICE_CLUSTER_DIR: '/var/run/secrets/sluice/cluster',
      SLUICE_CORS_ORIGINS: 'https://a.example.com,https://b.example.com',
    });
    expect(rendered.podTemplate.spec.volumes).toEqual(
      expect.arrayContaining([
        { name: 'sluice-store', secret: { secretName: 'db', items: [{ key: 'value', path: 'url' }], defaultMode: 0o440, optional: true } },
        { name: 'sluice-live-access', secret: { secretName: 'keys', items: [{ key: 'value', path: 'access.json' }], defaultMode: 0o440, optional: true } },
        { name: 'sluice-cluster', projected: { defaultMode: 0o440, sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }] } },
      ]),
    );
    const mounted = (container(rendered).volumeMounts ?? []).map(({ name }) => name);
    expect(mounted).toEqual(expect.arrayContaining((rendered.podTemplate.spec.volumes ?? []).map(({ name }) => name)));
    expect(rendered.configMaps).toBeUndefined();
    expect(rendered.podTemplate.spec['automountServiceAccountToken']).toBe(false);
  });

  it('pins whose tokens are taken, in an order of its own', () => {
    expect(rendered.bundle.access).toEqual({
      issuers: [{ issuer: 'https://id.example.com', audience: 'support', jwksUri: 'https://id.example.com:8444/jwks' }],
      serviceAccounts: { audience: 'support.shop.svc', accounts: [{ namespace: 'shop', name: 'web', roles: ['a', 'b'] }] },
    });
  });

  it('opens the ports of the servers, of the issuers and of the API server', () => {
    expect(rendered.egress.map(({ ports }) => ports)).toEqual([[443, 6380, 6432, 6443, 8444], [443, 6380, 6432, 6443, 8444]]);
    expect(record({ ...servers, network: { egress: [{ cidr: '10.0.0.0/8', ports: [5432] }] } }).egress).toEqual([{ cidr: '10.0.0.0/8', except: [], ports: [5432] }]);
  });

  it('restarts its pods for a new URL of a server, and not for what they read while they run', () => {
    expect(secretsOf(rendered).toSorted()).toEqual(['anthropic-key', 'cache', 'db']);
  });

  it('pins no version of what is read while they run', () => {
    const references = { configMap: () => undefined, secretVersion: (name: string) => `v-${name}` };
    const pinned = renderRevision({ agent: sampleAgent({ spec: servers }), provider: sampleProvider(), promptText: samplePrompt, references });
    expect(Object.keys(pinned.secrets ?? {}).toSorted()).toEqual(['anthropic-key', 'cache', 'db']);
  });

  it('restarts for a Secret that is read at the start too', () => {
    const shared = record({ ...servers, state: { postgres: { urlSecretRef: secret('keys'), port: 5432 } } });
    expect(secretsOf(shared).toSorted()).toEqual(['anthropic-key', 'keys']);
  });
});

it('says that everybody may ask by a variable, which older images of the runtime do not mind', () => {
  const open = record({ access: { anonymous: 'Allowed' } });
  expect(variables(open)).toMatchObject({ SLUICE_ANONYMOUS_ACCESS: 'Allowed' });
  expect(open.bundle).toEqual(record().bundle);
  const names = ({ podTemplate }: RevisionRecord) => podTemplate.spec.volumes?.map(({ name }) => name);
  expect(names(open)).toEqual(names(record()));
});

describe('a spec without them', () => {
  it('is the revision that it was', () => {
    const plain = record();
    expect(plain.bundle).not.toHaveProperty('access');
    expect(Object.keys(variables(plain))).toEqual(['SLUICE_BUNDLE_FILE', 'SLUICE_REVISION', 'SLUICE_PROVIDER_API_KEY_FILE', 'SLUICE_DRAIN_TIMEOUT', 'POD_NAME']);
    expect(record({ mode: 'Service' }).revision).toBe(plain.revision);
  });

  it.each<[string, Spec]>([
    ['mode', { mode: 'Worker' }],
    ['state', { state: { sqlite: { sizeLimit: '1Gi' } } }],
    ['jobs', { jobs: { concurrency: 0 } }],
    ['batches', { jobs: { batch: { collectFor: '1m', maxWait: '25h' } } }],
    ['access for everybody', { access: { anonymous: 'Allowed' } }],
    ['flags', { flags: { configMapKeyRef: secret('flags') } }],
    ['access', { access: { keysSecretRef: secret('keys') } }],
  ])('is another one with %s', (_, spec) => {
    expect(record(spec).revision).not.toBe(record().revision);
  });
});

it('keeps state in a volume of the pod, and names one revision however its size is written', () => {
  const [one, other] = [record({ state: { sqlite: { sizeLimit: '1Gi' } } }), record({ state: { sqlite: { sizeLimit: '1024Mi' } } })];
  expect(variables(one)['SLUICE_STORE']).toBe('sqlite:/var/lib/sluice/state.db');
  expect(one.podTemplate.spec.volumes).toContainEqual({ name: 'sluice-state', emptyDir: { sizeLimit: '1Gi' } });
  expect(other.revision).toBe(one.revision);
});

it.each([
  ['2Gi', undefined],
  ['4Gi', undefined],
  ['1366Mi', undefined],
  ['1365Mi', '1073479680'],
  ['1Gi', '805306368'],
  ['100M', '75000000'],
  ['1.5Mi', '1179648'],
])('tells the store of a volume of %s to be full before it', (sizeLimit, bytes) => {
  expect(variables(record({ state: { sqlite: { sizeLimit } } }))['SLUICE_STORE_MAX_BYTES']).toBe(bytes);
});

it('mounts flags as they are now, and pins no content of theirs: turning one is no release', () => {
  const references = (value: string) => ({ configMap: (name: string) => (name === 'flags' ? { apiVersion: 'v1' as const, kind: 'ConfigMap' as const, metadata: { name }, data: { value } } : undefined) });
  const withFlags = (data: string) => renderRevision({ agent: sampleAgent({ spec: { flags: { configMapKeyRef: secret('flags') } } }), provider: sampleProvider(), promptText: samplePrompt, references: references(data) });
  const rendered = withFlags('{}');
  expect(variables(rendered)).toMatchObject({ SLUICE_FLAGS_FILE: '/etc/sluice/flags/flags.json' });
  expect(rendered.podTemplate.spec.volumes).toContainEqual({ name: 'sluice-live-flags', configMap: { name: 'flags', items: [{ key: 'value', path: 'flags.json' }], optional: true } });
  expect(rendered.configMaps).toBeUndefined();
  expect(withFlags('{"flags":{"writes":false}}').revision).toBe(rendered.revision);
});

it('sends jobs by batch, and names one revision however the times are written', () => {
  const [one, other] = [record({ jobs: { batch: { collectFor: '1m', maxWait: '25h' } } }), record({ jobs: { batch: { collectFor: '60s', maxWait: '1500m' } } })];
  expect(variables(one)).toMatchObject({ SLUICE_JOB_BATCH_COLLECT: '60000ms', SLUICE_JOB_BATCH_MAX_WAIT: '90000000ms' });
  expect(other.revision).toBe(one.revision);
});

it('starts workers as workers', () => {
  expect(container(record({ mode: 'Worker' })).args).toEqual(['worker']);
});

it('mounts the secrets of tools by their names, and reads them while it runs', () => {
  const agent = sampleAgent({ agent: { credentials: [{ name: 'crm', secretRef: secret('tools') }] } });
  const rendered = renderRevision({ agent, provider: sampleProvider(), promptText: samplePrompt });
  expect(rendered.podTemplate.spec.volumes).toContainEqual({ name: 'sluice-live-tool-crm', secret: { secretName: 'tools', items: [{ key: 'value', path: 'secret' }], defaultMode: 0o440, optional: true } });
  expect(container(rendered).volumeMounts).toContainEqual({ name: 'sluice-live-tool-crm', mountPath: '/var/run/secrets/sluice/tools/crm', readOnly: true });
  expect(secretsOf(rendered)).toEqual(['anthropic-key']);
});
