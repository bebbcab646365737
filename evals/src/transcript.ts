/** One call of a tool that the agent made, whatever came of it. */
export interface TranscriptToolCall {
  readonly name: string;
  /** As JSON text; what the model wrote and is no JSON stays as it is. */
  readonly argumentsJson: string;
  readonly outcome: 'ok' | 'failed';
}

/**
 * What an agent did with a case: all that graders may look at. A member that is undefined is one that this agent cannot tell;
 * what depends on it is NotMeasured.
 */
export interface Transcript {
  /** Empty when the agent gave none. */
  readonly answer: string;
  /** `refused`: the model itself declined, or a rule blocked the request or the answer. `none`: the agent's turns ended without an answer. */
  readonly ending: 'answered' | 'refused' | 'none';
  readonly toolCalls: readonly TranscriptToolCall[];
  /** Names of the sources that the answer rests on. */
  readonly citations?: readonly string[] | undefined;
  /** Names of the tools for which the agent asked a person. */
  readonly approvalsRequested?: readonly string[] | undefined;
  /** Names of the guardrail rules that blocked the request or the answer. */
  readonly blockedByRules?: readonly string[] | undefined;
  /** Milliseconds from the question to the answer. */
  readonly latencyMs: number;
  /** US dollars. */
  readonly costDollars?: number | undefined;
}
