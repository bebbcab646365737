import { orderQuestion, plainQuestion, type Kind } from '../kind.ts';

/** Milliseconds after which a caller gives up. */
const leaveAfter = 50;

export const streamed: Kind = ({ ask }) => async (index) => await ask({ path: '/v1/stream', body: plainQuestion(index) });

export const chatted: Kind = ({ ask }) => async (index) => await ask({ path: '/v1/chat/completions', body: { model: 'support', stream: index % 2 === 0, messages: [{ role: 'user', content: plainQuestion(index).input.text }] } });

export const invoked: Kind = ({ ask }) => async (index) => await ask({ path: '/v1/invoke', body: plainQuestion(index) });

/** With a call of a tool, half of them streamed. */
export const lookedUp: Kind = ({ ask }) => async (index) => await ask({ path: index % 2 === 0 ? '/v1/invoke' : '/v1/stream', body: orderQuestion(index) });

export const refused: Kind = ({ ask }) => async (index) => await ask({ path: '/v1/invoke', body: { input: { words: index } }, may: [422] });

/** Its caller leaves while it is answered. */
export const left: Kind = ({ ask }) => async (index) => {
  const leave = AbortSignal.timeout(leaveAfter);
  await ask({ path: '/v1/stream', body: { input: { text: `Please hold the line ${index}.` } } }, leave).catch((error: unknown) => {
    if (!leave.aborted) throw error;
  });
};
