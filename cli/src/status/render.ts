import type { AgentDeployment, AgentDeploymentStatus, HistoryEntry, RevisionStatus } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/releases.ts';
import type { AgentView } from '../agent-view.ts';
import { columns, type Cell } from '../terminal/columns.ts';
import type { Palette } from '../terminal/palette.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { isSeen } from './outcome.ts';
import { renderRelease } from './render-release.ts';
import { paintOf } from './paint.ts';

const shownHistory = 5;

export interface RenderOptions {
  readonly palette: Palette;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One screen: what is live, what is going out, why it is stopped, and how it came to be. */
export function renderStatus(view: AgentView, options: RenderOptions): string[] {
  const { agent, namespace, name } = view;
  if (agent === undefined) return [`There is no AgentDeployment "${name}" in namespace "${namespace}"; see: kubectl get agentdeployments --all-namespaces`];
  const latest = readLedger(view.releases).latest;
  const sections = [
    header(agent, view, options),
    revisions(agent.status ?? {}, options),
    latest === undefined ? [] : renderRelease(latest, agent.status?.message ?? '', options),
    history(agent.status?.history ?? [], options),
  ];
  return sections.filter((section) => section.length > 0).flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

function header(agent: AgentDeployment, { name, namespace }: AgentView, { palette }: RenderOptions): string[] {
  const phase = agent.status?.phase ?? 'Pending';
  const title = `${palette.strong(name)} in ${namespace}: ${paintOf(phase, palette)(phase)}`;
  return [title, ...sentences(agent)];
}

function sentences(agent: AgentDeployment): string[] {
  const { status, metadata } = agent;
  if (status === undefined) return ['The operator has not looked at it yet; is it running, and does it watch this namespace?'];
  const late = isSeen(agent) ? [] : [`The operator has not seen generation ${metadata.generation} of the spec yet; what follows is about generation ${status.observedGeneration ?? 'unknown'}.`];
  return [...late, ...(status.message === undefined ? [] : [status.message]), ...(status.url === undefined ? [] : [`Answers at ${status.url}`])];
}

function revisions({ stable, canary }: AgentDeploymentStatus, { palette }: RenderOptions): string[] {
  if (stable === undefined && canary === undefined) return [];
  const titles = ['', 'REVISION', 'WANTED', 'REAL', 'READY'].map((text) => ({ text, paint: palette.faint }));
  return columns([titles, ...revisionRow('Stable', stable, palette), ...revisionRow('Canary', canary, palette)]);
}

function revisionRow(title: string, status: RevisionStatus | undefined, palette: Palette): Cell[][] {
  if (status === undefined) return [];
  const { revision, weight, actualWeight, replicas, readyReplicas } = status;
  const ready = readyReplicas === 0 ? palette.bad : readyReplicas < replicas ? palette.busy : palette.good;
  return [[{ text: title }, { text: revision }, { text: `${weight} %` }, { text: `${actualWeight} %` }, { text: `${readyReplicas}/${replicas} pods`, paint: ready }]];
}

function history(entries: readonly HistoryEntry[], options: RenderOptions): string[] {
  if (entries.length === 0) return [];
  return [options.palette.strong('History'), ...columns(entries.slice(0, shownHistory).map((entry) => historyRow(entry, options)))];
}

function historyRow({ release, revision, verdict, reason, startedAt, finishedAt }: HistoryEntry, { palette, now }: RenderOptions): Cell[] {
  const ended = `${spanBetween(finishedAt, now) ?? '?'} ago, after ${spanBetween(startedAt, finishedAt) ?? '?'}`;
  return [{ text: `  ${release}` }, { text: revision }, { text: verdict, paint: paintOf(verdict, palette) }, { text: reason }, { text: ended, paint: palette.faint }];
}
