import { createHash } from 'node:crypto';
import { anonymous, isAnonymous, type Caller } from '../approvals/caller.ts';
import { refusalIn } from '../egress/egress-refused.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '@sluice/evals/deadline';
import type { Random } from '../platform/random.ts';
import type { ToolArguments } from './arguments.ts';
import type { LoadedTool } from './load-tool.ts';
import { withRetries } from './retry.ts';
import { failed, type ToolResult } from './tool-result.ts';
import { doubtfulAttempt, failedAttempt, type Attempt, type Prepared } from './tool-runner.ts';

/** What a model gets to see of a result at most, in bytes, when the tool says nothing else. */
export const defaultResultBytes = 65_536;

/** What is read of a result at most that an expression makes smaller. */
const selectableBytes = 1_048_576;

export interface CallOptions {
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
}

export interface CallNames {
  readonly requestId: string;
  /** `<agent>@<revision>`; not set: nothing is told of it. */
  readonly policyVersion?: string | undefined;
  /** The request that writes are made under, where an earlier try of this one may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  /** Names the call within its request. */
  readonly ref: string;
  /** Not set: nobody in particular. */
  readonly caller?: Caller | undefined;
  readonly trace?: Readonly<Record<string, string>> | undefined;
}

class ToolTimeout extends Error {
  override readonly name = 'ToolTimeout';
}

/** Errors of a connection that never came about, and of a credential that could not be had: nothing has reached the tool. */
const unsentCodes: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'NO_CREDENTIAL']);

/** The code of a network error such as ECONNREFUSED; its message would name addresses of the cluster to the model. */
function networkReason(error: unknown): string {
  const code = networkCode(error);
  return code === undefined ? 'the request failed' : `the request failed: ${code}`;
}

function networkCode(error: unknown): string | undefined {
  return codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
}

function wasNotSent(error: unknown): boolean {
  return unsentCodes.has(networkCode(error));
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Request ids are the callers' own: two of them may choose the same one, and mean two writes. */
function keyOf({ requestId, writesAs = requestId, ref, caller = anonymous }: CallNames): string {
  const key = `${writesAs}:${ref}`;
  const { tenant, subject, authority } = caller;
  return isAnonymous(caller) ? key : `${key}:${createHash('sha256').update(JSON.stringify(authority === undefined ? [tenant, subject] : [tenant, subject, authority])).digest('hex').slice(0, 16)}`;
}

/** A call that may be made, with arguments as they are sent. */
export function prepareCall({ tool, runner, selection }: LoadedTool, values: ToolArguments, names: CallNames): Prepared {
  const selected = selection.arguments(values);
  if (!selected.ok) return selected;
  const { requestId, policyVersion, trace } = names;
  const idempotencyKey = tool.effect === 'Write' ? keyOf(names) : undefined;
  const maxBytes = selection.result === undefined ? (tool.maxResultBytes ?? defaultResultBytes) : selectableBytes;
  return runner.prepare({ values: selected.value, requestId, policyVersion, idempotencyKey, trace, maxBytes });
}

async function attemptOnce(run: (signal: AbortSignal) => Promise<Attempt>, signal: AbortSignal): Promise<Attempt> {
  try {
    return await run(signal);
  } catch (error) {
    signal.throwIfAborted();
    const refused = refusalIn(error);
    if (refused !== undefined) return failedAttempt('refused', refused.message);
    const passing = { kind: 'passing' } as const;
    return wasNotSent(error) ? failedAttempt('error', networkReason(error), passing) : doubtfulAttempt(networkReason(error), passing);
  }
}

/** At most `limit` bytes of UTF-8; a character cut in two is left out. */
function firstBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= limit ? text : new TextDecoder().decode(bytes.subarray(0, limit), { stream: true });
}

/** A result that nobody can be shown. A write was made all the same: a model that is told of a failure makes it once more. */
function unshown({ tool }: LoadedTool, reason: string): ToolResult {
  return tool.effect === 'Write' ? { kind: 'ok', content: `The call was made. Its result cannot be shown: ${reason}.` } : failed('error', reason);
}

function resultOf(loaded: LoadedTool, attempt: Attempt): ToolResult {
  const { tool, selection } = loaded;
  if (attempt.kind === 'failed') return attempt.result;
  const { passages } = attempt;
  if (selection.result !== undefined && attempt.cut === 'truncated') return unshown(loaded, `the result has more than ${selectableBytes} bytes, so select.result cannot read it`);
  const selected = selection.result === undefined ? { ok: true as const, value: attempt.content } : selection.result(attempt.content);
  if (!selected.ok) return unshown(loaded, selected.reason);
  const limit = tool.maxResultBytes ?? defaultResultBytes;
  const shown = firstBytes(selected.value, limit);
  const isWhole = attempt.cut === 'whole' && shown.length === selected.value.length;
  const content = isWhole ? shown : `${shown}\n[truncated: only the first ${limit} bytes of the response are shown]`;
  return passages === undefined ? { kind: 'ok', content } : { kind: 'ok', content, passages };
}

/** Makes a prepared call: in its turn, within its time, again only where that does no harm. Throws the signal's reason. */
export async function makeCall(options: CallOptions, loaded: LoadedTool, run: (signal: AbortSignal) => Promise<Attempt>, signal: AbortSignal): Promise<ToolResult> {
  const { timeoutMs, idempotent, retries = 0 } = loaded.tool;
  const expired = (): Error => new ToolTimeout(`no answer within ${timeoutMs} ms`);
  const work = async (limited: AbortSignal): Promise<Attempt> => {
    const release = await loaded.permits.acquire(limited);
    try {
      return await withRetries({ ...options, retries: idempotent === true ? retries : 0 }, (each) => attemptOnce(run, each), limited);
    } finally {
      release();
    }
  };
  try {
    return resultOf(loaded, await withDeadline(options.clock, { milliseconds: timeoutMs, signal, expired }, work));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ToolTimeout) return failed('timeout', error.message);
    throw error;
  }
}
