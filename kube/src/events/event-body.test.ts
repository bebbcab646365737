import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { eventBody, type EventNote, seriesKey } from './event-body.ts';

const regarding: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'prod', uid: 'u1', resourceVersion: '5' } };
const from = { reportingController: 'example.dev/operator', reportingInstance: 'pod-1' };
const at = { nowMs: 1_700_000_000_000, suffix: 'abc' };

function note(part: Partial<EventNote> = {}): EventNote {
  return { regarding, type: 'Normal', reason: 'Promoted', action: 'Promote', note: 'all good', ...part };
}

describe('eventBody', () => {
  it('is what events.k8s.io/v1 wants', () => {
    expect(eventBody(note(), from, at)).toEqual({
      apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'web.abc', namespace: 'prod' }, eventTime: '2023-11-14T22:13:20.000000Z',
      type: 'Normal', reason: 'Promoted', action: 'Promote', note: 'all good', ...from,
      regarding: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'prod', uid: 'u1', resourceVersion: '5' },
    });
  });

  it('puts events of cluster-scoped objects into the default namespace', () => {
    const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
    expect(eventBody(note({ regarding: node, related: regarding }), from, at)).toMatchObject({ metadata: { namespace: 'default' }, related: { name: 'web' } });
  });

  it('cuts what is too long, in bytes and between characters', () => {
    const body = eventBody(note({ note: '漢'.repeat(1000), reason: 'R'.repeat(200), regarding: { ...regarding, metadata: { name: 'x'.repeat(253) } } }), from, at);
    expect(Buffer.byteLength(body.note ?? '')).toBeLessThanOrEqual(1024);
    expect(body.note).toMatch(/^漢+…$/);
    expect(Buffer.byteLength(body.reason)).toBeLessThanOrEqual(128);
    expect(body.metadata.name.length).toBe(253);
  });
});

describe('seriesKey', () => {
  it('differs in everything that a reader would tell apart', () => {
    const other = { ...regarding, metadata: { ...regarding.metadata, uid: 'u2' } };
    const keys = [note(), note({ note: 'x' }), note({ reason: 'x' }), note({ action: 'x' }), note({ type: 'Warning' }), note({ regarding: other }), note({ related: other })].map(seriesKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(seriesKey(note())).toBe(seriesKey(note()));
  });
});
