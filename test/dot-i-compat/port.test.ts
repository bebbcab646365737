import { Operator, ResourceEventType } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { dotI } from './package.ts';

/** Verbs of the package that are tied to the libraries it is built on; our counterpart of them is `client`. */
const OF_ITS_LIBRARIES = ['applyAxiosKubeConfigAuth', 'applyGaxiosKubeConfigAuth'];
const PRIVATE = ['resourceStatusRequest', 'errorToJson'];

describe('an operator written for the package', () => {
  it('finds every public and protected verb of the package in our class', () => {
    const theirs = Object.getOwnPropertyNames(dotI.default.prototype).filter((name) => ![...OF_ITS_LIBRARIES, ...PRIVATE].includes(name));
    const ours = Object.getOwnPropertyNames(Operator.prototype);
    expect(theirs.length).toBeGreaterThanOrEqual(10);
    expect(theirs.filter((name) => name !== 'init' && !ours.includes(name))).toEqual([]);
    for (const name of theirs) {
      if (name !== 'init') expect(typeof Object.getOwnPropertyDescriptor(Operator.prototype, name)?.value, name).toBe('function');
    }
  });

  it('finds the same event types', () => {
    expect({ ...ResourceEventType }).toEqual({ ...dotI.ResourceEventType });
  });
});
