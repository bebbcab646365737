import type { LoadOptions, LoadSummary } from '../gateway/pods/load-client.ts';
import { askScript, SCRIPT_PORT, scriptPod, scriptsConfigMap } from '../gateway/script-pod.ts';
import type { Kubectl } from '../story/kubectl.ts';

/** A pod in which the users of all agents are. */
const POD = 'users';
/** Between an answer and the next question of the same user: a busy machine has fewer requests and not more failures. */
const PAUSE_MS = 300;
const USUAL_USERS = 2;

/** To be applied before anybody asks. */
export async function usersObjects(namespace: string, testToolsImage: string): Promise<object[]> {
  return [await scriptsConfigMap(namespace), scriptPod({ name: POD, namespace, image: testToolsImage, script: 'load-main.ts', ports: [SCRIPT_PORT], env: {} })];
}

export interface UsersOptions {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** Name and base URL of the agent that they ask. */
  readonly agent: string;
  readonly url: string;
  readonly signal: AbortSignal;
}

/** The users of one agent, who all ask the same. */
export class Users {
  readonly #options: UsersOptions;

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  async start({ question, users = USUAL_USERS }: { readonly question: string; readonly users?: number }): Promise<void> {
    const body = JSON.stringify({ tenant_id: 'acme', user_id: 'somebody', workflow: 'support', input: { text: question } });
    const options: LoadOptions = { url: `${this.#options.url}/v1/invoke`, body, concurrency: users, streams: 0, pauseMs: PAUSE_MS };
    await this.#ask('/start', { options: JSON.stringify(options) });
  }

  async summary(): Promise<LoadSummary> {
    return this.#ask('/summary', {}) as Promise<LoadSummary>;
  }

  async stop(): Promise<LoadSummary> {
    return this.#ask('/stop', {}) as Promise<LoadSummary>;
  }

  async #ask(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const { kubectl, namespace, agent, signal } = this.#options;
    return askScript(kubectl, { namespace, pod: POD, path, query: { name: agent, ...query } }, { signal });
  }
}

/** Whole answers so far, of all revisions or of one. */
export function answersOf({ revisions }: LoadSummary, revision?: string): number {
  return revision === undefined ? Object.values(revisions).reduce((sum, count) => sum + count, 0) : (revisions[revision] ?? 0);
}
