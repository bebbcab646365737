import { setTimeout as sleep } from 'node:timers/promises';
import { askScript } from '../gateway/script-pod.ts';
import type { Errand, ErrandAnswer } from '../gateway/pods/ask-main.ts';
import type { SeenRequest } from '../gateway/pods/echo-server.ts';
import { SEEN_PATH } from '../gateway/pods/echo-server.ts';
import type { Kubectl } from '../story/kubectl.ts';
import { type Client, keys, NAMESPACE, RECEIVER, TOKEN_FILE } from './state-objects.ts';

/** How somebody says who they are. */
export type Credential = keyof typeof keys | 'none' | 'unknown' | 'token';

export interface Question {
  /** Base URL of an agent or of one of its pods. */
  readonly at: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  readonly by?: Credential;
  /** The pod that asks; default `web`. */
  readonly from?: Client;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AskingOptions {
  readonly kubectl: Kubectl;
  readonly signal: AbortSignal;
}

const CALL_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 500;
/** kube-proxy writes its rules at most once a second, and later on a machine that is busy. */
const REACHED_LIMIT_MS = 60_000;

function credentialOf(by: Credential): { readonly headers: Readonly<Record<string, string>>; readonly tokenFile?: string } {
  if (by === 'none') return { headers: {} };
  if (by === 'token') return { headers: {}, tokenFile: TOKEN_FILE };
  return { headers: { authorization: `Bearer ${by === 'unknown' ? 'a-key-of-nobody' : keys[by]}` } };
}

/** Requests of pods of the cluster to agents, over its network. */
export class Asking {
  readonly #options: AskingOptions;

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  async ask({ at, path, method = 'POST', body, by = 'first', from = 'web', headers = {} }: Question): Promise<ErrandAnswer> {
    const credential = credentialOf(by);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const errand: Errand = { ...credential, url: `${at}${path}`, method, headers: { ...type, ...headers, ...credential.headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return (await this.#script(from, '/ask', { errand: JSON.stringify(errand) })) as ErrandAnswer;
  }

  /** The JSON of an answer. Throws with its words when it has another status. */
  async told<T>(question: Question, status = 200): Promise<T> {
    const answer = await this.ask(question);
    if (answer.status !== status) throw new Error(`${question.method ?? 'POST'} ${question.at}${question.path} answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    return JSON.parse(answer.body) as T;
  }

  /** Keys of all refunds that arrived, in order. */
  async refunds(): Promise<readonly string[]> {
    const seen = (await this.#script(RECEIVER, SEEN_PATH, {})) as readonly SeenRequest[];
    return seen.filter(({ path }) => path.startsWith('/refunds')).map(({ headers }) => String(headers['idempotency-key']));
  }

  /** Base URLs of the ready pods of an agent that are not on their way out, and their names. */
  async pods(agent: string): Promise<readonly { readonly name: string; readonly url: string; readonly revision: string; readonly restarts: number }[]> {
    const { items } = JSON.parse(await this.#options.kubectl(['-n', NAMESPACE, 'get', 'pods', '-l', `sluice.dev/agent=${agent}`, '-o', 'json'], { signal: this.#options.signal })) as PodList;
    return items
      .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true)
      .map(({ metadata, status }) => ({ name: metadata.name, url: `http://${status.podIP}:8080`, revision: metadata.labels['sluice.dev/revision'] ?? '', restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0) }));
  }

  /** Looks until it is so; false after the limit. */
  async becomes(limitMs: number, look: () => Promise<boolean>): Promise<boolean> {
    const deadline = AbortSignal.timeout(limitMs);
    while (!deadline.aborted) {
      if (await look()) return true;
      await sleep(LOOK_EVERY_MS, undefined, this.#options);
    }
    return false;
  }

  /** Waits until a new Service leads somewhere: its agent is ready before the node has written the rules for it. Throws with the reason of the last try. */
  async reached(at: string): Promise<void> {
    let last = '';
    const reached = await this.becomes(REACHED_LIMIT_MS, async () => {
      const { status, body } = await this.ask({ at, path: '/healthz', method: 'GET', by: 'none' });
      last = body;
      return status !== 0;
    });
    if (!reached) throw new Error(`nobody answers at ${at}: ${last.slice(0, 300)}`);
  }

  async #script(pod: string, path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    return await askScript(this.#options.kubectl, { namespace: NAMESPACE, pod, path, query }, { signal: this.#options.signal, timeoutMs: CALL_LIMIT_MS });
  }
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string; readonly labels: Readonly<Record<string, string>> };
    readonly status: { readonly podIP?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[]; readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}
