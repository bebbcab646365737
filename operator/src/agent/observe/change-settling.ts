import type { AgentDeployment } from '@sluice/crds';
import type { Clock } from '@sluice/kube';
import { remember } from '../../remember.ts';
import type { DesiredRevision } from '../observation.ts';

/** How long nothing more of a change must come until a release of it begins, milliseconds: a ConfigMap and the agent that names it are two writes, and no client makes them at once. */
const settleMs = 1_000;
/** What is changed again and again is not waited for any longer than this, milliseconds. */
const longestMs = 10_000;
/** Agents whose change is remembered; beyond it that of the oldest counts as whole. */
const maxAgents = 10_000;

interface Asked {
  readonly revision: string;
  /** The first and the latest change of what has not settled since, epoch milliseconds; absent: it was so when this process looked first. */
  readonly change?: { readonly first: number; readonly latest: number };
}

/**
 * Knows since when agents ask for what they ask for, as this process has seen it. Nothing but when a release begins is decided by it, and what a process
 * finds when it begins counts as whole: after a crash nobody waits for what came long before, and nothing has to be stored.
 */
export class ChangeSettling {
  readonly #clock: Pick<Clock, 'now'>;
  /** By uid. */
  readonly #asked = new Map<string, Asked>();

  constructor({ clock }: { readonly clock: Pick<Clock, 'now'> }) {
    this.#clock = clock;
  }

  /** When what the agent asks for now counts as whole, epoch milliseconds; undefined: it does. */
  settlesAt({ metadata: { uid = '' } }: AgentDeployment, desired: DesiredRevision): number | undefined {
    const known = this.#asked.get(uid);
    const now = this.#clock.now();
    const asked = desired.kind === 'Unresolved' ? known : askedNow(known, desired.record.revision, now);
    if (asked === undefined) return undefined;
    if (asked !== known) remember(this.#asked, uid, asked, maxAgents);
    return endOf(asked, now);
  }
}

function askedNow(known: Asked | undefined, revision: string, now: number): Asked {
  if (known === undefined) return { revision };
  if (known.revision === revision) return known;
  const first = endOf(known, now) === undefined ? now : (known.change?.first ?? now);
  return { revision, change: { first, latest: now } };
}

/** A clock that was put back makes nobody wait for longer. */
function endOf({ change }: Asked, now: number): number | undefined {
  if (change === undefined) return undefined;
  const end = Math.min(change.latest + settleMs, change.first + longestMs);
  return end > now && end - now <= settleMs ? end : undefined;
}
