import { type AgentDeployment, type IntentVerb, isTold, type Release } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import type { AgentView } from '../agent-view.ts';
import { targetOf, unansweredIntent } from '../intents/situation.ts';
import { wordsFor } from '../intents/verbs.ts';
import { isSeen } from '../status/outcome.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { type Facts, factsOf, moment } from './facts.ts';
import { limitSentences } from './limits.ts';
import { nextOf } from './next.ts';
import { whereItIs } from './phases.ts';
import { troubleSentences } from './trouble.ts';

/** Why an agent's release stands where it is; the JSON of `explain --output json`. */
export interface Explanation {
  readonly namespace: string;
  readonly name: string;
  /** Of the agent. */
  readonly phase: string;
  readonly release?: { readonly name: string; readonly revision: string; readonly phase: string; readonly reason?: string };
  readonly paragraph: string;
  readonly next?: { readonly what: string; readonly at?: string };
  readonly commands: readonly Suggestion[];
}

export interface Suggestion {
  readonly verb: IntentVerb;
  readonly what: string;
  readonly command: string;
}

/** Every verb, the likelier ones first. */
const suggestions: Readonly<Record<IntentVerb, string>> = {
  Promote: 'approve it; in a step: end the time of the step',
  Resume: 'let it go on',
  Retry: 'try it again',
  Skip: 'leave the rest of the step out',
  Pause: 'stop it where it is',
  Abort: 'take it back',
  PromoteFull: 'give it all the traffic without the rest of its steps and gates',
  Undo: 'go back to the revision that was promoted before',
};

/** The agent must exist. `options` are words for the commands, such as `--context prod`. Pure. */
export function explain(view: AgentView & Required<Pick<AgentView, 'agent'>>, { now, options }: { readonly now: number; readonly options: readonly string[] }): Explanation {
  const { agent, namespace, name } = view;
  const { active, latest } = readLedger(view.releases);
  const release = active ?? latest;
  const facts = release === undefined ? undefined : factsOf(view, release, now);
  const next = facts === undefined ? undefined : nextOf(facts);
  const sentences = [...agentSentences(view, release), ...troubleSentences(agent, release), ...(facts === undefined ? [] : releaseSentences(facts)), ...(next === undefined ? [] : [next.what]), ...nextReleaseSentences(agent, active)];
  return {
    namespace,
    name,
    phase: agent.status?.phase ?? 'Pending',
    ...(facts === undefined ? {} : { release: { name: facts.release.metadata.name, revision: facts.release.spec.revision, phase: facts.phase, ...(facts.status.reason === undefined ? {} : { reason: facts.status.reason }) } }),
    paragraph: sentences.join(' '),
    ...(next === undefined ? {} : { next: { what: next.what, ...(next.at === undefined ? {} : { at: moment(next.at) }) } }),
    commands: commandsFor(view, options),
  };
}

function agentSentences({ agent, name }: AgentView & Required<Pick<AgentView, 'agent'>>, release: Release | undefined): string[] {
  const { status, metadata } = agent;
  if (status === undefined || (release === undefined && !isTold(status))) return [`The operator has not looked at ${name} yet; it may not run, or not watch this namespace.`];
  if (!isTold(status)) return [];
  const late = isSeen(agent) ? [] : [`The operator has not seen generation ${metadata.generation} of the spec yet; what follows is about generation ${status.observedGeneration ?? 'unknown'}.`];
  const { phase = 'Pending', message = '' } = status;
  const repeats = release?.status?.message !== undefined && message.includes(release.status.message);
  return [...late, repeats || message === '' ? `${name} is ${phase}.` : `${name} is ${phase}: ${message.replace(/\.$/, '')}.`];
}

function releaseSentences(facts: Facts): string[] {
  return [identity(facts), ...earlier(facts), ...whereItIs(facts), ...limitSentences(facts), ...wishes(facts)];
}

function identity({ release, status, now }: Facts): string {
  const { agentName, revision, stableRevision } = release.spec;
  const place = stableRevision === undefined ? `the first revision of ${agentName}, ${revision}` : `revision ${revision} of ${agentName} in place of ${stableRevision}`;
  const began = spanBetween(status.startedAt, now);
  return `Release ${release.metadata.name} brings ${place}${began === undefined ? '' : `; it began ${began} ago`}.`;
}

function earlier({ release }: Facts): string[] {
  const { retryOf, earlier: attempts = [] } = release.spec;
  const last = attempts.at(-1);
  if (retryOf === undefined) return [];
  return [`It tries again what failed in ${retryOf}${last === undefined ? '' : ` (${last.reason}: ${last.message.replace(/\.$/, '')})`}.`];
}

function wishes({ release, status }: Facts): string[] {
  const open = unansweredIntent(release);
  if (open !== undefined) return [`${open.verb}, asked by ${open.by ?? 'somebody'}, is not answered yet.`];
  const { handledIntent: handled } = status;
  return handled?.outcome === 'Refused' ? [`The latest wish of ${handled.by ?? 'somebody'}: ${handled.message.replace(/\.$/, '')}.`] : [];
}

/** What the gates of the next release need; where they cannot be reached, its condition has told it already. */
function nextReleaseSentences({ status }: AgentDeployment, active: Release | undefined): string[] {
  const told = status?.conditions?.some(({ type, status: holds }) => type === 'GateOutOfReach' && holds === 'True') === true;
  const { forecast } = status ?? {};
  return active !== undefined || forecast === undefined || told ? [] : [`Of the next release: ${forecast.message.replace(/\.$/, '')}.`];
}

/** What the operator would do if it were asked now. */
function commandsFor(view: AgentView, options: readonly string[]): Suggestion[] {
  const verbs = (Object.keys(suggestions) as IntentVerb[]).filter((verb) => {
    const target = targetOf(view, { verb });
    return target !== undefined && target.refusal === undefined;
  });
  return verbs.map((verb) => ({ verb, what: suggestions[verb], command: ['kubectl sluice', wordsFor(verb), view.name, '-n', view.namespace, ...options].join(' ') }));
}
