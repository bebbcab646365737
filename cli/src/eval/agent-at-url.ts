import { type AgentAnswer, AgentFailure, type AgentQuestion, type AgentUnderTest } from '@sluice/evals';
import { isRecord } from '../lint/schema-visit.ts';

export interface AgentAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  /** Sent as a bearer token where it is set. */
  readonly token: string | undefined;
  /** Why a case cannot be asked there, by the name of the case. */
  readonly unaskable: ReadonlyMap<string, string>;
}

/** Bytes of an answer; more than graders take of one anyway. */
const longestAnswer = 8 * 1_048_576;

/** An agent that runs somewhere, by the API that its users have: it tells no arguments of tools, and its tools cannot be stubbed. */
export function agentAtUrl({ url, fetch, token, unaskable }: AgentAddress): AgentUnderTest {
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return {
    answer: async ({ id, text }: AgentQuestion, signal) => {
      const reason = unaskable.get(id.slice(0, id.lastIndexOf('.')));
      if (reason !== undefined) throw new AgentFailure(`${reason}; leave --url out, so that the agent is started here`);
      const body = JSON.stringify({ request_id: `eval-${id}`, input: { text } });
      // A redirect would carry the token to an address that nobody named.
      const response = await fetch(`${url}/v1/invoke`, { method: 'POST', headers, body, signal, redirect: 'error' }).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw new AgentFailure('the agent cannot be reached at its address', { cause });
      });
      return answerOf(await bodyOf(response, signal));
    },
  };
}

/** What an answer holds must not get into a message. */
async function bodyOf(response: Response, signal: AbortSignal): Promise<unknown> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new AgentFailure(`the agent answered with HTTP ${response.status}`);
  }
  try {
    return JSON.parse(await boundedText(response)) as unknown;
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof AgentFailure ? cause : new AgentFailure('the agent answered something else than JSON', { cause });
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > longestAnswer) throw new AgentFailure(`the agent answered with more than ${longestAnswer / 1_048_576} MiB`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function answerOf(body: unknown): AgentAnswer {
  if (!isRecord(body) || typeof body['answer'] !== 'string' || typeof body['status'] !== 'string') throw new AgentFailure('the agent answered JSON without status and answer: is the address that of an agent of Sluice?');
  const evidence = Array.isArray(body['evidence']) ? body['evidence'] : [];
  const citations = evidence.flatMap((each: unknown) => (isRecord(each) && typeof each['tool'] === 'string' ? [each['tool']] : []));
  // Without an answer, `answer` says why, which is not the agent's text.
  return body['status'] === 'error' ? { answer: '', ending: 'none', toolCalls: [], citations } : { answer: body['answer'], ending: 'answered', toolCalls: [], citations };
}
