import { abortable } from '@sluice/evals/deadline';
import type { CompleteOptions, ModelClient, ModelReply, ModelRequest } from '../providers/model-client.ts';

/** A reply, an error, or a function of the call, for each turn in order. */
export type ScriptedTurn = ModelReply | Error | ((request: ModelRequest, options: CompleteOptions) => Promise<ModelReply>);

export interface ScriptedModel extends ModelClient {
  readonly requests: readonly ModelRequest[];
  readonly signals: readonly AbortSignal[];
}

export function reply(text: string, changes: Partial<ModelReply> = {}): ModelReply {
  return { text, toolCalls: [], stop: 'end', usage: { inputTokens: 7, outputTokens: 3 }, ...changes };
}

/** A turn that asks for one tool. */
export function toolTurn(name: string, args: unknown, changes: Partial<ModelReply> = {}): ModelReply {
  return reply('', { toolCalls: [{ id: `call-${name}`, name, argumentsJson: JSON.stringify(args) }], stop: 'tools', ...changes });
}

/** A turn that never ends by itself. */
export async function hang(_request: ModelRequest, options: CompleteOptions): Promise<ModelReply> {
  return await abortable(new Promise<ModelReply>(() => {}), options.signal);
}

/** A model that plays a script; the last turn repeats. Text is told word by word when it is streamed. */
export function createScriptedModel(...script: readonly ScriptedTurn[]): ScriptedModel {
  const requests: ModelRequest[] = [];
  const signals: AbortSignal[] = [];
  return {
    requests,
    signals,
    complete: async (request, options) => {
      const turn = script[Math.min(requests.length, script.length - 1)];
      requests.push(request);
      signals.push(options.signal);
      if (turn === undefined || turn instanceof Error) throw turn ?? new Error('the script is empty');
      const result = typeof turn === 'function' ? await turn(request, options) : turn;
      for (const word of result.text.split(/(?<= )/)) if (word !== '') options.onText?.(word);
      return result;
    },
  };
}
