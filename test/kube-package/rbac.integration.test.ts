import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installCrd } from '@sluice/kube';
import { gadgetDefinition } from '../../kube/src/testing/gadgets.ts';
import { openTestCluster, type TestCluster } from '../../kube/src/testing/test-cluster.ts';
import { readDocument } from './examples.ts';
import { codeIn, tableRows } from './markdown-table.ts';
import { calls } from './rbac-calls.ts';
import { gadgetType, ownType, type Part, type PartContext, removeDefinition } from './rbac-gadgets.ts';
import { parts } from './rbac-parts.ts';
import { Refusals } from './refusals.ts';
import { RestrictedUser, type Rule } from './restricted-user.ts';

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

const shared = gadgetDefinition('rights');
const runnable = { ...parts, ...calls };
const documented = rightsIn(await readDocument('docs/rbac.md'));
let cluster: TestCluster;
let runs = 0;

beforeAll(async () => {
  cluster = await openTestCluster('rbac');
  await installCrd(cluster.client, shared, { fieldManager: 'rights' }, cluster.call);
}, 60_000);

afterAll(async () => {
  await removeDefinition(cluster.client, shared.metadata.name);
  await cluster.close();
});

/** The rights of each part, by the texts of its first cell. */
function rightsIn(document: string): ReadonlyMap<string, readonly Right[]> {
  const rights = new Map<string, Right[]>();
  for (const [part = '', group = '', resource = '', verbs = ''] of tableRows(document)) {
    const name = codeIn(part).join(', ');
    rights.set(name, [...(rights.get(name) ?? []), { group: codeIn(group).join(), resource: codeIn(resource).join(), verbs: codeIn(verbs) }]);
  }
  return rights;
}

/** Runs the part as somebody who has these rights and no other. */
async function runWith(part: Part, rights: readonly Right[]): Promise<void> {
  runs += 1;
  const { client: admin, namespace } = cluster;
  const name = `${namespace.slice(namespace.lastIndexOf('-') + 1)}r${runs}`;
  const type = part.kind === 'own' ? ownType(name) : gadgetType(shared);
  const rules: Rule[] = rights.map(({ group, resource, verbs }) => (
    { apiGroups: [group.replace('<group>', type.group)], resources: [resource.replace('<kind>', type.plural)], verbs }
  ));
  const user = new RestrictedUser(admin, `${namespace}-${name}`);
  const context: PartContext = { user, admin, namespace, name, type, refusals: new Refusals() };
  try {
    await user.grant(rules.filter(({ verbs }) => verbs.length > 0), part.scope === 'namespace' ? namespace : '');
    await part.run(context);
  } finally {
    await user.close();
  }
}

/** Every verb of a part, and the rights without it. */
function lessened(rights: readonly Right[]): { readonly verb: string; readonly resource: string; readonly left: readonly Right[] }[] {
  return rights.flatMap((right) => right.verbs.map((verb) => ({
    verb, resource: right.resource, left: rights.map((each) => (each === right ? { ...each, verbs: each.verbs.filter((other) => other !== verb) } : each)),
  })));
}

test('docs/rbac.md has rights for every part that is run here, and for no other', () => {
  expect([...documented.keys()].toSorted()).toEqual(Object.keys(runnable).toSorted());
});

describe.each(Object.entries(runnable))('%s', (name, part) => {
  const rights = documented.get(name) ?? [];

  test('works with the rights that docs/rbac.md names', { timeout: 60_000 }, async () => {
    await expect(runWith(part, rights)).resolves.toBeUndefined();
  });

  test.each(lessened(rights).filter(({ verb }) => !part.spare?.includes(verb)))('is refused without $verb on $resource', { timeout: 60_000 }, async ({ left }) => {
    await expect(runWith(part, left)).rejects.toThrow(/forbidden/);
  });
});
