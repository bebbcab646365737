import type { CompleteOptions, ModelClient, ModelReply, ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';
import { listenAlong } from './told-text.ts';

/** A cheaper model for the requests that it fits. */
export interface ModelTier {
  readonly label: string;
  readonly client: ModelClient;
  readonly workflows: readonly string[] | undefined;
  readonly maxInputCharacters: number | undefined;
  /** Its own bound of a reply. */
  readonly maxOutputTokens: number;
}

/** Characters of a conversation, results of tools included. */
export function charactersOf({ system, messages }: ModelRequest): number {
  const texts = messages.flatMap((message) => {
    if (message.role === 'tools') return message.results.map(({ content }) => content);
    return message.role === 'user' ? [message.text] : [message.text, ...message.toolCalls.map(({ argumentsJson }) => argumentsJson)];
  });
  return texts.reduce((sum, text) => sum + text.length, system.length);
}

export function fits({ workflows, maxInputCharacters }: Pick<ModelTier, 'workflows' | 'maxInputCharacters'>, request: ModelRequest): boolean {
  if (workflows !== undefined && !workflows.includes(request.caller?.workflow ?? '')) return false;
  return maxInputCharacters === undefined || charactersOf(request) <= maxInputCharacters;
}

/** A reply that ends where its caller wanted: a larger model would be cut at the same place. */
function isCutByCaller({ stop }: ModelReply, { settings }: ModelRequest, { maxOutputTokens }: Pick<ModelTier, 'maxOutputTokens'>): boolean {
  return stop === 'length' && settings.limitedBy === 'caller' && settings.maxOutputTokens <= maxOutputTokens;
}

/** What a small model could not do: a larger one may. */
function isGoodEnough(reply: ModelReply, request: ModelRequest, tier: Pick<ModelTier, 'maxOutputTokens'>): boolean {
  const { stop, text, toolCalls } = reply;
  if (isCutByCaller(reply, request, tier)) return true;
  return stop !== 'refused' && stop !== 'length' && (text.trim() !== '' || toolCalls.length > 0);
}

interface Asked {
  readonly reply: ModelReply | undefined;
  readonly told: boolean;
}

async function ask(client: ModelClient, request: ModelRequest, complete: CompleteOptions): Promise<Asked> {
  const told = listenAlong(complete.onText);
  try {
    const reply = await client.complete(request, { ...complete, onText: told.onText });
    return { reply, told: told.any() };
  } catch (error) {
    complete.signal.throwIfAborted();
    if (!(error instanceof ModelError) || told.any()) throw error;
    return { reply: undefined, told: false };
  }
}

/**
 * Asks the first tier that fits, and the next and at last `otherwise` when it fails, declines, says nothing or is cut, but where the caller's own limit
 * cut it, and unless text of it was told already. The tokens of answers that were thrown away are told as `onSpent`.
 */
export function createTieredClient(tiers: readonly ModelTier[], otherwise: ModelClient, { onAnswer }: { readonly onAnswer: (label: string) => void }): ModelClient {
  return {
    complete: async (request, complete) => {
      for (const { client, label, ...tier } of tiers) {
        if (!fits(tier, request)) continue;
        const { reply, told } = await ask(client, request, complete);
        if (reply !== undefined && (isGoodEnough(reply, request, tier) || told)) {
          onAnswer(label);
          return reply;
        }
        if (reply !== undefined) complete.onSpent?.(reply.usage);
      }
      return await otherwise.complete(request, complete);
    },
  };
}
