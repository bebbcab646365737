import { readFile } from 'node:fs/promises';
import { definitions } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { actionNames, argocdConfigMap } from './config-map.ts';

const root = new URL('../../', import.meta.url);
const verbs = ['abort', 'pause', 'promote', 'promote-full', 'resume', 'retry', 'skip', 'undo'];

interface Actions {
  readonly 'discovery.lua': string;
  readonly definitions: readonly { readonly name: string; readonly 'action.lua': string }[];
}

function script(path: string): Promise<string> {
  return readFile(new URL(`argocd/sluice.dev/${path}`, root), 'utf8');
}

describe('the ConfigMap for Argo CD', () => {
  it('is what the scripts say: run "node test/argocd/main.ts"', async () => {
    expect(await readFile(new URL('argocd/argocd-cm.yaml', root), 'utf8')).toBe(await argocdConfigMap());
  });

  it('holds every script, to the letter', async () => {
    const { data } = parse(await argocdConfigMap()) as { readonly data: Readonly<Record<string, string>> };
    for (const { kind } of definitions) expect(data[`resource.customizations.health.sluice.dev_${kind}`]).toBe(await script(`${kind}/health.lua`));
    for (const kind of ['AgentDeployment', 'Release']) {
      const actions = parse(data[`resource.customizations.actions.sluice.dev_${kind}`] ?? '') as Actions;
      expect(actions['discovery.lua']).toBe(await script(`${kind}/actions/discovery.lua`));
      expect(actions.definitions.map(({ name }) => name)).toEqual(verbs);
      for (const { name, 'action.lua': action } of actions.definitions) expect(action).toBe(await script(`${kind}/actions/${name}/action.lua`));
    }
    expect(Object.keys(data)).toHaveLength(definitions.length + 2);
  });

  it('has actions for agents and releases', async () => {
    const found = await Promise.all(definitions.map(async ({ kind }) => [kind, await actionNames(kind)] as const));
    expect(Object.fromEntries(found)).toEqual({ AgentDeployment: verbs, Release: verbs, ModelProvider: [], EvalSuite: [], EvalRun: [] });
  });
});
