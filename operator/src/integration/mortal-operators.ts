import { setTimeout as wait } from 'node:timers/promises';
import { isNotFound, leases } from '@sluice/kube';
import type { OperatorIdentity } from './operator-identity.ts';
import type { RecordedRequest, RecordingProxy } from './recording-proxy.ts';
import { call, type TestCluster } from './test-cluster.ts';

/** More than any story has writes. */
const maxLives = 400;
/** Longer than any story takes to its end, also on a busy machine; milliseconds. */
const longestLifeMs = 240_000;
/** Between looks whether it has ended, milliseconds. */
const lookEveryMs = 150;

/** A lease as if it had run out: nobody has to wait for it. There may be none, of one that died before it took it. */
export async function expireLease(cluster: TestCluster, { namespace }: OperatorIdentity, name = 'sluice-operator'): Promise<void> {
  await cluster.admin.delete(leases, { namespace, name }, {}, call).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}

/** One of the operators that follow each other. */
export interface MortalOperator {
  readonly proxy: RecordingProxy;
  /** What it has said. */
  readonly log: string;
  kill(): Promise<void>;
}

export interface Mortality {
  /** Begins the operator with this number, from 0; `prepare` is called before it asks for anything. */
  readonly begin: (life: number, prepare: (proxy: RecordingProxy) => void) => Promise<MortalOperator>;
  /** Prepares its death. */
  readonly dies: (proxy: RecordingProxy) => void;
  /** What the lease of the dead is taken away with. */
  readonly bury: () => Promise<void>;
}

/** How one operator ended: cut off at a write, or killed because all was as it should be. */
export interface Life {
  readonly cutAt?: RecordedRequest;
  /** It asked for what it may not. */
  readonly forbidden: readonly RecordedRequest[];
}

/** One operator after the other, each killed when it is cut off, until `ended`. Throws when one neither dies nor comes to an end. */
export async function liveUntil(ended: () => Promise<boolean>, mortality: Mortality): Promise<readonly Life[]> {
  const lives: Life[] = [];
  while (!(await ended())) {
    if (lives.length >= maxLives) throw new Error(`${maxLives} operators have died, and it has not ended`);
    lives.push(await live(lives.length, ended, mortality));
  }
  return lives;
}

async function live(life: number, ended: () => Promise<boolean>, { begin, dies, bury }: Mortality): Promise<Life> {
  const operator = await begin(life, dies);
  const { proxy } = operator;
  try {
    const cutAt = await Promise.race([proxy.cutWrite, whenEnded(ended, proxy, operator)]);
    const forbidden = proxy.requests.filter(({ code }) => code === 403);
    return cutAt === undefined ? { forbidden } : { cutAt, forbidden };
  } finally {
    await operator.kill();
    await bury();
  }
}

async function whenEnded(ended: () => Promise<boolean>, proxy: RecordingProxy, operator: MortalOperator): Promise<undefined> {
  const deadline = AbortSignal.timeout(longestLifeMs);
  while (!proxy.isCut && !(await ended())) {
    if (deadline.aborted) throw new Error(`an operator lived for ${longestLifeMs} ms, and it has not ended; it said:\n${operator.log}`);
    await wait(lookEveryMs);
  }
  // The write that ends it is seen before its answer comes, at which the life may end.
  await proxy.writesEnd;
  // Cut off: the other side of the race says at what.
  if (proxy.isCut) await proxy.cutWrite;
  return undefined;
}
