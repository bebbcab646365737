import { expect, test } from 'vitest';
import { claim, type ExistingNames } from './claim-context.ts';

const EMPTY: ExistingNames = { namespaces: ['default', 'kube-system'], customResourceDefinitions: [] };
const ALL = ['agentdeployments.sluice.dev', 'modelproviders.sluice.dev', 'evalsuites.sluice.dev', 'evalruns.sluice.dev', 'releases.sluice.dev'];

test('in an empty cluster both namespaces and all CRDs are ours', () => {
  expect(claim('dev', EMPTY, undefined)).toEqual({ context: 'dev', namespaces: ['sluice-system', 'sluice-demo'], customResourceDefinitions: ALL });
});

test('a second run finds its own and keeps the claim', () => {
  const first = claim('dev', EMPTY, undefined);
  const existing = { namespaces: [...EMPTY.namespaces, ...first.namespaces], customResourceDefinitions: ALL };
  expect(claim('dev', existing, first)).toEqual(first);
});

test('CRDs that were there before are not ours to remove', () => {
  const existing = { ...EMPTY, customResourceDefinitions: ['releases.sluice.dev', 'other.example'] };
  expect(claim('dev', existing, undefined).customResourceDefinitions).toEqual(ALL.filter((name) => name !== 'releases.sluice.dev'));
});

test('a namespace of somebody else is left alone, with an error that names it', () => {
  expect(() => claim('dev', { ...EMPTY, namespaces: ['sluice-demo'] }, undefined)).toThrow('context dev has the namespace sluice-demo already');
});

test('one state folder serves one context', () => {
  expect(() => claim('prod', EMPTY, claim('dev', EMPTY, undefined))).toThrow('belongs to the context dev');
});
