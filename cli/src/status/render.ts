import { type AgentDeployment, type HistoryEntry, isTold } from '@sluice/crds';
import { isUndone, readLedger, type ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { toldReason } from '@sluice/operator/src/release/told-reason.ts';
import type { AgentView } from '../agent-view.ts';
import { withCurrentStatus } from '../current-status.ts';
import { operatorGone, operatorUnseen } from '../operator-lease.ts';
import { columns, type Cell } from '../terminal/columns.ts';
import type { Palette } from '../terminal/palette.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { type Branch, tree } from '../terminal/tree.ts';
import { wrap } from '../terminal/wrap.ts';
import { addressSentences } from './addresses.ts';
import { isSeen } from './outcome.ts';
import { paintOf } from './paint.ts';
import { forecastBranches, warningBranches } from './render-forecast.ts';
import { releaseBranch } from './render-release.ts';
import { leavingBranches, revisionBranch } from './render-revision.ts';
import { routeBranches } from './render-route.ts';

const shownHistory = 5;

export interface RenderOptions {
  readonly palette: Palette;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Characters of a line; undefined: lines are as long as their texts, as programs that read them want it. */
  readonly width?: number | undefined;
}

/** One screen: what is live, what is going out, why it is stopped, and how it came to be. */
export function renderStatus(told: AgentView, options: RenderOptions): string[] {
  const view = withCurrentStatus(told);
  const { agent, namespace, name } = view;
  if (agent === undefined) return [`There is no AgentDeployment "${name}" in namespace "${namespace}"; see: kubectl get agentdeployments --all-namespaces`];
  const sections = [header(agent, view, options), [...tree(agentBranch(agent, view, options), options.width), ...unreadable(view, options)], history(agent.status?.history ?? [], view, options)];
  return sections.filter((section) => section.length > 0).flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

function agentBranch(agent: AgentDeployment, { name, children, releases }: AgentView, options: RenderOptions): Branch {
  const { status = {} } = agent;
  const { stable, canary, phase = 'Pending', traffic } = status;
  const ledger = readLedger(releases);
  const { latest } = ledger;
  const known = [stable, canary].flatMap((revision) => revision?.revision ?? []);
  return {
    cells: [{ text: name, paint: options.palette.strong }, { text: phase, paint: paintOf(phase, options.palette) }],
    branches: [
      ...(stable === undefined ? [] : [revisionBranch('stable', stable, children, options)]),
      ...(canary === undefined ? [] : [revisionBranch('canary', canary, children, options)]),
      ...leavingBranches(known, children, options),
      ...routeBranches(children?.routes ?? [], traffic, options),
      ...(latest === undefined ? [] : [releaseBranch(latest, status.message ?? '', options)]),
      ...forecastBranches(agent, ledger, options),
      ...warningBranches(agent, options),
    ],
  };
}

function unreadable({ children }: AgentView, { palette }: RenderOptions): string[] {
  const kinds = children?.unreadable ?? [];
  return kinds.length === 0 ? [] : [palette.faint(`Not shown, because you may not list them: ${kinds.join(', ')}`)];
}

function header(agent: AgentDeployment, view: AgentView, { palette, now, width = Infinity }: RenderOptions): string[] {
  const { name, namespace, releases } = view;
  const phase = agent.status?.phase ?? 'Pending';
  const waitsFor = readLedger(releases).active?.status?.phase === 'AwaitingApproval' && phase === 'Paused' ? ' (waits for approval)' : '';
  const title = `${palette.strong(name)} in ${namespace}: ${paintOf(phase, palette)(phase)}${waitsFor}`;
  const gone = operatorGone(view, now);
  const unseen = operatorUnseen(view);
  return [
    ...(gone === undefined ? [] : wrap(`${gone}.`, width).map((line) => palette.bad(line))),
    title,
    ...sentences(agent, { releases }).flatMap((sentence) => wrap(sentence, width)),
    ...(unseen === undefined ? [] : wrap(`${unseen}.`, width).map((line) => palette.faint(line))),
  ];
}

function sentences(agent: AgentDeployment, { releases }: Pick<AgentView, 'releases'>): string[] {
  const { status, metadata } = agent;
  if (status === undefined || (releases.length === 0 && !isTold(status))) return ['The operator has not looked at it yet; is it running, and does it watch this namespace?'];
  if (!isTold(status)) return ['Its first release is on its way.'];
  const late = isSeen(agent) ? [] : [`The operator has not told of generation ${metadata.generation} of the spec yet; what follows is about generation ${status.observedGeneration ?? 'unknown'}.`];
  return [...late, ...(status.message === undefined ? [] : [status.message]), ...addressSentences(agent)];
}

function history(entries: readonly HistoryEntry[], view: AgentView, options: RenderOptions): string[] {
  if (entries.length === 0) return [];
  const ledger = readLedger(view.releases);
  return [options.palette.strong('History'), ...columns(entries.slice(0, shownHistory).map((entry) => historyRow(withOutcome(entry, ledger), roleOf(entry, ledger), options)), options.width)];
}

/** Of what was promoted and taken back later the Release says so, and why; the words are those of `history`. */
function withOutcome(entry: HistoryEntry, { all }: ReleaseLedger): Omit<HistoryEntry, 'verdict'> & { readonly verdict: string } {
  const undone = all.find((release) => release.metadata.name === entry.release && isUndone(release));
  return undone === undefined ? entry : { ...entry, verdict: 'Undone', reason: toldReason(undone.status ?? {}) ?? entry.reason };
}

/** Of the promoted releases one serves. */
function roleOf({ release }: HistoryEntry, { serving }: ReleaseLedger): 'Serving' | 'Past' {
  return serving?.metadata.name === release && !isUndone(serving) ? 'Serving' : 'Past';
}

function historyRow({ release, revision, verdict, reason, startedAt, finishedAt }: ReturnType<typeof withOutcome>, role: 'Serving' | 'Past', { palette, now }: RenderOptions): Cell[] {
  const ended = `${spanBetween(finishedAt, now) ?? '?'} ago, after ${spanBetween(startedAt, finishedAt) ?? '?'}`;
  const word = role === 'Serving' ? `${verdict}, serves` : verdict;
  return [{ text: `  ${release}` }, { text: revision }, { text: word, paint: paintOf(verdict, palette) }, { text: reason }, { text: ended, paint: palette.faint }];
}
