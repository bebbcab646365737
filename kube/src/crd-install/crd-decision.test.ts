import { describe, expect, it } from 'vitest';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { gadgetDefinition, gadgetVersion } from '../testing/gadgets.ts';
import { type CrdRelease, decideCrd, desiredDefinition } from './crd-decision.ts';

const release = (value: string): CrdRelease => ({ annotation: 'release', value, order: 'number' });

/** As the API server answers: with defaults, a status, and without flags that are false. */
function installed(definition: CustomResourceDefinition, by?: CrdRelease): CustomResourceDefinition {
  const desired = desiredDefinition(definition, by);
  return {
    ...desired, metadata: { ...desired.metadata, uid: 'u', resourceVersion: '7' },
    spec: { ...desired.spec, conversion: { strategy: 'None' } }, status: { storedVersions: ['v1'] },
  };
}

describe('decideCrd', () => {
  const definition = gadgetDefinition('x');

  it('creates what is not there, and leaves what is the same', () => {
    expect(decideCrd(desiredDefinition(definition, undefined), undefined, undefined)).toEqual({ action: 'create' });
    expect(decideCrd(desiredDefinition(definition, undefined), installed(definition), undefined)).toEqual({ action: 'leave', why: 'unchanged' });
  });

  it('does not take flags that the API server omits, or a status in the file, for a difference', () => {
    const version = gadgetVersion('v1');
    const schema = { openAPIV3Schema: { type: 'object', nullable: false, properties: { on: { type: 'boolean', default: false } } } };
    const file = { ...definition, status: { storedVersions: [] }, spec: { ...definition.spec, preserveUnknownFields: false, versions: [{ ...version, schema, deprecated: false }] } };
    const answered = installed({ ...definition, spec: { ...definition.spec, versions: [{ ...version, schema: { openAPIV3Schema: { type: 'object', properties: { on: { type: 'boolean', default: false } } } } }] } });
    const same = { ...answered, metadata: { ...answered.metadata, annotations: desiredDefinition(file, undefined).metadata.annotations ?? {} } };
    expect(decideCrd(desiredDefinition(file, undefined), same, undefined)).toEqual({ action: 'leave', why: 'unchanged' });
  });

  it('upgrades under the version it has seen, also when a member was only taken out', () => {
    const longer = { ...definition, spec: { ...definition.spec, names: { ...definition.spec.names, shortNames: ['gx'] } } };
    expect(decideCrd(desiredDefinition(longer, undefined), installed(definition), undefined)).toEqual({ action: 'upgrade', resourceVersion: '7' });
    expect(decideCrd(desiredDefinition(definition, undefined), installed(longer), undefined)).toEqual({ action: 'upgrade', resourceVersion: '7' });
  });

  it('leaves a newer release alone, and takes over one that is older or says nothing', () => {
    const decide = (existing: CustomResourceDefinition) => decideCrd(desiredDefinition(definition, release('9')), existing, release('9')).action;
    expect(decide(installed(definition, release('10')))).toBe('leave');
    expect(decide(installed(definition, release('8')))).toBe('upgrade');
    expect(decide(installed(definition))).toBe('upgrade');
    expect(() => decide(installed(definition, release('newest')))).toThrow("release 'newest' is not a number");
  });

  it('waits for a namesake that is being deleted', () => {
    const existing = installed(definition);
    const leaving = { ...existing, metadata: { ...existing.metadata, deletionTimestamp: '2026-11-21T00:00:00Z' } };
    expect(decideCrd(desiredDefinition(definition, undefined), leaving, undefined)).toEqual({ action: 'wait' });
  });

  it('refuses to drop a stored version and to change scope', () => {
    const dropped = desiredDefinition(gadgetDefinition('x', [gadgetVersion('v2')]), undefined);
    expect(decideCrd(dropped, installed(definition), undefined)).toMatchObject({ action: 'refuse', reason: 'StoredVersionDropped' });
    const scoped = desiredDefinition({ ...definition, spec: { ...definition.spec, scope: 'Cluster' } }, undefined);
    expect(decideCrd(scoped, installed(definition), undefined)).toMatchObject({ action: 'refuse', reason: 'IdentityChanged' });
  });
});
