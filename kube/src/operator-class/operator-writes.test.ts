import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { answer, status } from '../testing/scripted-server.ts';
import { type Widget, widget } from '../testing/widgets.ts';
import type { ResourceEvent } from './resource-event.ts';
import { OperatorRig, type OpenOperator } from './testing/operator-rig.ts';

const FINALIZER = 'kube-tests.sluice.dev/cleanup';
let rig: OperatorRig;
let operator: OpenOperator;
let event: ResourceEvent;

/** Runs an operator until it has heard of widget `a`, whose event the tests then act on as its handler would. */
beforeEach(async () => {
  rig = await OperatorRig.start();
  rig.server.api.put(widget('a', 'ns'));
  const events: ResourceEvent[] = [];
  operator = rig.operator((each) => each.watch(async (one) => void events.push(one)));
  await operator.start();
  await eventually('the widget is heard of', () => events.length === 1);
  event = events[0]!;
});

afterEach(() => rig.close());

function stored(): Widget | undefined {
  return rig.server.api.get('ns', 'a');
}

function change(members: Partial<Widget>, metadata: Partial<Widget['metadata']> = {}): void {
  const known = stored() ?? widget('a', 'ns');
  rig.server.api.put({ ...known, ...members, metadata: { ...known.metadata, ...metadata } });
}

describe('setResourceStatus', () => {
  it('replaces the status, again under the same meta, and returns the new version', async () => {
    const first = await operator.setStatus(event.meta, { phase: 'One', observedSize: 1 });
    expect(first).toMatchObject({ id: event.meta.id, resourceVersion: '102' });
    expect((await operator.setStatus(event.meta, { phase: 'Two' }))?.resourceVersion).toBe('103');
    expect(stored()?.status).toEqual({ phase: 'Two' });
    expect((await operator.setStatus(first!, { phase: 'Three' }).catch(() => 'conflict'))).toBe('conflict');
  });

  it('overcomes a change of something else and keeps it', async () => {
    change({ spec: { size: 9 } });
    expect(await operator.setStatus(event.meta, { phase: 'Ready' })).toMatchObject({ name: 'a' });
    expect(stored()).toMatchObject({ spec: { size: 9 }, status: { phase: 'Ready' } });
  });

  it('throws where somebody else changed the status, and keeps theirs', async () => {
    change({ status: { phase: 'Theirs' } });
    await expect(operator.setStatus(event.meta, { phase: 'Ours' })).rejects.toMatchObject({ code: 409 });
    expect(stored()?.status).toEqual({ phase: 'Theirs' });
  });

  it('throws when conflicts do not end', async () => {
    rig.server.fault = (request, response) => {
      if (request.method !== 'PUT') return 'pass';
      change({ spec: { size: 1 } });
      answer(response, 409, status(409, 'Conflict', 'modified'));
      return 'handled';
    };
    await expect(operator.setStatus(event.meta, { phase: 'Ready' })).rejects.toMatchObject({ code: 409 });
  });

  it('returns null for an object that is gone or was made anew', async () => {
    rig.server.api.remove('ns', 'a');
    expect(await operator.setStatus(event.meta, { phase: 'Ready' })).toBeNull();
    rig.server.api.put(widget('a', 'ns'));
    expect(await operator.setStatus(event.meta, { phase: 'Ready' })).toBeNull();
    expect(stored()?.status).toBeUndefined();
  });

  it('says so when the resource has no status', async () => {
    rig.server.fault = (request, response) => {
      if (!request.path.endsWith('/status')) return 'pass';
      answer(response, 404, status(404, 'NotFound', 'the server could not find the requested resource'));
      return 'handled';
    };
    await expect(operator.setStatus(event.meta, {})).rejects.toThrow("Widget 'ns/a' has no status subresource");
  });

  it('takes a meta that was kept elsewhere only while its version stands', async () => {
    const kept = { ...event.meta };
    expect(await operator.setStatus(kept, { phase: 'Ready' })).toMatchObject({ name: 'a' });
    await expect(operator.setStatus({ ...event.meta }, { phase: 'Later' })).rejects.toThrow("'ns/a' has changed since version 101");
    await expect(operator.setStatus({ ...event.meta, id: 'widgets' }, {})).rejects.toThrow("meta.id 'widgets'");
  });
});

