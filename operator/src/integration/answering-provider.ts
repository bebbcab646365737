import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** One question as a model gets it. */
export interface ModelQuestion {
  readonly model: string;
  readonly system: string;
  readonly text: string;
}

/** What the model says; undefined: the provider has failed. */
export type Answering = (question: ModelQuestion) => string | undefined;

interface Body {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

const lookEveryMs = 50;

/** A model provider on loopback, in the format of Chat Completions, that keeps what it was asked and can be made to wait. */
export class AnsweringProvider {
  readonly asked: ModelQuestion[] = [];
  /** So many questions are answered; the others wait until it is raised. */
  answers = Infinity;
  #answered = 0;
  readonly #server: Server;
  readonly #answer: Answering;

  private constructor(answer: Answering) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      void this.#respond(request).then(
        ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        () => response.destroy(),
      );
    });
  }

  static async listen(answer: Answering): Promise<AnsweringProvider> {
    const provider = new AnsweringProvider(answer);
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  /** Base URL, as a ModelProvider names it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** How often each text was asked. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { text } of this.asked) counts.set(text, (counts.get(text) ?? 0) + 1);
    return counts;
  }

  async close(): Promise<void> {
    this.answers = Infinity;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #respond(request: IncomingMessage): Promise<readonly [number, object]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { model, messages } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body;
    const question = { model, system: messages.find(({ role }) => role === 'system')?.content ?? '', text: messages.at(-1)?.content ?? '' };
    this.asked.push(question);
    while (this.#answered >= this.answers && !request.socket.destroyed) await wait(lookEveryMs);
    this.#answered += 1;
    const content = this.#answer(question);
    if (content === undefined) return [400, { error: { message: 'the test wants it', type: 'invalid_request_error' } }];
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    return [200, { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }];
  }
}
