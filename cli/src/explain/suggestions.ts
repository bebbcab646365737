import type { AgentDeployment, IntentVerb } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { planOf } from '@sluice/operator/src/release/plan.ts';
import type { AgentView } from '../agent-view.ts';
import { situationOf, targetOf } from '../intents/situation.ts';
import { wordsFor } from '../intents/verbs.ts';
import { type Edit, editOf } from './edits.ts';
import { type Facts, hasObjectives, isSuspended } from './facts.ts';
import { editOfLacking, editOfSpec } from './lacking.ts';
import { editOfUndone, revisionToReturnTo, undoneInTheWay } from './undone.ts';

export interface Suggestion {
  /** What the operator is asked, or that the object is to be changed. */
  readonly verb: IntentVerb | 'Edit';
  readonly what: string;
  readonly command: string;
}

/** Every verb, the likelier ones first. */
const effects: Readonly<Record<IntentVerb, string>> = {
  Promote: 'approve it',
  Resume: 'let it go on',
  Retry: 'try it again',
  Skip: 'leave the rest of the step out',
  Pause: 'stop it where it is',
  Abort: 'take it back',
  PromoteFull: 'give it all the traffic without the rest of its steps and gates',
  Undo: 'go back to the revision that was promoted before',
};

type Named = AgentView & { readonly agent: AgentDeployment };

/** What would be done now, and helps: what the spec lacks comes first, because the same content fails the same way. */
export function suggestionsFor(view: Named, facts: Facts | undefined, options: readonly string[]): Suggestion[] {
  const { agent, name, namespace } = view;
  const where = ['-n', namespace, ...options];
  if (isSuspended({ agent })) return [{ verb: 'Edit', what: 'let the operator go on: before that it answers nobody', command: ['kubectl patch agentdeployment', name, ...where, `--type merge -p '{"spec":{"suspend":false}}'`].join(' ') }];
  const undone = undoneInTheWay(view);
  const edit = editOfSpec(agent, view.providers) ?? editOfRelease(view, facts) ?? (undone === undefined ? undefined : editOfUndone(undone, readLedger(view.releases).stableRevision));
  const edits: Suggestion[] = edit === undefined ? [] : [{ verb: 'Edit', what: edit.what, command: ['kubectl edit', edit.object ?? `agentdeployment ${name}`, ...where].join(' ') }];
  const verbs = (Object.keys(effects) as IntentVerb[]).filter((verb) => isAccepted(view, verb) && isRemedy(view, verb));
  const asked = verbs.map((verb) => ({ verb, what: effectOf(verb, view, edit), command: ['kubectl sluice', wordsFor(verb), name, ...where].join(' ') }));
  const back = undone === undefined ? undefined : revisionToReturnTo(view, undone);
  return [...edits, ...asked, ...(back === undefined ? [] : [undoOfUndo(back, [name, ...where])])];
}

function editOfRelease({ agent, releases }: Named, facts: Facts | undefined): Edit | undefined {
  return facts === undefined ? editOfLacking([agent.status?.message ?? '']) : editOf(facts, readLedger(releases));
}

function undoOfUndo(revision: string, [name = '', ...where]: readonly string[]): Suggestion {
  return { verb: 'Undo', what: `give revision ${revision}, which was taken back, all the traffic at once, without steps and gates`, command: ['kubectl sluice undo', name, '--to-revision', revision, ...where].join(' ') };
}

function isAccepted(view: AgentView, verb: IntentVerb): boolean {
  const target = targetOf(view, { verb });
  return target !== undefined && target.refusal === undefined;
}

/** After a release that failed, what serves is what was good: whoever reads undo then means what failed. */
function isRemedy({ releases }: AgentView, verb: IntentVerb): boolean {
  const { latest, serving } = readLedger(releases);
  return verb !== 'Undo' || latest === serving;
}

/** Promote is one word for three things; a retry changes nothing of what failed. */
function effectOf(verb: IntentVerb, view: AgentView, edit: Edit | undefined): string {
  const { active, serving } = readLedger(view.releases);
  if (verb === 'Retry') return edit?.retry ?? effects.Retry;
  if (verb === 'Undo') return serving === undefined ? effects.Undo : `take revision ${serving.spec.revision}, which serves, away: revision ${situationOf(view, serving).returnable[0] ?? 'before it'} serves then`;
  if (verb === 'Abort' && active !== undefined && active.spec.stableRevision === undefined) return 'take it back: nobody is served then';
  if (verb !== 'Promote') return effects[verb];
  if (active?.status?.phase === 'Shifting') return hasObjectives(planOf(active)) ? 'end the time of the step; what its objectives leave open must still pass' : 'end the time of the step';
  return active?.status?.approval?.cause === 'Inconclusive' ? 'give all the traffic to what is not proven' : effects.Promote;
}
