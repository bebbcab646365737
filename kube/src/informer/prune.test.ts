import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { pruner } from './prune.ts';

interface Thing extends KubeObject {
  spec: { template?: object; containers: { name: string; env?: object[] }[]; keep: string };
}

function thing(): Thing {
  return {
    apiVersion: 'v1', kind: 'Thing',
    metadata: { name: 'a', namespace: 'n', annotations: { 'example.com/big': 'x', small: 'y' }, managedFields: [{}] },
    spec: { template: { big: 'z' }, containers: [{ name: 'one', env: [{}] }, { name: 'two' }], keep: 'k' },
  };
}

describe('pruner', () => {
  it('always drops managedFields, and nothing else unasked', () => {
    const { metadata: { managedFields: _, ...metadata }, ...rest } = thing();
    expect(pruner<Thing>(undefined)(thing())).toEqual({ ...rest, metadata });
  });

  it('keeps of managedFields what the named manager applied, and nothing when it applied nothing', () => {
    const own = { manager: 'me', operation: 'Apply', fieldsV1: { 'f:spec': {} } };
    const others = [{ manager: 'me', operation: 'Update' }, { manager: 'me', operation: 'Apply', subresource: 'status' }, { manager: 'you', operation: 'Apply' }, null, 7];
    const given = (managedFields: unknown[]): Thing => ({ ...thing(), metadata: { ...thing().metadata, managedFields } });
    for (const prune of [undefined, ['spec.template'], (object: Thing) => object]) {
      expect(pruner<Thing>(prune, 'me')(given([...others, own])).metadata.managedFields).toEqual([own]);
      expect(pruner<Thing>(prune, 'me')(given(others)).metadata).not.toHaveProperty('managedFields');
      expect(pruner<Thing>(prune)(given([own])).metadata).not.toHaveProperty('managedFields');
    }
  });

  it('lets a function see managedFields once, for what they tell of who wrote what', () => {
    const pruned = pruner<Thing>((object) => ({ ...object, metadata: { ...object.metadata, labels: { writers: String(object.metadata.managedFields?.length) } } }))(thing());
    expect(pruned.metadata).toEqual({ name: 'a', namespace: 'n', annotations: { 'example.com/big': 'x', small: 'y' }, labels: { writers: '1' } });
  });

  it('drops what paths name, through quoted keys and every member of an array', () => {
    const pruned = pruner<Thing>(['metadata.annotations["example.com/big"]', 'spec.template', 'spec.containers[*].env'])(thing());
    expect(pruned.metadata).toEqual({ name: 'a', namespace: 'n', annotations: { small: 'y' } });
    expect(pruned.spec).toEqual({ containers: [{ name: 'one' }, { name: 'two' }], keep: 'k' });
  });

  it.each(['spec.absent', 'spec.absent.deeper', 'spec.keep.deeper', 'spec.containers.env', 'spec.keep[*].x', 'status.phase'])('leaves an object without %s as it is', (path) => {
    const { metadata: { managedFields: _, ...metadata }, ...rest } = thing();
    expect(pruner<Thing>([path])(thing())).toEqual({ ...rest, metadata });
  });

  it.each(['', 'spec', '.spec.a', 'spec..a', 'spec.a[0]', 'spec.a[*]', 'metadata.annotations[big]', 'spec.a b'])("refuses the path '%s', naming it and how to write one", (path) => {
    expect(() => pruner([path])).toThrow(RangeError);
    expect(() => pruner([path])).toThrow(`'${path}'`);
  });

  it.each(['metadata.name', 'metadata.uid', 'metadata["resourceVersion"]'])('refuses to drop %s', (path) => {
    expect(() => pruner([path])).toThrow(/identifies an object/);
  });
});
