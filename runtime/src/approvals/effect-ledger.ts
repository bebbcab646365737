import type { IdempotencyBegin, IdempotencyClaim, IdempotencyStore } from '../idempotency/idempotency-store.ts';
import { writeScope } from '../idempotency/write-scope.ts';
import type { Owner } from '../store/owner.ts';
import type { ToolResult } from '../tools/tool-result.ts';

/** Names one effect: the call of that number in that request. */
export interface EffectKey {
  /** Whose it is: request ids are the callers' own, so two of them may choose the same one. */
  readonly owner: Owner;
  readonly requestId: string;
  /** The number of the call within its request: at most one effect comes of both together. */
  readonly ref: string;
  /** What the effect is; another one under the same key is a mistake. */
  readonly digest: string;
}

/** The right to make an effect. */
export interface EffectClaim {
  readonly effect: EffectKey;
  readonly done: IdempotencyClaim;
  /** Not set: it was marked as begun by an earlier try. */
  readonly begun: IdempotencyClaim | undefined;
}

/**
 * `fresh`: nobody has begun. `unknown`: it was begun, under this number or another of the request, and nobody knows how it ended. `running`: it is being made now.
 * `done`: it has been made, and this came of it. `conflict`: the key belongs to another effect.
 */
export type Begun = { readonly kind: 'fresh' | 'unknown'; readonly claim: EffectClaim } | { readonly kind: 'running'; /** Milliseconds until it is taken for lost. */ readonly retryAfterMs: number } | { readonly kind: 'conflict' } | { readonly kind: 'done'; readonly result: ToolResult };

/** Remembers which writes were made, in a store that outlives the process: a job that is resumed elsewhere does not write twice. */
export interface EffectLedger {
  /** Of all who begin the same effect, one gets a claim. */
  readonly begin: (effect: EffectKey) => Promise<Begun>;
  /** From now on something may have been sent. */
  readonly start: (claim: EffectClaim) => Promise<void>;
  readonly finish: (claim: EffectClaim, result: ToolResult) => Promise<void>;
  /** Nothing was sent. Only before `start`. */
  readonly abandon: (claim: EffectClaim) => Promise<void>;
  /** How it ended is not known, and stays so. */
  readonly lose: (claim: EffectClaim) => Promise<void>;
}

const mark = { status: 202, headers: {}, body: '' };

function blocked(begun: Extract<IdempotencyBegin, { outcome: 'in-flight' | 'other-payload' }>): Begun {
  return begun.outcome === 'in-flight' ? { kind: 'running', retryAfterMs: begun.retryAfterMs } : { kind: 'conflict' };
}

/** Two records of an effect: that it was begun, which is never taken back, and what came of it. */
export function createEffectLedger(store: IdempotencyStore): EffectLedger {
  const beginAs = (part: 'done' | 'begun', effect: EffectKey) => store.begin({ scope: writeScope(part, effect.owner), key: `${effect.requestId}:${effect.ref}`, fingerprint: effect.digest, authority: effect.owner.authority });
  /** A model that is told of a failure asks for the same again under another number: so a doubt holds for the whole request. */
  const beginDoubt = (effect: EffectKey) => store.begin({ scope: writeScope('doubt', effect.owner), key: `${effect.requestId}:${effect.digest}`, fingerprint: effect.digest, authority: effect.owner.authority });
  const isInDoubt = async (effect: EffectKey): Promise<boolean> => {
    const looked = await beginDoubt(effect);
    if (looked.outcome === 'started') await store.release(looked.claim);
    return looked.outcome === 'replay';
  };
  const begin = async (effect: EffectKey): Promise<Begun> => {
    const done = await beginAs('done', effect);
    if (done.outcome === 'replay') return { kind: 'done', result: JSON.parse(done.response.body) as ToolResult };
    if (done.outcome !== 'started') return blocked(done);
    const begun = await beginAs('begun', effect);
    if (begun.outcome === 'replay') return { kind: 'unknown', claim: { effect, done: done.claim, begun: undefined } };
    if (begun.outcome === 'started' && !(await isInDoubt(effect))) return { kind: 'fresh', claim: { effect, done: done.claim, begun: begun.claim } };
    if (begun.outcome === 'started') {
      await store.release(begun.claim);
      return { kind: 'unknown', claim: { effect, done: done.claim, begun: undefined } };
    }
    await store.release(done.claim);
    return blocked(begun);
  };
  return {
    begin,
    start: async ({ begun }) => {
      if (begun === undefined) return;
      const marked = await store.complete(begun, mark);
      if (marked !== 'stored') throw new Error('the claim on the write was lost before it was made');
    },
    finish: async ({ done }, result) => void (await store.complete(done, { status: 200, headers: {}, body: JSON.stringify(result) })),
    abandon: async ({ done, begun }) => {
      if (begun !== undefined) await store.release(begun);
      await store.release(done);
    },
    lose: async ({ effect, done }) => {
      const doubt = await beginDoubt(effect);
      if (doubt.outcome === 'started') await store.complete(doubt.claim, mark);
      await store.release(done);
    },
  };
}
