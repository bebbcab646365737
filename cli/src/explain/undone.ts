import type { Release } from '@sluice/crds';
import { isUndone, readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import type { AgentView } from '../agent-view.ts';
import { situationOf, targetOf } from '../intents/situation.ts';
import type { Edit } from './edits.ts';

/** The release that was promoted and taken back, and because of which what the spec asks for is not released; undefined where another one is, or none. */
export function undoneInTheWay(view: AgentView): Release | undefined {
  const target = targetOf(view, { verb: 'Retry' });
  return target !== undefined && target.refusal === undefined && isUndone(target.release) ? target.release : undefined;
}

/** What the agent's own sentence names first: what was taken back is in the spec still. */
export function editOfUndone({ spec: { revision } }: Release, stable: string | undefined): Edit {
  return {
    what: `change what revision ${revision} was taken back for (spec.agent)${stable === undefined ? '' : `, or write what serves, revision ${stable}, into the spec`}`,
    retry: `release revision ${revision} again, through its steps and gates: only where the cause was outside of it`,
  };
}

/** The revision that an undo of the undo brings back; undefined where the operator would refuse. */
export function revisionToReturnTo(view: AgentView, undone: Release): string | undefined {
  const { serving } = readLedger(view.releases);
  const { revision } = undone.spec;
  if (serving === undefined || !situationOf(view, serving).undone.includes(revision)) return undefined;
  return targetOf(view, { verb: 'Undo', toRevision: revision })?.refusal === undefined ? revision : undefined;
}
