import type { AgentStand } from '../gateway/agent-stand.ts';
import { ended, STEP_LIMIT_MS } from '../gateway/release-watch.ts';
import type { StoryOutput } from '../story/output.ts';
import type { Checks } from '../story/result.ts';
import type { Asking } from './asking.ts';
import { accessSecret, agentObject, NAMESPACE, SERVER } from './state-objects.ts';

export interface StateChecksOptions {
  /** Of the agent that is looked at. */
  readonly stand: AgentStand;
  readonly asking: Asking;
  readonly checks: Checks;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
}

interface Session {
  readonly id: string;
  readonly messages: number;
}

const ROUNDS = 20;
const PROMPT = 'You help customers of the shop. Refunds: within 30 days.';

function question(text: string, session?: string): object {
  return { input: { text }, ...(session === undefined ? {} : { session_id: session }) };
}

/** Callers, sessions over pods, a rotated key and a release, all against one agent of two pods. */
export async function checkServer(options: StateChecksOptions): Promise<void> {
  const { stand } = options;
  await stand.apply([agentObject(SERVER, PROMPT)]);
  const first = await ended(options, 'an agent over Postgres and Valkey', undefined);
  options.checks.equal('an agent over Postgres and Valkey serves', String(first.status?.phase), 'Promoted');
  await options.asking.reached(stand.url);
  await checkDenied(options);
  await checkSessions(options);
  const kept = await checkLostCache(options);
  await checkRotation(options, kept);
  await stand.apply([agentObject(SERVER, `${PROMPT} Be brief.`)]);
  const second = await ended(options, 'its next revision', first);
  options.checks.equal('its next revision serves', String(second.status?.phase), 'Promoted');
  const [pod] = (await options.asking.pods(SERVER)).filter(({ revision }) => revision === second.spec.revision);
  const found = pod === undefined ? undefined : await options.asking.ask({ at: pod.url, path: `/v1/sessions/${kept.id}`, method: 'GET', by: 'second' });
  options.checks.equal('the pods of the next revision know the sessions of the one before', String(found?.status), '200');
}

async function checkDenied({ asking, stand, checks }: StateChecksOptions): Promise<void> {
  const asked = async (by: 'none' | 'unknown' | 'first' | 'token', from: 'web' | 'stranger' = 'web'): Promise<number> => (await asking.ask({ at: stand.url, path: '/v1/invoke', body: question('How long do refunds take?'), by, from })).status;
  checks.equal('without a key nobody is answered', String(await asked('none')), '401');
  checks.equal('with a key that is not known nobody is answered', String(await asked('unknown')), '401');
  checks.equal('a known key is answered', String(await asked('first')), '200');
  checks.equal('the token of a ServiceAccount that is listed is answered', String(await asked('token')), '200');
  checks.equal('the token of one that is not is refused', String(await asked('token', 'stranger')), '403');
}

/** Each is made at one pod and used at the other. */
async function checkSessions({ asking, checks }: StateChecksOptions): Promise<void> {
  const [one, other] = await asking.pods(SERVER);
  if (one === undefined || other === undefined) throw new Error('the agent has not two ready pods');
  const wrong: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [maker, user] = round % 2 === 0 ? [one, other] : [other, one];
    const made = await asking.ask({ at: maker.url, path: '/v1/sessions' });
    const { id } = JSON.parse(made.body) as Session;
    const said = await asking.ask({ at: user.url, path: '/v1/invoke', body: question(`How long is it, ${round}?`, id) });
    const seen = await asking.ask({ at: maker.url, path: `/v1/sessions/${id}`, method: 'GET' });
    if (made.status !== 201 || said.status !== 200 || (JSON.parse(seen.body) as Session).messages !== 2) wrong.push(`${made.status} ${said.status} ${seen.body.slice(0, 200)}`);
    const foreign = await asking.ask({ at: user.url, path: `/v1/sessions/${id}`, method: 'GET', by: 'token' });
    if (foreign.status !== 404) wrong.push(`somebody else was answered ${foreign.status}`);
  }
  checks.expect(`${ROUNDS} sessions were each made at one pod, continued at the other, and seen by nobody else`, wrong.length === 0 ? 'passed' : 'failed', wrong.join('; '));
}

/** Valkey keeps nothing over its pod's end, and Postgres does. */
async function checkLostCache({ asking, stand, checks }: StateChecksOptions): Promise<Session> {
  const session = await asking.told<Session>({ at: stand.url, path: '/v1/sessions' }, 201);
  await stand.kubectl(['-n', NAMESPACE, 'delete', 'pods', '-l', 'app=valkey', '--wait=true', '--timeout=60s']);
  await stand.kubectl(['-n', NAMESPACE, 'rollout', 'status', 'deployment/valkey', '--timeout=120s']);
  const answered = await asking.becomes(STEP_LIMIT_MS, async () => (await asking.ask({ at: stand.url, path: '/v1/invoke', body: question('And now?', session.id) })).status === 200);
  checks.expect('a session outlives the pod of Valkey', answered ? 'passed' : 'failed', session.id);
  return session;
}

/** The Secret changes: first both keys, then the new one alone. */
async function checkRotation({ asking, stand, checks }: StateChecksOptions, { id }: Session): Promise<void> {
  const before = await asking.pods(SERVER);
  const status = async (by: 'first' | 'second'): Promise<readonly number[]> => Promise.all(before.map(async ({ url }) => (await asking.ask({ at: url, path: `/v1/sessions/${id}`, method: 'GET', by })).status));
  await stand.apply([accessSecret(['first', 'second'])]);
  const added = await asking.becomes(STEP_LIMIT_MS, async () => (await status('second')).every((each) => each === 200));
  checks.expect('a key that is added to the Secret is known by all pods, with the sessions of its owner', added ? 'passed' : 'failed', JSON.stringify(await status('second')));
  await stand.apply([accessSecret(['second'])]);
  const removed = await asking.becomes(STEP_LIMIT_MS, async () => (await status('first')).every((each) => each === 401));
  checks.expect('a key that is taken out is refused by all pods', removed ? 'passed' : 'failed', JSON.stringify(await status('first')));
  const lives = (pods: typeof before): string => pods.map(({ name, restarts }) => `${name} ${restarts}`).toSorted((left, right) => left.localeCompare(right)).join(', ');
  const after = await asking.pods(SERVER);
  checks.expect('no pod was restarted for it', lives(after) === lives(before) ? 'passed' : 'failed', `${lives(before)}; then ${lives(after)}`);
}
