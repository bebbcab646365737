import type { Clock } from '../platform/clock.ts';
import type { AdaptationEvent, PrecisionUpdate, RunRecord, ToolExecution } from '../store/precision/precision-store.ts';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { LearntCall, PolicyValue, Precision } from './precision.ts';

/** Told what is learnt; for metrics and logs. */
export interface ObservePrecision {
  readonly onCall: (call: { readonly tool: string; readonly outcome: 'success' | 'failure' }) => void;
  readonly onLearnt: (state: { readonly learnt: LearntCall; readonly values: readonly PolicyValue[] }) => void;
  /** `session`: the run in the store, which is the request. */
  readonly onAdaptation: (event: AdaptationEvent, session?: string) => void;
}

export interface AdaptiveRunOptions {
  readonly precision: Precision;
  /** Names of the agent's tools. */
  readonly tools: readonly string[];
  readonly clock: Clock;
  readonly observe: ObservePrecision;
}

/** One request of an agent that changes its ways when calls go otherwise than expected. */
export interface AdaptiveRun {
  /** The toolbox as this request has it; what it offers changes when the policy does. */
  readonly wrap: (toolbox: Toolbox) => Toolbox;
  /** What was learnt in it. */
  readonly record: () => RunRecord;
}

const cause = 'high_prediction_error';

/** What one request remembers at most, so that a long one stays small. */
const rememberedUpdates = 600;

/** A call that was not sent tells nothing of its tool; or whoever asks could spoil what is known of it for all. */
function wasMade(result: ToolResult): boolean {
  return result.kind === 'ok' || (result.kind === 'failed' && result.failure !== 'refused');
}

export function beginRun({ precision, tools, clock, observe }: AdaptiveRunOptions): AdaptiveRun {
  const setAside = new Set<string>();
  const updates: PrecisionUpdate[] = [];
  const executions: ToolExecution[] = [];
  const adaptations: AdaptationEvent[] = [];
  let policy = precision.values().find(({ policy: name }) => precision.policyTools(name) !== undefined)?.policy;

  const isOffered = (tool: string): boolean => {
    if (setAside.has(tool)) return false;
    const governed = precision.values().some(({ policy: name }) => precision.policyTools(name)?.includes(tool) === true);
    return !governed || policy === undefined || precision.policyTools(policy)?.includes(tool) === true;
  };
  const remaining = (): readonly string[] => tools.filter(isOffered);
  /** Another policy, or without one the tool that failed is set aside while there are others. */
  const adapt = (tool: string): string | undefined => {
    const next = precision.values().find(({ policy: name }) => name !== policy && precision.policyTools(name) !== undefined && precision.policyTools(name)?.includes(tool) !== true);
    if (policy !== undefined && next !== undefined) {
      policy = next.policy;
      return `switched_to_${next.policy}`;
    }
    if (remaining().filter((other) => other !== tool).length === 0) return undefined;
    setAside.add(tool);
    return `set_aside_${tool}`;
  };
  const learn = (tool: string, outcome: 'success' | 'failure', milliseconds: number): void => {
    const oldPrecision = precision.precision('execution');
    const learnt = precision.learn(tool, outcome);
    observe.onCall({ tool, outcome });
    if (executions.length < rememberedUpdates) {
      executions.push({ tool, outcome, executionTimeMs: milliseconds, predictionError: learnt.predictionError });
      updates.push(...learnt.levels);
    }
    if (outcome === 'failure' && !precision.isConfident()) {
      const action = adapt(tool);
      if (action !== undefined) {
        const event: AdaptationEvent = { cause, action, oldPrecision, newPrecision: precision.precision('execution') };
        adaptations.push(event);
        observe.onAdaptation(event);
      }
    }
    observe.onLearnt({ learnt, values: precision.values() });
  };
  const notOffered = (): string => {
    const others = remaining();
    return `this tool is set aside for now${others.length === 0 ? '' : `; use ${others.join(', ')}`}`;
  };
  const wrap = (toolbox: Toolbox): Toolbox => {
    const call: Toolbox['call'] = async (toolCall, signal) => {
      if (tools.includes(toolCall.name) && !isOffered(toolCall.name)) return failed('refused', notOffered());
      const started = clock.now();
      const result = await toolbox.call(toolCall, signal);
      if (tools.includes(toolCall.name) && wasMade(result)) learn(toolCall.name, result.kind === 'ok' ? 'success' : 'failure', clock.now() - started);
      return result;
    };
    // What is offered is asked for at each turn.
    return Object.defineProperty({ ...toolbox, call }, 'descriptions', { get: () => toolbox.descriptions.filter(({ name }) => isOffered(name)), enumerable: true });
  };
  return { wrap, record: () => ({ precision: updates, tools: executions, adaptations }) };
}
