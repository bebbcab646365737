import type { GateRecord } from '@sluice/crds';
import { checkPolicy, GatePolicyError, type GatePolicy, type GateState } from '../sequential/index.ts';

/** The policy of a record. Throws a GatePolicyError for one that nothing can be judged by, as after an edit by hand. */
export function policyIn({ policy }: Pick<GateRecord, 'policy'>): GatePolicy {
  const { metrics, steps } = policy as Partial<GatePolicy>;
  if (!Array.isArray(metrics) || !Array.isArray(steps)) throw new GatePolicyError('status.gate.policy has no metrics or no steps; it was written by somebody else than the operator');
  const known = policy as unknown as GatePolicy;
  try {
    checkPolicy(known);
  } catch (cause) {
    if (cause instanceof GatePolicyError) throw cause;
    throw new GatePolicyError('status.gate.policy has another form than it was written in', { cause });
  }
  return known;
}

/** A state as a record keeps it. Throws a GatePolicyError for text that is none. */
export function stateIn(text: string): GateState {
  const state = parsed(text);
  const { fingerprint, startedAt, metrics, breaker } = (state ?? {}) as Partial<GateState>;
  const whole = typeof fingerprint === 'string' && typeof startedAt === 'number' && isRecord(metrics) && isRecord(breaker);
  if (!whole || !Object.values(metrics).every(isMetric)) throw new GatePolicyError(`the state of the gates is damaged: it begins with "${text.slice(0, 40)}"`);
  return state as GateState;
}

/** What is counted with must be numbers: a text that is added to is longer each time, and may never come to an end. */
function isMetric(metric: unknown): boolean {
  if (!isRecord(metric)) return false;
  return metric['books'] === undefined || (isRecord(metric['books']) && Object.values(metric['books']).every(isBook));
}

function isBook(book: unknown): boolean {
  if (!isRecord(book)) return false;
  const { capital, cash, pending, memory } = book;
  return isListOf(capital, (bets) => isListOf(bets, isNumber)) && isNumber(cash) && isPending(pending) && (memory === null || isRecordOf(memory, (value) => isNumber(value) || isRecordOf(value, isNumber)));
}

/** Of costs some are by bucket. */
function isPending(pending: unknown): boolean {
  return isRecord(pending) && Object.entries(pending).every(([name, value]) => (/^(counts|lacking)/.test(name) ? isListOf(value, isNumber) : isNumber(value)));
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRecordOf(value: unknown, isValue: (each: unknown) => boolean): boolean {
  return isRecord(value) && Object.values(value).every(isValue);
}

function isListOf(value: unknown, isItem: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatePolicyError(`the state of the gates is no JSON: it begins with "${text.slice(0, 40)}"`, { cause });
  }
}

export function stateText(state: GateState): string {
  return JSON.stringify(state);
}
