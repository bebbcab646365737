import { afterAll, beforeAll, expect, it } from 'vitest';
import { agent } from '../integration/manifests.ts';
import { installWarningPolicy, type WarningPolicy } from '../integration/warning-policy.ts';

let policy: WarningPolicy;
let names = 0;

beforeAll(async () => {
  policy = await installWarningPolicy('access');
  await policy.inForce(() => created({}));
});

afterAll(async () => {
  await policy?.close();
});

/** The warnings that a user sees who creates an agent with these members of its spec. */
async function created(spec: object): Promise<string[]> {
  const small = agent({});
  return await policy.writes.create({ ...small, metadata: { name: `a${(names += 1)}` }, spec: { ...small.spec, access: undefined, ...spec } });
}

it('an agent that does not say who may ask it is warned of at kubectl apply, with the lines to write, and taken all the same', async () => {
  const [warning, ...more] = await created({});
  expect(more).toEqual([]);
  expect(warning).toContain(`agent \\"a${names}\\" answers nobody (401), because spec.access is not set: name callers by its keysSecretRef, issuers or serviceAccounts`);
  expect(warning).toContain('anonymous: Allowed');
  expect((await policy.writes.merge(`a${names}`, { spec: { replicas: 3 } })).join()).toContain('answers nobody');
  expect(await policy.writes.merge(`a${names}`, { metadata: { annotations: { note: 'seen' } } })).toEqual([]);
  expect(await policy.writes.merge(`a${names}`, { spec: { access: { anonymous: 'Allowed' } } })).toEqual([]);
});

const containers = (...variables: string[]) => ({ template: { spec: { containers: [{ name: 'agent' }, { name: 'agent-2', env: variables.map((name) => ({ name, value: 'x' })) }] } } });

it.each<[string, object, number]>([
  ['callers by name', { access: { keysSecretRef: { name: 'keys', key: 'access.json' } } }, 0],
  ['everybody', { access: { anonymous: 'Allowed' } }, 0],
  ['a file of its container', containers('SLUICE_ACCESS_FILE'), 0],
  ['a variable of its container', containers('OTHER', 'SLUICE_ANONYMOUS_ACCESS'), 0],
  ['other variables', containers('OTHER'), 1],
  ['a template without containers', { template: { spec: { priorityClassName: 'high' } } }, 1],
])('of an agent with %s', async (_, spec, warnings) => {
  expect(await created(spec)).toHaveLength(warnings);
});
