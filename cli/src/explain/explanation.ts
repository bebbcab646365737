import { type AgentDeployment, type IntentVerb, isTold } from '@sluice/crds';
import { readLedger, type ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import type { AgentView } from '../agent-view.ts';
import { withCurrentStatus } from '../current-status.ts';
import { targetOf, unansweredIntent } from '../intents/situation.ts';
import { wordsFor } from '../intents/verbs.ts';
import { operatorGone, operatorUnseen } from '../operator-lease.ts';
import { isSeen } from '../status/outcome.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { type Facts, factsOf, moment, type Next } from './facts.ts';
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
  /** The first sentence of the paragraph: what it waits for, or how it ended. */
  readonly answer: string;
  readonly paragraph: string;
  readonly next?: { readonly what: string; readonly at?: string };
  readonly commands: readonly Suggestion[];
}

export interface Suggestion {
  /** What the operator is asked, or that the object is to be changed. */
  readonly verb: IntentVerb | 'Edit';
  readonly what: string;
  readonly command: string;
}

/** Every verb, the likelier ones first. */
const suggestions: Readonly<Record<IntentVerb, string>> = {
  Promote: 'approve it',
  Resume: 'let it go on',
  Retry: 'try it again',
  Skip: 'leave the rest of the step out',
  Pause: 'stop it where it is',
  Abort: 'take it back',
  PromoteFull: 'give it all the traffic without the rest of its steps and gates',
  Undo: 'go back to the revision that was promoted before',
};

/** The agent must exist. `options` are words for the commands, such as `--context prod`. Pure. */
export function explain(told: AgentView & Required<Pick<AgentView, 'agent'>>, { now, options }: { readonly now: number; readonly options: readonly string[] }): Explanation {
  const current = withCurrentStatus(told);
  const view = { ...current, agent: current.agent ?? told.agent };
  const { agent, namespace, name } = view;
  const { active, latest } = readLedger(view.releases);
  const release = active ?? latest;
  const facts = release === undefined ? undefined : factsOf(view, release, now);
  const next = facts === undefined ? undefined : nextOf(facts);
  const gone = operatorGone(view, now);
  const unseen = operatorUnseen(view);
  const [answer = '', ...details] = [...(gone === undefined ? [] : [`${gone}.`]), ...sentencesOf(view, { facts, next, now }), ...(unseen === undefined ? [] : [`${unseen}.`])];
  return {
    namespace,
    name,
    phase: agent.status?.phase ?? 'Pending',
    ...(facts === undefined ? {} : { release: { name: facts.release.metadata.name, revision: facts.release.spec.revision, phase: facts.phase, ...(facts.status.reason === undefined ? {} : { reason: facts.status.reason }) } }),
    answer,
    paragraph: [answer, ...details].join(' '),
    ...(next === undefined ? {} : { next: { what: next.what, ...(next.at === undefined ? {} : { at: moment(next.at) }) } }),
    commands: [...changesFor(view, facts, options), ...commandsFor(view, options)],
  };
}

/** The answer first: of the release that is on its way, or of the agent where none is and where nothing helps but a person. */
function sentencesOf(view: Named, { facts, next, now }: { readonly facts: Facts | undefined; readonly next: Next | undefined; readonly now: number }): string[] {
  const { agent } = view;
  const ofAgent = agentSentences(view, facts);
  const after = [...(next === undefined || isSaidBy(agent, next) ? [] : [next.what]), ...nextReleaseSentences(agent, facts, now)];
  if (facts === undefined) return [...ofAgent, ...troubleSentences(agent, undefined), ...after];
  const [where = '', ...numbers] = whereItIs(facts);
  const name = facts.release.metadata.name;
  const { phase } = agent.status ?? {};
  const agentLeads = ofAgent.length > 0 && (isTerminal(facts.phase) || phase === 'Degraded' || phase === 'Suspended');
  const first = agentLeads ? [...ofAgent, identity(facts), where] : [where.replace(/^It /, `${name} `).replace(/^Its /, `${name}: its `), ...ofAgent, identity(facts)];
  return [...first, ...troubleSentences(agent, facts.release), ...earlier(facts), ...numbers, ...limitSentences(facts), ...wishes(facts), ...after];
}

