import { type AgentDeployment, isTold } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import type { AgentView } from '../agent-view.ts';
import { withCurrentStatus } from '../current-status.ts';
import { unansweredIntent } from '../intents/situation.ts';
import { operatorGone, operatorUnseen } from '../operator-lease.ts';
import { forecastAge } from '../status/forecast-age.ts';
import { isSeen } from '../status/outcome.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { type Facts, factsOf, isSuspended, moment, type Next } from './facts.ts';
import { limitSentences } from './limits.ts';
import { nextOf } from './next.ts';
import { whereItIs } from './phases.ts';
import { type Suggestion, suggestionsFor } from './suggestions.ts';
import { podTrouble, troubleSentences } from './trouble.ts';

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
    commands: suggestionsFor(view, facts, options),
  };
}

/** The answer first: of the release that is on its way, or of the agent where none is and where nothing helps but a person. */
function sentencesOf(view: Named, { facts, next, now }: { readonly facts: Facts | undefined; readonly next: Next | undefined; readonly now: number }): string[] {
  const { agent } = view;
  const suspension = isSuspended(view) ? [`${view.name} is suspended: nothing goes on, and nothing is answered, until spec.suspend is false.`] : [];
  const ofAgent = [...suspension, ...agentSentences(view, facts)];
  const after = [...(next === undefined || isSaidBy(agent, next) || suspension.length > 0 ? [] : [next.what]), ...nextReleaseSentences(view, facts, now)];
  if (facts === undefined) return [...ofAgent, ...troubleSentences(agent), ...after];
  const [where = '', ...numbers] = whereItIs(facts);
  const { phase } = agent.status ?? {};
  const agentLeads = ofAgent.length > 0 && (suspension.length > 0 || isTerminal(facts.phase) || phase === 'Degraded' || phase === 'Suspended');
  const cause = waitsForPods(facts);
  const [answer, ...ofRelease] = cause === undefined ? [where] : [`It waits for its pods, which do not start: ${cause}.`, where];
  const first = agentLeads ? [...ofAgent, identity(facts), where] : [named(answer, facts), ...ofRelease, ...ofAgent, identity(facts)];
  const trouble = podTrouble(facts);
  const pods = trouble === undefined || first.some((sentence) => sentence.includes(trouble)) ? [] : [`Its pods do not start: ${trouble}.`];
  return [...first, ...pods, ...troubleSentences(agent), ...earlier(facts), ...numbers, ...limitSentences(facts), ...wishes(facts), ...after];
}

/** What keeps the pods that a release waits for, where that is known. */
function waitsForPods(facts: Facts): string | undefined {
  const isWaiting = facts.phase === 'Promoting' || (facts.phase === 'Shifting' && facts.status.stepStartedAt === undefined);
  return isWaiting ? podTrouble(facts) : undefined;
}

/** A sentence about a release that may stand first. */
function named(text: string, { release: { metadata: { name } } }: Facts): string {
  return text.replace(/^It /, `${name} `).replace(/^Its /, `${name}: its `);
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
  const late = isSeen(agent) ? [] : [`The operator has not told of generation ${metadata.generation} of the spec yet; what follows is about generation ${status.observedGeneration ?? 'unknown'}.`];
  const { phase = 'Pending', message = '' } = status;
  // The sentence of a release that is on its way is told as that, but not that it gets nowhere.
  const isOfRelease = facts !== undefined && !isTerminal(facts.phase) && ((phase !== 'Degraded' && message.startsWith(`${facts.release.metadata.name}: `)) || message.includes(facts.status.message ?? message));
  if (isOfRelease) return late;
  if (isSuspended({ agent })) return [...late, ...whatStands(message)];
  return [...late, message === '' ? `${name} is ${phase}.` : `${name} is ${phase}: ${message.replace(/\.$/, '')}.`];
}

/** Without that it is suspended, which is told already. */
function whatStands(message: string): string[] {
  const rest = message.replace(/^The operator touches nothing of this agent until spec\.suspend is false(; then this shard takes it over)?\.? ?/, '');
  return rest === '' ? [] : [`${rest.replace(/\.$/, '')}.`];
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
function nextReleaseSentences({ agent, releases }: Named, facts: Facts | undefined, now: number): string[] {
  const { status } = agent;
  const told = status?.conditions?.some(({ type, status: holds }) => type === 'GateOutOfReach' && holds === 'True') === true;
  const { forecast } = status ?? {};
  return (facts !== undefined && !isTerminal(facts.phase)) || forecast === undefined || told ? [] : [`Of the next release, ${forecastAge(forecast, { agent, ledger: readLedger(releases), now })}: ${forecast.message.replace(/\.$/, '')}.`];
}
