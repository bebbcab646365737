import { wholeSeconds } from '@sluice/operator/src/evidence/clock-time.ts';
import { columns } from '../terminal/columns.ts';
import { timeSpan } from '../terminal/time-span.ts';
import { paintOf } from '../status/paint.ts';
import type { RenderOptions } from '../status/render.ts';
import type { HistoryRecord } from './records.ts';

const titles = ['NAME', 'REVISION', 'VERDICT', 'NOW', 'REASON', 'BEGAN', 'ACTIVE', 'STOOD', 'BY', 'MESSAGE'];

const roles: Readonly<Record<HistoryRecord['role'], string>> = { Serving: 'serves', Active: 'on its way', Past: 'past' };

/** The releases of an agent as a table, newest first. */
export function renderHistory(records: readonly HistoryRecord[], { palette }: RenderOptions): string[] {
  const rows = records.map((record) => [
    { text: record.release },
    { text: record.revision },
    { text: record.verdict, paint: paintOf(record.verdict, palette) },
    { text: roles[record.role], ...(record.role === 'Serving' ? { paint: palette.good } : {}) },
    { text: record.reason ?? '-' },
    { text: record.startedAt === undefined ? '-' : wholeSeconds(record.startedAt) },
    { text: span(record.activeMilliseconds, record.state) },
    { text: (record.stoodMilliseconds ?? 0) === 0 ? '-' : timeSpan(record.stoodMilliseconds ?? 0) },
    { text: record.by.length === 0 ? '-' : record.by.map(({ user, did }) => `${user} (${did})`).join(', ') },
    { text: record.message ?? '-' },
  ]);
  return columns([titles.map((text) => ({ text, paint: palette.faint })), ...rows]);
}

function span(milliseconds: number | undefined, state: HistoryRecord['state']): string {
  const text = milliseconds === undefined ? '-' : timeSpan(milliseconds);
  return state === 'Ended' ? text : `${text} so far`;
}
