import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../client/kube-client.ts';
import { KubeError } from '../kube-error.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { configMap } from '../testing/informer-rig.ts';
import { listSnapshot } from './lister.ts';

interface Page {
  readonly names: readonly string[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

const expired = new KubeError({ code: 410, reason: 'Expired', message: 'the continue token is too old' });

/** Answers list calls from a script, and remembers what was asked. */
function scripted(answers: readonly (Page | KubeError)[]): { client: KubeClient; asked: Record<string, unknown>[] } {
  const asked: Record<string, unknown>[] = [];
  const list = async (_type: unknown, options: Record<string, unknown>, call: { deadlineMs?: number }) => {
    asked.push({ ...options, ...(call.deadlineMs === undefined ? {} : { deadlineMs: call.deadlineMs }) });
    const answer = answers[asked.length - 1];
    if (!answer || answer instanceof KubeError) throw answer ?? new Error('no more answers');
    return { items: answer.names.map((name) => configMap(name)), resourceVersion: answer.resourceVersion, continue: answer.continue };
  };
  return { client: { list } as unknown as KubeClient, asked };
}

async function listed(answers: readonly (Page | KubeError)[]): Promise<{ names: string[]; resourceVersion: string; asked: Record<string, unknown>[] }> {
  const { client, asked } = scripted(answers);
  const malformed: KubeError[] = [];
  const snapshot = await listSnapshot<ConfigMap>({
    client, type: configMaps, selection: { namespace: 'n' }, pageSize: 2, prepare: (object) => object, onMalformed: (error) => malformed.push(error),
  }, new AbortController());
  return { names: snapshot.items.map((item) => item.metadata.name), resourceVersion: snapshot.resourceVersion, asked };
}

describe('listSnapshot', () => {
  it('puts pages together, all of the version of the first', async () => {
    const { names, resourceVersion, asked } = await listed([
      { names: ['a', 'b'], resourceVersion: '10', continue: 't1' }, { names: ['c'], resourceVersion: '12', continue: 't2' }, { names: [], resourceVersion: '10' },
    ]);
    expect([names, resourceVersion]).toEqual([['a', 'b', 'c'], '10']);
    expect(asked).toEqual([{ namespace: 'n', limit: 2 }, { namespace: 'n', limit: 2, continue: 't1' }, { namespace: 'n', limit: 2, continue: 't2' }]);
  });

  it('reads everything once more, in one piece and with more time, when a page token has expired', async () => {
    const { names, resourceVersion, asked } = await listed([{ names: ['a', 'b'], resourceVersion: '10', continue: 't1' }, expired, { names: ['b', 'c'], resourceVersion: '20' }]);
    expect([names, resourceVersion]).toEqual([['b', 'c'], '20']);
    expect(asked.at(-1)).toEqual({ namespace: 'n', deadlineMs: 300_000 });
  });

  it('fails whole when a page fails: half a list is no list', async () => {
    await expect(listed([{ names: ['a'], resourceVersion: '10', continue: 't1' }, new KubeError({ code: 500, reason: 'InternalError', message: 'no' })])).rejects.toMatchObject({ code: 500 });
  });

  it('does not turn in a circle', async () => {
    const same = { names: ['a'], resourceVersion: '10', continue: 't1' };
    await expect(listed([same, same, same])).rejects.toThrow(/came back to the page it was on/);
  });
});
