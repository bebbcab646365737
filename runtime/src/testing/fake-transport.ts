import type { HttpRequest, HttpResponse, HttpTransport } from '../egress/transport.ts';

export interface FakeReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Answer = FakeReply | Error | ((request: HttpRequest, signal: AbortSignal) => Promise<FakeReply>);

export interface FakeTransport extends HttpTransport {
  readonly requests: readonly HttpRequest[];
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

function response(reply: FakeReply): HttpResponse {
  return { status: reply.status ?? 200, header: (name) => reply.headers?.[name], body: chunks(reply.body ?? ''), discard: async () => {} };
}

/** A network for tools that plays a script; the last answer repeats. */
export function createFakeTransport(...answers: readonly Answer[]): FakeTransport {
  const requests: HttpRequest[] = [];
  return {
    requests,
    fetcher: () => fetch,
    close: async () => {},
    send: async (request, signal) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? {};
      requests.push(request);
      if (answer instanceof Error) throw answer;
      return response(typeof answer === 'function' ? await answer(request, signal) : answer);
    },
  };
}
