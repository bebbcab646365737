import type { EvalCase } from '@sluice/crds';
import type { Transcript } from '../transcript.ts';

/** What an agent is asked in one sample of a case. */
export interface AgentQuestion {
  /** Names the sample, for logs: `<case>.<repeat>`. */
  readonly id: string;
  readonly text: string;
  readonly history: NonNullable<EvalCase['history']>;
  readonly toolStubs: NonNullable<EvalCase['toolStubs']>;
  /** What becomes of a call that no stub fits. */
  readonly tools: 'Live' | 'Stubbed';
}

/** The run measures the time and adds up the cost itself. */
export type AgentAnswer = Omit<Transcript, 'latencyMs' | 'costDollars'>;

/** Told of each part of what an answer costs, in US dollars, also when the answer fails later; NaN for a part of which nobody knows. */
export type OnCost = (dollars: number) => void;

/** The agent that is evaluated. Throws AgentFailure when it cannot answer, and the signal's reason when it aborts. Without prices it tells no cost. */
export interface AgentUnderTest {
  readonly answer: (question: AgentQuestion, signal: AbortSignal, onCost: OnCost) => Promise<AgentAnswer>;
}

/** There is no answer for a fault that is not the agent's: its provider is down. The message goes into results and status. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
}
