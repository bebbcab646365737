import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { heapInUse } from '../testing/heap.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { deepFreeze } from './freeze.ts';
import { StringPool } from './string-pool.ts';

describe('StringPool', () => {
  it('keeps one copy of what many objects say', () => {
    const text = JSON.stringify(Array.from({ length: 50 }, (_, number) => `/var/run/secrets/sluice/provider/${number}`));
    const bytes = (prepare: (value: unknown) => void): number => {
      const before = heapInUse();
      const values = Array.from({ length: 2_000 }, () => JSON.parse(text) as unknown);
      values.forEach(prepare);
      const used = heapInUse() - before;
      expect(values).toHaveLength(2_000);
      return used;
    };
    const pool = new StringPool();
    expect(bytes((value) => pool.shareIn(value))).toBeLessThan(bytes(() => undefined) / 3);
  });

  it('changes nothing that can be read', () => {
    const pool = new StringPool();
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const copy = structuredClone(value);
      pool.shareIn(copy);
      expect(copy).toEqual(value);
    }));
  });

  it('leaves what is frozen as it is, and goes on beside it', () => {
    const pool = new StringPool();
    const value = { frozen: deepFreeze({ text: 'app.kubernetes.io/name' }), open: ['app.kubernetes.io/name', { deep: 'app.kubernetes.io/name' }] };
    expect(() => pool.shareIn(value)).not.toThrow();
    expect(value).toEqual({ frozen: { text: 'app.kubernetes.io/name' }, open: ['app.kubernetes.io/name', { deep: 'app.kubernetes.io/name' }] });
  });

  it('goes on when it was full, and counts how often that was', () => {
    const sink = new RecordingSink();
    const pool = new StringPool({ metrics: new KubeMetrics(sink) });
    const texts = Array.from({ length: 10_000 }, (_, number) => `some-text-${number}`);
    expect(texts.map((text) => pool.share(text))).toEqual(texts);
    expect(sink.get('kube_informer_text_pool_resets_total', {})).toBe(2);
  });
});