describe('patchResourceStatus', () => {
  it('sets what it names on top of whatever is there', async () => {
    change({ status: { phase: 'Theirs', observedSize: 3 } });
    expect(await operator.patchStatus(event.meta, { observedSize: 4 })).toMatchObject({ name: 'a' });
    expect(stored()?.status).toEqual({ phase: 'Theirs', observedSize: 4 });
    rig.server.api.remove('ns', 'a');
    expect(await operator.patchStatus(event.meta, {})).toBeNull();
  });
});

describe('handleResourceFinalizer', () => {
  const deleted: string[] = [];
  const remove = async ({ meta }: ResourceEvent) => void deleted.push(meta.name);
  const newest = (): ResourceEvent => ({ ...event, type: 'MODIFIED', object: structuredClone(stored() ?? event.object) });

  it('sets the finalizer, passes events on while it is set, and cleans up once', async () => {
    deleted.length = 0;
    change({}, { finalizers: ['theirs'] });
    expect(await operator.finalize(event, FINALIZER, remove)).toBe(true);
    expect(stored()?.metadata.finalizers).toEqual(['theirs', FINALIZER]);
    expect(await operator.finalize(newest(), FINALIZER, remove)).toBe(false);
    rig.server.beginDeletion('ns', 'a');
    expect(await operator.finalize(newest(), FINALIZER, remove)).toBe(true);
    expect([deleted, stored()?.metadata.finalizers]).toEqual([['a'], ['theirs']]);
    expect(await operator.finalize(newest(), FINALIZER, remove)).toBe(true);
    expect(deleted).toEqual(['a']);
    expect(await operator.finalize({ ...event, type: 'DELETED' }, FINALIZER, remove)).toBe(false);
  });

  it('does not claim success when the finalizer could not be set', async () => {
    rig.server.fault = (request, response) => {
      if (request.method !== 'PATCH') return 'pass';
      change({ spec: { size: 1 } });
      answer(response, 422, status(422, 'Invalid', 'the test operation failed'));
      return 'handled';
    };
    await expect(operator.finalize(event, FINALIZER, remove)).rejects.toMatchObject({ code: 409 });
    expect(stored()?.metadata.finalizers).toBeUndefined();
  });

  it('takes a conflict for a failure while the object lives', async () => {
    rig.server.fault = (request, response) => {
      if (request.method !== 'PATCH') return 'pass';
      answer(response, 409, status(409, 'Conflict', 'modified'));
      return 'handled';
    };
    await expect(operator.finalize(event, FINALIZER, remove)).rejects.toMatchObject({ code: 409 });
    rig.server.beginDeletion('ns', 'a');
    expect(await operator.finalize(event, FINALIZER, remove)).toBe(true);
  });

  it('keeps the finalizer when the clean-up fails', async () => {
    await operator.finalize(event, FINALIZER, remove);
    rig.server.beginDeletion('ns', 'a');
    await expect(operator.finalize(newest(), FINALIZER, () => Promise.reject(new Error('bucket is busy')))).rejects.toThrow('bucket is busy');
    expect(stored()?.metadata.finalizers).toEqual([FINALIZER]);
  });

  it('is done with an object that went before it had the finalizer', async () => {
    rig.server.api.remove('ns', 'a');
    expect(await operator.finalize(event, FINALIZER, remove)).toBe(true);
  });
});

describe('setResourceFinalizers', () => {
  it('replaces the list, unless somebody else has changed it', async () => {
    change({ spec: { size: 5 } });
    await operator.setFinalizers(event.meta, [FINALIZER]);
    expect(stored()?.metadata.finalizers).toEqual([FINALIZER]);
    change({}, { finalizers: [FINALIZER, 'theirs'] });
    await expect(operator.setFinalizers(event.meta, [])).rejects.toMatchObject({ code: 422 });
    expect(stored()?.metadata.finalizers).toEqual([FINALIZER, 'theirs']);
  });
});
