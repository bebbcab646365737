import { failed } from '../tools/tool-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Agent } from './agent.ts';
import type { AnswerFormat } from './answer-format.ts';

/** What one request asks of its answer, within what the agent allows. */
export interface AnswerWishes {
  /** Tokens of each reply of the model; the agent's own bound holds besides. */
  readonly maxOutputTokens?: number | undefined;
  readonly format?: AnswerFormat | undefined;
  /** `none`: no tool is offered, and none is called. Not set: those of the agent. */
  readonly tools?: 'none' | undefined;
}

function withoutTools(toolbox: Toolbox): Toolbox {
  return { ...toolbox, descriptions: [], call: async () => failed('refused', 'this request is answered without tools') };
}

/** The agent for one request. */
export function asWished(agent: Agent, { maxOutputTokens, tools }: AnswerWishes): Agent {
  const settings = maxOutputTokens === undefined || maxOutputTokens >= agent.settings.maxOutputTokens ? agent.settings : { ...agent.settings, maxOutputTokens, limitedBy: 'caller' as const };
  return { ...agent, settings, toolbox: tools === 'none' ? withoutTools(agent.toolbox) : agent.toolbox };
}
