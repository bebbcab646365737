import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { approverPermissions, developerPermissions, leaderElectionPermissions, operatorMark, operatorPermissions, operatorSeenPermissions, secretPermissions, shardingPermissions, viewerPermissions, type Permission } from './permissions.ts';
import { permissionFiles, rulesYaml } from './render.ts';

const tables: Readonly<Record<string, readonly Permission[]>> = { operatorPermissions, secretPermissions, shardingPermissions, operatorMark, leaderElectionPermissions, viewerPermissions, developerPermissions, approverPermissions, operatorSeenPermissions };
const every = Object.values(tables).flat();

function verbsOn(permissions: readonly Permission[], group: string, resource: string): string[] {
  return permissions.filter((permission) => permission.group === group && permission.resources.includes(resource)).flatMap(({ verbs }) => [...verbs]);
}

describe('the repository', () => {
  it.each([...permissionFiles().keys()])('holds %s as the table says', async (file) => {
    const present = await readFile(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');
    expect(present, 'run "npm run generate"').toBe(permissionFiles().get(file));
  });
});

describe('the table', () => {
  it('grants nothing on secrets but to follow their metadata, apart from all else', () => {
    expect(every.filter(({ resources }) => resources.some((resource) => resource.startsWith('secret')))).toEqual(secretPermissions);
    expect(secretPermissions.map(({ resources, verbs }) => [resources, verbs])).toEqual([[['secrets'], ['list', 'watch']]]);
  });

  it('has no wildcard, and no verb that hands on rights', () => {
    const words = every.flatMap(({ group, resources, verbs }) => [group, ...resources, ...verbs]);
    for (const forbidden of ['*', 'escalate', 'bind', 'impersonate']) expect(words).not.toContain(forbidden);
    expect(every.map(({ group }) => group)).not.toContain('rbac.authorization.k8s.io');
  });

  it.each(Object.entries(tables))('%s says each resource once, with each verb once', (_, permissions) => {
    const resources = permissions.flatMap((permission) => permission.resources.map((resource) => `${permission.group}/${resource}`));
    expect(new Set(resources).size).toBe(resources.length);
    for (const { verbs } of permissions) expect(new Set(verbs).size).toBe(verbs.length);
  });

  it('lets the operator change no spec that a user writes', () => {
    for (const resource of ['agentdeployments', 'modelproviders', 'evalsuites']) {
      expect(verbsOn(operatorPermissions, 'sluice.dev', resource)).toEqual(['list', 'watch']);
    }
  });

  it('lets nobody but the operator make records, and nobody but it report status', () => {
    const writes = (permissions: readonly Permission[], resource: string) => verbsOn(permissions, 'sluice.dev', resource).filter((verb) => !['get', 'list', 'watch'].includes(verb));
    const people = { viewerPermissions, developerPermissions, approverPermissions };
    for (const [name, permissions] of Object.entries(people)) {
      for (const resource of ['evalruns', 'agentdeployments/status', 'releases/status', 'evalruns/status']) expect(writes(permissions, resource), name).toEqual([]);
      expect(writes(permissions, 'releases'), name).toEqual(name === 'approverPermissions' ? ['patch'] : []);
    }
  });

  it('lets an approver edit no agent', () => {
    expect(verbsOn(approverPermissions, 'sluice.dev', 'agentdeployments')).toEqual(['get', 'list', 'watch']);
  });

  it('gives the mark of an operator to operators alone', () => {
    const marked = Object.entries(tables).filter(([, permissions]) => permissions.some(({ verbs }) => verbs.includes('operate'))).map(([name]) => name);
    expect(marked).toEqual(['operatorMark']);
  });

  it('keeps leases to the namespace of the operator', () => {
    expect(verbsOn(operatorPermissions, 'coordination.k8s.io', 'leases')).toEqual([]);
    expect(leaderElectionPermissions.flatMap(({ resources }) => resources)).toEqual(['leases']);
  });

  it('lets people see the lease of the operator, and no other', () => {
    for (const permissions of [viewerPermissions, developerPermissions, approverPermissions, operatorSeenPermissions]) {
      expect(permissions.filter(({ resources }) => resources.includes('leases')).map(({ verbs, only }) => [verbs, only])).toEqual([[['list'], 'OperatorLease']]);
    }
    expect(operatorSeenPermissions).toHaveLength(1);
  });

  it('says why', () => {
    for (const { why } of every) expect(why).toMatch(/^[A-Z].{15,}\.$/);
  });
});

describe('rulesYaml', () => {
  it('writes the reason and the rule', () => {
    expect(rulesYaml([{ group: '', resources: ['pods'], verbs: ['list', 'watch'], why: 'Counts.' }])).toBe(
      '# Counts.\n- apiGroups: [""]\n  resources: ["pods"]\n  verbs: ["list", "watch"]\n',
    );
  });

  it('names the one object that a rule is for', () => {
    expect(rulesYaml([{ group: 'coordination.k8s.io', resources: ['leases'], verbs: ['list'], only: 'OperatorLease', why: 'Sees.' }])).toContain('  resourceNames: ["{{ include `sluice.leaseName` . }}"]\n  verbs: ["list"]\n');
  });
});
