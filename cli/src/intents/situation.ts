import type { Intent, IntentVerb, Release } from '@sluice/crds';
import { isUndone, readLedger, rejectionOf, type ReleaseLedger, returnableRevisions, undoneRevisions } from '@sluice/operator/src/agent/ledger/releases.ts';
import { openIntent } from '@sluice/operator/src/release/intents/answer.ts';
import { type IntentSituation, refusalOf } from '@sluice/operator/src/release/intents/refusal.ts';
import type { AgentView } from '../agent-view.ts';

/** Whether a revision's record is still stored only the operator knows; it refuses what can't be. */
const storedForAllWeKnow = { has: () => true };

/** What the operator's answer to an intent depends on, as far as it can be read. */
export function situationOf({ agent, releases }: AgentView, release: Release): IntentSituation {
  const ledger = readLedger(releases);
  const rejects = rejecting(agent, ledger) === release;
  const serves = release === ledger.serving && !isUndone(release);
  return {
    release,
    role: release === ledger.active ? 'Active' : rejects ? 'Rejecting' : serves ? 'Serving' : 'Past',
    other: ledger.active === undefined || ledger.active === release ? undefined : ledger.active.metadata.name,
    returnable: returnableRevisions(ledger, storedForAllWeKnow),
    undone: undoneRevisions(ledger, storedForAllWeKnow),
    hindrances: [],
    wanted: wantedRevision(agent),
  };
}

/** The revision that the spec comes to, as far as the operator has said it of the present one. */
export function wantedRevision(agent: AgentView['agent']): string | undefined {
  return agent?.status?.observedGeneration === agent?.metadata.generation ? agent?.status?.revision : undefined;
}

/** The operator says it; what it has not said yet follows from the revision. */
function rejecting(agent: AgentView['agent'], ledger: ReleaseLedger): Release | undefined {
  const { rejectedBy, revision } = agent?.status ?? {};
  return ledger.all.find(({ metadata }) => metadata.name === rejectedBy?.release) ?? (revision === undefined ? undefined : rejectionOf(revision, ledger));
}

export interface Target {
  readonly release: Release;
  /** Why the operator would refuse; undefined when nothing speaks against it. */
  readonly refusal: string | undefined;
}

export interface Wish {
  readonly verb: IntentVerb;
  /** The revision that is meant; not set: that of the release that is found. */
  readonly revision?: string | undefined;
  readonly toRevision?: string | undefined;
}

/** The release that a verb is asked of, and what the operator's own rules say of it; undefined when there is none. */
export function targetOf(view: AgentView, { verb, revision, toRevision }: Wish): Target | undefined {
  const release = releaseFor(view, verb);
  if (release === undefined) return undefined;
  return { release, refusal: refusalOf(situationOf(view, release), { verb, revision: revision ?? release.spec.revision, toRevision }) };
}

function releaseFor({ agent, releases }: AgentView, verb: IntentVerb): Release | undefined {
  const ledger = readLedger(releases);
  switch (verb) {
    case 'Undo':
      return ledger.serving;
    case 'Retry':
      return rejecting(agent, ledger) ?? ledger.latest;
    case 'Promote':
    case 'PromoteFull':
    case 'Abort':
    case 'Pause':
    case 'Resume':
    case 'Skip':
      return ledger.active ?? ledger.latest;
  }
}

/** The intent of somebody that the operator has not answered yet. */
export function unansweredIntent(release: Release): Intent | undefined {
  return openIntent(release);
}
