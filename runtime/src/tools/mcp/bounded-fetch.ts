/** What a server answers is larger than it may be. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
  readonly code = 'RESPONSE_TOO_LARGE';
}

export function isTooLarge(error: unknown): boolean {
  return error instanceof ResponseTooLarge;
}

function boundedBody(body: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  let left = limit;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        left -= chunk.byteLength;
        if (left < 0) controller.error(new ResponseTooLarge(`more than ${limit} bytes`));
        else controller.enqueue(chunk);
      },
    }),
  );
}

/** What a server asks its client is answered with a no, or to a ping with nothing: so many at a time are enough. */
const mostAnswers = 16;
/** Characters of an answer: it repeats the id that the server chose. */
const longestAnswer = 65_536;

/** Whether the client answers its server, and asks it nothing. */
function isAnswer(body: unknown): boolean {
  if (typeof body !== 'string' || body.length > longestAnswer) return false;
  const message = JSON.parse(body) as unknown;
  return typeof message === 'object' && message !== null && !('method' in message);
}

/** `send`, but for answers beyond those that are on their way: a server can ask tens of thousands of times in one response, and each answer would be a request that waits in memory. */
function boundedAnswers(send: typeof fetch): typeof fetch {
  let underWay = 0;
  return async (input, init) => {
    if (!isAnswer(init?.body)) return await send(input, init);
    if (underWay >= mostAnswers) return new Response(null, { status: 202 });
    underWay += 1;
    try {
      return await send(input, init);
    } finally {
      underWay -= 1;
    }
  };
}

/**
 * `send` with at most `limit` bytes of each response. Streams that a server may push to are not opened: nothing it says by itself is of use
 * to a tool, and 405 is how a server without them answers. A stream that is taken up again holds the answer to a call, and is.
 */
export function boundedFetch(sendAny: typeof fetch, limit: number): typeof fetch {
  const send = boundedAnswers(sendAny);
  return async (input, init) => {
    if ((init?.method ?? 'GET') === 'GET' && !new Headers(init?.headers).has('last-event-id')) return new Response(null, { status: 405 });
    const response = await send(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(boundedBody(response.body, limit), { status, statusText, headers: new Headers([...headers.entries()]) });
  };
}
