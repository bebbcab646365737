import type { Release } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/releases.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { paintOf } from '../status/paint.ts';
import type { RenderOptions } from '../status/render.ts';
import { columns, type Cell } from '../terminal/columns.ts';
import { spanBetween } from '../terminal/time-span.ts';

const titles = ['NAME', 'REVISION', 'VERDICT', 'REASON', 'BEGAN', 'DURATION', 'MESSAGE'];

/** The releases of an agent as a table, newest first. */
export function renderHistory(releases: readonly Release[], options: RenderOptions): string[] {
  const rows = readLedger(releases).all.toReversed().map((release) => row(release, options));
  return columns([titles.map((text) => ({ text, paint: options.palette.faint })), ...rows]);
}

function row({ metadata, spec, status = {} }: Release, { palette, now }: RenderOptions): Cell[] {
  const phase = status.phase ?? 'Preparing';
  const spent = spanBetween(status.startedAt, status.finishedAt ?? now) ?? '-';
  return [
    { text: metadata.name },
    { text: spec.revision },
    { text: phase, paint: paintOf(phase, palette) },
    { text: status.reason ?? '-' },
    { text: status.startedAt?.replace(/\.\d+Z$/, 'Z') ?? '-' },
    { text: isTerminal(phase) ? spent : `${spent} so far` },
    { text: status.message ?? '-' },
  ];
}
