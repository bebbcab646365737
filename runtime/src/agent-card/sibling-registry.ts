import type { BundleInterfaces } from '@sluice/crds';
import type { HttpTransport } from '../egress/transport.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '@sluice/evals/deadline';
import { readBounded } from '../tools/bounded-body.ts';
import { cardPath } from './well-known.ts';
import { readCard, type CardSummary } from './read-card.ts';

type Address = NonNullable<BundleInterfaces['siblings']>[number];

/**
 * A sibling as it was when it was last asked. `ready`: it has given its card. `no-card`: something answers there, and has none that can be
 * used. `unreachable`: nothing answers; `card` is then the last one, if there was any.
 */
export interface Sibling {
  readonly name: string;
  readonly url: string;
  readonly state: 'ready' | 'no-card' | 'unreachable';
  readonly card?: CardSummary | undefined;
  /** Why there is no card, for people. */
  readonly reason?: string | undefined;
}

/** Knows the agents that this one was told of, by their cards. */
export interface SiblingRegistry {
  /** Never throws: a sibling that is away is an answer. */
  readonly list: () => Promise<readonly Sibling[]>;
}

export interface SiblingRegistryOptions {
  readonly siblings: readonly Address[];
  readonly transport: Pick<HttpTransport, 'send'>;
  readonly clock: Clock;
}

/** Within this time a sibling is not asked again. */
export const freshMilliseconds = 30_000;
const askMilliseconds = 2_000;
const maximumCardBytes = 262_144;

class SiblingSilent extends Error {
  override readonly name = 'SiblingSilent';
}

type Found = Pick<Sibling, 'state' | 'card' | 'reason'>;

async function ask({ name, url }: Address, { transport, clock }: SiblingRegistryOptions): Promise<Found> {
  const target = new URL(`${url}${cardPath}`);
  const deadline = { milliseconds: askMilliseconds, signal: new AbortController().signal, expired: () => new SiblingSilent('no answer in time') };
  return await withDeadline(clock, deadline, async (signal) => {
    const response = await transport.send({ url: target, method: 'GET', headers: { accept: 'application/json' }, egress: { allowedHosts: [target.hostname], ownPort: target.port } }, signal);
    if (response.status !== 200) {
      await response.discard();
      return { state: 'no-card', reason: `it answers ${response.status}` };
    }
    const { text, cut } = await readBounded(response.body, maximumCardBytes);
    const card = cut === 'truncated' ? `the card is larger than ${maximumCardBytes} bytes` : readCard(text, name);
    return typeof card === 'string' ? { state: 'no-card', reason: card } : { state: 'ready', card };
  });
}

interface Known {
  readonly found: Promise<Sibling>;
  readonly askedAt: number;
}

/** Asks each sibling when somebody wants to know, at most once in a while, and all at the same time. */
export function createSiblingRegistry(options: SiblingRegistryOptions): SiblingRegistry {
  const known = new Map<string, Known>();
  const find = async (address: Address, last: CardSummary | undefined): Promise<Sibling> => {
    try {
      return { ...address, ...(await ask(address, options)) };
    } catch (error) {
      return { ...address, state: 'unreachable', card: last, reason: error instanceof SiblingSilent ? error.message : 'no connection' };
    }
  };
  const refresh = (address: Address, before: Known | undefined): Known => {
    const found = before === undefined ? find(address, undefined) : before.found.then(({ card }) => find(address, card));
    const entry = { found, askedAt: options.clock.now() };
    known.set(address.name, entry);
    return entry;
  };
  return {
    list: async () => {
      const now = options.clock.now();
      const entries = options.siblings.map((address) => {
        const before = known.get(address.name);
        return before !== undefined && now - before.askedAt < freshMilliseconds ? before : refresh(address, before);
      });
      return await Promise.all(entries.map(({ found }) => found));
    },
  };
}