/** Whoever asks for what failed is told how by the agent. */
function isSaidBy({ status }: AgentDeployment, { what }: Next): boolean {
  return what.startsWith('Nothing goes on by itself') && status?.message?.includes('not tried again by itself') === true;
}

type Named = AgentView & Required<Pick<AgentView, 'agent'>>;

function agentSentences({ agent, name }: Named, facts: Facts | undefined): string[] {
  const { status, metadata } = agent;
  if (status === undefined || (facts === undefined && !isTold(status))) return [`The operator has not looked at ${name} yet; it may not run, or not watch this namespace.`];
  if (!isTold(status)) return [];
  const late = isSeen(agent) ? [] : [`The operator has not seen generation ${metadata.generation} of the spec yet; what follows is about generation ${status.observedGeneration ?? 'unknown'}.`];
  const { phase = 'Pending', message = '' } = status;
  // The sentence of a release that is on its way is told as that.
  if (facts !== undefined && !isTerminal(facts.phase) && (message.startsWith(`${facts.release.metadata.name}: `) || message.includes(facts.status.message ?? message))) return late;
  return [...late, message === '' ? `${name} is ${phase}.` : `${name} is ${phase}: ${message.replace(/\.$/, '')}.`];
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
function nextReleaseSentences({ status }: AgentDeployment, facts: Facts | undefined, now: number): string[] {
  const told = status?.conditions?.some(({ type, status: holds }) => type === 'GateOutOfReach' && holds === 'True') === true;
  const { forecast } = status ?? {};
  return (facts !== undefined && !isTerminal(facts.phase)) || forecast === undefined || told ? [] : [`Of the next release, as of ${spanBetween(forecast.at, now) ?? 'a time that is not known'} ago: ${forecast.message.replace(/\.$/, '')}.`];
}

/** A suite that failed on this content fails on it again, so the content comes first. */
function changesFor({ agent, name, namespace }: Named, facts: Facts | undefined, options: readonly string[]): Suggestion[] {
  if (facts === undefined || !failedItsSuite(facts)) return [];
  const { object, field } = promptOf(agent);
  const what = `change what failed, most likely the prompt (${field}): the same content fails the same way`;
  return [{ verb: 'Edit', what, command: ['kubectl edit', object ?? `agentdeployment ${name}`, '-n', namespace, ...options].join(' ') }];
}

function failedItsSuite({ phase, status }: Facts): boolean {
  return phase === 'RolledBack' && status.reason === 'EvaluationFailed';
}

/** Where the text of the prompt is, and in which other object. */
function promptOf({ spec: { agent: { prompt } } }: AgentDeployment): { readonly field: string; readonly object?: string } {
  const { configMapKeyRef } = prompt;
  if (configMapKeyRef === undefined) return { field: 'spec.agent.prompt.inline' };
  return { field: `key "${configMapKeyRef.key}" of the ConfigMap that spec.agent.prompt.configMapKeyRef names`, object: `configmap ${configMapKeyRef.name}` };
}

/** What the operator would do if it were asked now. */
function commandsFor(view: AgentView, options: readonly string[]): Suggestion[] {
  const verbs = (Object.keys(suggestions) as IntentVerb[]).filter((verb) => {
    const target = targetOf(view, { verb });
    return target !== undefined && target.refusal === undefined;
  });
  return verbs.map((verb) => ({ verb, what: effectOf(verb, readLedger(view.releases)), command: ['kubectl sluice', wordsFor(verb), view.name, '-n', view.namespace, ...options].join(' ') }));
}

/** Promote is one word for three things; a retry changes nothing of what failed. */
function effectOf(verb: IntentVerb, { active, latest }: ReleaseLedger): string {
  if (verb === 'Retry' && active === undefined && latest?.status?.reason === 'EvaluationFailed') return 'try the same content again, only where the cause was outside of it: the provider, a tool, the suite';
  if (verb !== 'Promote') return suggestions[verb];
  if (active?.status?.phase === 'Shifting') return 'end the time of the step; what its objectives leave open must still pass';
  return active?.status?.approval?.cause === 'Inconclusive' ? 'give all the traffic to what is not proven' : suggestions.Promote;
}
