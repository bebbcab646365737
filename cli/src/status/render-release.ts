import type { Release, Verdict } from '@sluice/crds';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { columns, type Cell } from '../terminal/columns.ts';
import type { Palette } from '../terminal/palette.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { paintOf } from './paint.ts';
import type { RenderOptions } from './render.ts';

/** The latest release: its phase, its step and what its gates say. Its sentence is left out when the `headline` holds it already. */
export function renderRelease(release: Release, headline: string, options: RenderOptions): string[] {
  const { palette } = options;
  return [
    palette.strong('Release'),
    ...columns(facts(release, headline, options).map(([title, text]) => [{ text: `  ${title}`, paint: palette.faint }, { text }])),
    ...gate('Evaluations', evaluationRows(release), palette),
    ...gate('Objectives', objectiveRows(release), palette),
  ];
}

function facts({ metadata, spec, status = {} }: Release, headline: string, { palette, now }: RenderOptions): [string, string][] {
  const phase = status.phase ?? 'Preparing';
  const replaces = spec.stableRevision === undefined ? 'the first revision' : `replaces ${spec.stableRevision}`;
  const spent = status.finishedAt === undefined ? ended('began', status.startedAt, now) : `${ended('ended', status.finishedAt, now)} after ${spanBetween(status.startedAt, status.finishedAt) ?? '?'}`;
  const since = isTerminal(phase) ? '' : ` for ${spanBetween(status.phaseStartedAt, now) ?? '?'}`;
  return [
    ['name', `${metadata.name}, ${spent}`],
    ['revision', `${spec.revision}, ${replaces}`],
    ['phase', `${paintOf(phase, palette)(phase)}${since}${status.reason === undefined ? '' : ` (${status.reason})`}`],
    ...step({ spec, status }, now),
    ...(status.message === undefined || headline.includes(status.message) ? [] : [['says', status.message] satisfies [string, string]]),
  ];
}

function ended(verb: string, time: string | undefined, now: number): string {
  return `${verb} ${spanBetween(time, now) ?? '?'} ago`;
}

function step({ spec, status = {} }: Pick<Release, 'spec' | 'status'>, now: number): [string, string][] {
  const steps = spec.rollout?.steps ?? [];
  const index = status.step ?? 0;
  const current = steps[index];
  if (status.phase !== 'Shifting' || current === undefined) return [];
  const begun = spanBetween(status.stepStartedAt, now);
  const time = begun === undefined ? 'waits until the weight is real' : `for ${begun} of at least ${current.duration}`;
  return [['step', `${index + 1}/${steps.length}: ${current.weight} % of the traffic, ${time}`]];
}

interface GateRow {
  readonly name: string;
  readonly verdict?: Verdict;
  readonly message: string;
}

const notYet = 'not measured yet';

function evaluationRows({ spec, status }: Release): GateRow[] {
  const results = status?.evaluations ?? [];
  const missing = (spec.rollout?.gates?.evals ?? []).filter(({ suiteRef }) => !results.some(({ suite }) => suite === suiteRef.name));
  return [
    ...results.map(({ suite, attempt, verdict, message }) => ({ name: suite, verdict, message: attempt === 1 ? message : `${message} (attempt ${attempt})` })),
    ...missing.map(({ suiteRef }) => ({ name: suiteRef.name, message: notYet })),
  ];
}

function objectiveRows({ spec, status }: Release): GateRow[] {
  const results = status?.objectives ?? [];
  const missing = (spec.rollout?.gates?.objectives ?? []).filter(({ name }) => !results.some((result) => result.name === name));
  return [...results, ...missing.map(({ name }) => ({ name, message: notYet }))];
}

function gate(title: string, rows: readonly GateRow[], palette: Palette): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(({ name, verdict, message }): Cell[] => [
    { text: `    ${name}` },
    verdict === undefined ? { text: '-', paint: palette.faint } : { text: verdict, paint: paintOf(verdict, palette) },
    { text: message },
  ]);
  return [palette.faint(`  ${title.toLowerCase()}`), ...columns(cells)];
}
