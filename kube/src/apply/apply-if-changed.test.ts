import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Applied } from '../object.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { applyIfChanged, type ApplyResult } from './apply-if-changed.ts';

const options = { fieldManager: 'me', conflicts: 'force' } as const;
const call = { signal: new AbortController().signal };
let rig: InformerRig;

beforeEach(async () => {
  rig = await InformerRig.start();
});

afterEach(() => rig.close());

function apply(desired: Applied<ConfigMap>, cached: ConfigMap | undefined, digestAnnotation?: string): Promise<ApplyResult<ConfigMap>> {
  return applyIfChanged(rig.client, configMaps, { desired, cached, ...(digestAnnotation === undefined ? {} : { digestAnnotation }) }, options, call);
}

describe('applyIfChanged', () => {
  it('creates what is not there', async () => {
    expect((await apply(configMap('a', { v: '1' }), undefined)).outcome).toBe('created');
    expect(rig.api.get('default', 'a')?.data).toEqual({ v: '1' });
  });

  it('writes nothing when the cache has it all', async () => {
    const cached = rig.api.put(configMap('a', { v: '1', theirs: '2' }));
    expect(await apply(configMap('a', { v: '1' }), cached)).toEqual({ outcome: 'unchanged', object: cached });
    expect(rig.api.count('write')).toBe(0);
  });

  it('writes when something differs', async () => {
    const cached = rig.api.put(configMap('a', { v: '1' }));
    expect((await apply(configMap('a', { v: '2' }), cached)).outcome).toBe('changed');
    expect(rig.api.get('default', 'a')?.data).toEqual({ v: '2' });
  });

  it('with a digest also notices what is no longer desired', async () => {
    const digest = 'example.dev/applied';
    const { object: first } = await apply(configMap('a', { v: '1', w: '2' }), undefined, digest);
    expect((await apply(configMap('a', { w: '2', v: '1' }), first, digest)).outcome).toBe('unchanged');
    expect((await apply(configMap('a', { v: '1' }), first, digest)).outcome).toBe('changed');
    expect((await apply(configMap('a', { v: '1' }), first)).outcome).toBe('unchanged');
  });
});
