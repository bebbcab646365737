import { chatProblems } from './routes/chat-call.ts';
import type { ProblemFacts } from './problem.ts';

/** What else clients of OpenAI ask for, and the route that there is under a base URL without /v1. */
const paths = /^(\/v1)?\/(responses|completions|chat|conversations|embeddings|moderations|images|audio|videos|files|uploads|batches|fine_tuning|vector_stores|assistants|threads|realtime|models)(\/|$)/;

/** An answer to a path that is not there. */
export interface NoSuchRoute {
  readonly facts: ProblemFacts;
  /** Further members of the problem. */
  readonly members: object;
}

/** `chat`: whether the server has the route for clients of OpenAI. Those of its paths that are not there are told in the words that such clients show. */
export function noSuchRoute(method: string, url: string, chat: 'has-chat' | 'no-chat'): NoSuchRoute {
  const [path = ''] = url.split('?');
  const facts = { status: 404, slug: 'not-found', title: 'There is no such route', outcome: 'rejected' } as const;
  const detail = `There is no ${method} route of this path; /docs lists what there is`;
  if (!paths.test(path)) return { facts: { ...facts, detail }, members: {} };
  const told = { ...facts, detail: chat === 'no-chat' ? detail : `There is no ${method} route of this path; of the routes of OpenAI this agent has POST /v1/chat/completions, GET /v1/models and GET /v1/models/{id} (the base URL of a client ends in /v1)` };
  return { facts: told, members: chatProblems.problemMembers(told) };
}
