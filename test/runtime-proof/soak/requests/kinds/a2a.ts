import { orderQuestion, plainQuestion, reportQuestion, type Kind, type Sending } from '../kind.ts';

interface Answer {
  readonly result?: { readonly id?: string; readonly task?: { readonly id: string; readonly status?: { readonly state?: string } }; readonly tasks?: readonly unknown[] };
  readonly error?: { readonly code: number; readonly message: string };
}

/** A task that had ended before it could be cancelled. */
const notCancelable = -32_002;

function checked(method: string, answer: Answer, may: readonly number[]): Answer {
  if (answer.error !== undefined && !may.includes(answer.error.code)) throw new Error(`${method} of A2A: ${answer.error.code} ${answer.error.message}`);
  return answer;
}

async function rpc({ ask }: Sending, method: string, params: object, may: readonly number[] = []): Promise<Answer> {
  const { text } = await ask({ path: '/v1/a2a', body: { jsonrpc: '2.0', id: 1, method, params }, headers: { 'a2a-version': '1.0' }, may: [200] });
  return checked(method, JSON.parse(text) as Answer, may);
}

function message(id: string, text: string): object {
  return { message: { messageId: id, role: 'ROLE_USER', parts: [{ text }] } };
}

/** Sent, found again and listed; one in four is large. */
export const sent: Kind = (sending) => async (index) => {
  const { text } = (index % 4 === 0 ? reportQuestion(index) : plainQuestion(index)).input;
  const { result } = await rpc(sending, 'SendMessage', message(`sent-${index}`, text));
  const found = await rpc(sending, 'GetTask', { id: result?.task?.id ?? '' });
  if (found.result?.id !== result?.task?.id) throw new Error(`task ${result?.task?.id ?? 'without id'} was not found`);
  if (index % 3 === 0) await rpc(sending, 'ListTasks', { pageSize: 5 });
};

function eventsIn(text: string): readonly Answer[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '{}']) => JSON.parse(data) as Answer);
}

/** Read to its end, with a call of a tool. */
export const streamedTask: Kind = ({ ask }) => async (index) => {
  const params = message(`streamed-${index}`, orderQuestion(index).input.text);
  const { text } = await ask({ path: '/v1/a2a', body: { jsonrpc: '2.0', id: 1, method: 'SendStreamingMessage', params }, headers: { 'a2a-version': '1.0' }, may: [200] });
  const events = eventsIn(text);
  for (const event of events) checked('SendStreamingMessage', event, []);
  if (!/TASK_STATE_(COMPLETED|FAILED)/.test(JSON.stringify(events.at(-1)))) throw new Error(`a stream of A2A ended without the end of its task: ${text.slice(-200)}`);
};

/** Begun, cancelled while the model stands still, and sent again: that is the same task. */
export const cancelled: Kind = (sending) => async (index) => {
  const params = { ...message(`held-${index}`, `Please hold the line ${index}.`), configuration: { returnImmediately: true } };
  const { result } = await rpc(sending, 'SendMessage', params);
  const id = result?.task?.id ?? '';
  await rpc(sending, 'CancelTask', { id }, [notCancelable]);
  const again = await rpc(sending, 'SendMessage', params);
  if (again.result?.task?.id !== id) throw new Error(`message held-${index} that was sent again became task ${again.result?.task?.id ?? 'without id'}, not ${id}`);
};
