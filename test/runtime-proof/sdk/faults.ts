import type { Script } from '../../provider-simulator/script/script.ts';

type Respond = Script['rules'][number]['respond'];

/** Every way in which the simulator can fail. */
export const faults: readonly (readonly [name: string, respond: Respond])[] = [
  ...[400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529].map((status) => [`status ${status}`, { status }] as const),
  ['429 with a time to wait', { status: 429, retryAfter: 1 }],
  ['no answer', { hang: true }],
  ['a connection that is cut at once', { cutStreamAfterEvents: 0 }],
  ['a connection that is cut in the middle', { cutStreamAfterEvents: 3 }],
  ['a stream that stops before it begins', { hangStreamAfterEvents: 0 }],
  ['a stream that stops in the middle', { hangStreamAfterEvents: 3 }],
  ['an error in the middle of a stream', { errorStreamAfterEvents: 3 }],
  ['JSON that is broken', { malformedJson: true }],
  ['events that come too slowly', { eventDelayMs: 2_000 }],
  ['a tool that does not exist', { toolCalls: [{ name: 'no_such_tool', arguments: {} }] }],
  ['latency beyond the limit', { latency: { fixedMs: 10_000 } }],
];
