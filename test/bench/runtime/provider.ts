/** Milliseconds that the provider takes before it answers. */
export const providerDelay = 20;
const words = 'The parcel with your order left the store yesterday and should be with you in two days. ';

/** What the simulator does: the same answer to everybody, after the same time. A question with `hold` in it gets a stream that stops in the middle and stays open. */
export const providerScript = {
  latency: { fixedMs: providerDelay },
  rules: [
    { match: { userContains: 'hold' }, respond: { answer: words.repeat(4), hangStreamAfterEvents: 6 } },
    { match: {}, respond: { answer: words.repeat(4) } },
  ],
};

function bodyOf(question: string, stream: boolean): string {
  return JSON.stringify({ model: 'model-1', stream, messages: [{ role: 'system', content: 'You help customers of the shop.' }, { role: 'user', content: question }] });
}

export const wholeBody = bodyOf('Where is my order?', false);
export const streamBody = bodyOf('Where is my order?', true);
export const heldBody = bodyOf('Please hold the line.', true);
