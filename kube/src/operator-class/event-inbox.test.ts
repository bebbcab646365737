import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, type KubeObject } from '../object.ts';
import { EventInbox, type InboxEvent } from './event-inbox.ts';

function thing(uid: string, version: number): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', namespace: 'ns', uid, resourceVersion: String(version) } };
}

const key = { namespace: 'ns', name: 'a' };
const told = (event: InboxEvent | undefined) => event && `${event.type} ${event.object.metadata.uid}@${event.object.metadata.resourceVersion}`;

function drain(inbox: EventInbox): (string | undefined)[] {
  const all = [];
  for (let event = inbox.take(key); event; event = inbox.take(key)) all.push(told(event));
  return all;
}

describe('EventInbox', () => {
  it('keeps the newest state under the type of the first event not heard', () => {
    const inbox = new EventInbox();
    inbox.put({ type: 'ADDED', object: thing('u', 1) });
    inbox.put({ type: 'MODIFIED', object: thing('u', 2) });
    expect(drain(inbox)).toEqual(['ADDED u@2']);
    inbox.put({ type: 'MODIFIED', object: thing('u', 3) });
    inbox.put({ type: 'MODIFIED', object: thing('u', 4) });
    expect(drain(inbox)).toEqual(['MODIFIED u@4']);
    expect(inbox.size).toBe(0);
  });

  it('tells the end of one object before the beginning of the next of its name', () => {
    const inbox = new EventInbox();
    inbox.put({ type: 'DELETED', object: thing('u', 2) });
    inbox.put({ type: 'ADDED', object: thing('w', 3) });
    inbox.put({ type: 'DELETED', object: thing('w', 4) });
    inbox.put({ type: 'ADDED', object: thing('x', 5) });
    expect(drain(inbox)).toEqual(['DELETED u@2', 'DELETED w@4', 'ADDED x@5']);
  });

  it('gives a failed event back under what came meanwhile', () => {
    const inbox = new EventInbox();
    const failed = (event: InboxEvent, ...meanwhile: InboxEvent[]) => {
      for (const each of meanwhile) inbox.put(each);
      inbox.giveBack(event);
      return drain(inbox);
    };
    expect(failed({ type: 'ADDED', object: thing('u', 1) })).toEqual(['ADDED u@1']);
    expect(failed({ type: 'ADDED', object: thing('u', 1) }, { type: 'MODIFIED', object: thing('u', 2) })).toEqual(['ADDED u@2']);
    expect(failed({ type: 'MODIFIED', object: thing('u', 1) }, { type: 'DELETED', object: thing('u', 2) })).toEqual(['DELETED u@2']);
    expect(failed({ type: 'DELETED', object: thing('u', 1) }, { type: 'ADDED', object: thing('w', 2) })).toEqual(['DELETED u@1', 'ADDED w@2']);
  });

  /** What an informer can say of one name: a life of versions, an end, another life. */
  const history = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }).map((lives) => {
    let version = 0;
    return lives.flatMap((changes, life): InboxEvent[] => [
      { type: 'ADDED', object: thing(`u${life}`, ++version) },
      ...Array.from({ length: changes }, (): InboxEvent => ({ type: 'MODIFIED', object: thing(`u${life}`, ++version) })),
      ...(life < lives.length - 1 ? [{ type: 'DELETED', object: thing(`u${life}`, ++version) } as const] : []),
    ]);
  });

  it('whatever fails and whenever: every end is heard once, the last state last, and nothing of an object after its end', () => {
    fc.assert(fc.property(history, fc.infiniteStream(fc.constantFrom('put', 'succeed', 'fail')), (events, steps) => {
      const inbox = new EventInbox();
      const heard: InboxEvent[] = [];
      const pending = [...events];
      for (const step of steps) {
        const next = step === 'put' || inbox.size === 0 ? pending.shift() : undefined;
        if (next) inbox.put(next);
        else {
          const event = inbox.take(key);
          if (event === undefined) break;
          // Something may come in while a handler that fails is at work.
          const meanwhile = step === 'fail' ? pending.shift() : undefined;
          if (meanwhile) inbox.put(meanwhile);
          if (step === 'fail') inbox.giveBack(event);
          else heard.push(event);
        }
      }
      const ends = events.filter(({ type }) => type === 'DELETED').map(told);
      expect(heard.filter(({ type }) => type === 'DELETED').map(told)).toEqual(ends);
      expect(heard.at(-1)?.object).toEqual(events.at(-1)?.object);
      const versions = heard.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual(versions.toSorted((left, right) => left - right));
      expect(new Set(heard.filter(({ type }) => type === 'ADDED').map(({ object }) => object.metadata.uid)).size).toBe(heard.filter(({ type }) => type === 'ADDED').length);
      expect(keyOf(heard[0]!.object)).toEqual(key);
    }), { numRuns: 10_000 });
  }, 120_000);
});
