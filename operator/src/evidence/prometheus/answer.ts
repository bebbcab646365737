import { z } from 'zod';
import { parseValue } from '../exposition.ts';
import type { Announcement } from './announcements.ts';
import { PrometheusError } from './prometheus-error.ts';

/** One series of an instant vector. */
export interface VectorSample {
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** Seconds since the epoch by the server's clock: when the query was evaluated. */
  readonly evaluatedAt: number;
}

const failure = z.object({ status: z.literal('error'), errorType: z.string().default('unknown'), error: z.string().default('') });
const success = z.object({
  status: z.literal('success'),
  warnings: z.array(z.string()).default([]),
  data: z.object({ resultType: z.string(), result: z.unknown() }),
});
const vector = z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]).optional() }));

const announcements = z.object({ status: z.literal('success'), data: z.array(z.object({ target: z.record(z.string(), z.string()), type: z.string(), metric: z.string().optional() })) });

const longestQuote = 200;

/** The instant vector of an answer of the HTTP API. Throws PrometheusError for anything else, and for one that may be incomplete. */
export function readAnswer(status: number, text: string): VectorSample[] {
  const body = parseJson(text);
  const failed = failure.safeParse(body);
  if (failed.success) throw new PrometheusError(`it refused the query: ${failed.data.errorType}: ${quote(failed.data.error)}`);
  if (status !== 200) throw new PrometheusError(`it answered with status ${status}${status === 401 || status === 403 ? ': check the bearer token' : ''}`);
  const answer = success.safeParse(body);
  if (!answer.success) throw new PrometheusError("its answer is not that of Prometheus' HTTP API: check the URL");
  const { warnings, data } = answer.data;
  if (warnings.length > 0) throw new PrometheusError(`its answer may be incomplete: ${quote(warnings.join('; '))}`);
  if (data.resultType !== 'vector') throw new PrometheusError(`the query returns a ${data.resultType}; write one that returns an instant vector`);
  return samplesOf(data.result);
}

/** What targets announce, of an answer of the HTTP API: one that says `not_found` says that none does. Throws PrometheusError for anything else. */
export function readAnnouncements(status: number, text: string): Announcement[] {
  const body = parseJson(text);
  const failed = failure.safeParse(body);
  if (failed.success && failed.data.errorType === 'not_found') return [];
  const answer = announcements.safeParse(body);
  if (status !== 200 || !answer.success) throw new PrometheusError(`it does not tell what targets announce: status ${status}`);
  return answer.data.data.map(({ target, type, metric }) => ({ labels: new Map(Object.entries(target)), type, ...(metric === undefined ? {} : { metric }) }));
}

function samplesOf(result: unknown): VectorSample[] {
  const parsed = vector.safeParse(result);
  if (!parsed.success) throw new PrometheusError("its answer is not that of Prometheus' HTTP API: check the URL");
  return parsed.data.map(({ metric, value }) => {
    if (value === undefined) throw new PrometheusError('the query returns a histogram; write one that returns counters');
    const number = parseValue(value[1]);
    return { labels: new Map(Object.entries(metric)), value: number ?? NaN, evaluatedAt: value[0] };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  return text.length <= longestQuote ? text : `${text.slice(0, longestQuote)}…`;
}
