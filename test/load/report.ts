import { z } from 'zod';

const count = z.int().min(0);
/** Milliseconds; null when there is no successful request yet. */
const latency = z.strictObject({ p50: z.number().nullable(), p95: z.number().nullable() });
const failures = z.record(z.string(), count);
/** What ended within the last second. */
const rates = z.strictObject({ succeeded: count, failed: count });

const revisionSchema = z.strictObject({ succeeded: count, failed: count, failures, latencyMs: latency, lastSecond: rates });

/**
 * One line of the load generator. All counts are since the start, but for `lastSecond`. `sent = succeeded + failed + inFlight` always holds,
 * and the revisions add up to the totals. Requests that fail before any response, or whose response names no revision, are those of revision `none`.
 */
export const loadReportSchema = z
  .strictObject({
    type: z.literal('load'),
    runId: z.string(),
    /** The last line: nothing is in flight any more. */
    final: z.boolean(),
    elapsedSeconds: z.number().min(0),
    /** Requests a second that were asked for. */
    targetRate: z.number().positive(),
    sent: count,
    succeeded: count,
    failed: count,
    inFlight: count,
    /** Due but never sent, because too many were in flight; not in `sent`. */
    dropped: count,
    failures,
    latencyMs: latency,
    lastSecond: rates.extend({ sent: count }),
    revisions: z.record(z.string(), revisionSchema),
    /** The first failures of the last second. */
    failureExamples: z.array(z.strictObject({ requestId: z.string(), revision: z.string(), reason: z.string(), detail: z.string(), atSeconds: z.number() })).max(5),
  })
  .refine((report) => report.sent === report.succeeded + report.failed + report.inFlight, { error: 'sent must be succeeded + failed + inFlight', path: ['sent'] });

export type LoadReport = z.infer<typeof loadReportSchema>;
export type RevisionReport = z.infer<typeof revisionSchema>;

/** A line of standard output, without its line end. */
export function formatReport(report: LoadReport): string {
  return JSON.stringify(report);
}

/** The report in a line of a pod's log; undefined for any other line. Throws ZodError when it says it is a report and is none. */
export function parseReport(line: string): LoadReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const isReport = typeof value === 'object' && value !== null && 'type' in value && value.type === 'load';
  return isReport ? loadReportSchema.parse(value) : undefined;
}
