import type { Release } from '@sluice/crds';
import type { ErrandAnswer } from '../gateway/pods/ask-main.ts';
import { ended } from '../gateway/release-watch.ts';
import type { StateChecksOptions } from './session-checks.ts';
import { agentObject, CONCURRENCY, WORKER } from './state-objects.ts';

/** One for each that two workers take at a time. */
const JOBS_BEFORE = 2 * CONCURRENCY;
const JOBS_DURING = 18;
/** A job whose worker was killed waits until its lease and the lease of its write have lapsed, and behind the others. */
const JOBS_LIMIT_MS = 420_000;
const BUSY_LIMIT_MS = 60_000;
const TAKE_IN_LIMIT_MS = 60_000;
const PROMPT = 'You work on refunds of the shop.';
const FIRST_ORDER = 1_000;

interface Job {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly result?: { readonly status: string; readonly evidence: readonly { readonly tool: string }[] };
}

/** Jobs while one of the workers is killed, and while their next revision is released. */
export async function checkWorkers(options: StateChecksOptions): Promise<void> {
  const { stand, asking, checks } = options;
  await stand.apply([agentObject(WORKER, PROMPT)]);
  const first = await ended(options, 'an agent of workers', undefined);
  checks.equal('an agent of workers is ready', String(first.status?.phase), 'Promoted');
  await asking.reached(stand.url);
  checks.equal('workers answer no question', String((await asking.ask({ at: stand.url, path: '/v1/invoke', body: { input: { text: 'Hello?' } }, by: 'second' })).status), '404');
  checks.equal('without a key no job is taken in', String((await asking.ask({ at: stand.url, path: '/v1/jobs', body: { input: { text: 'Refund order 1.' } }, by: 'none' })).status), '401');
  const early = await takeIn(options, 0, JOBS_BEFORE);
  await killOne(options, first);
  await stand.apply([agentObject(WORKER, `${PROMPT} Be quick.`)]);
  const late = await takeIn(options, JOBS_BEFORE, JOBS_DURING);
  const second = await ended(options, 'the next revision of the workers', first);
  checks.equal('the next revision of the workers is promoted while they work', String(second.status?.phase), 'Promoted');
  await checkEnds(options, [...early, ...late]);
}

async function takeIn(options: StateChecksOptions, from: number, count: number): Promise<readonly string[]> {
  return await Promise.all(Array.from({ length: count }, async (_, index) => takeInOne(options, FIRST_ORDER + from + index)));
}

/** Tried again with its key, as a caller does who met a pod that just went. */
async function takeInOne({ stand, asking }: StateChecksOptions, order: number): Promise<string> {
  const question = { at: stand.url, path: '/v1/jobs', body: { input: { text: `Refund order ${order}.` } }, by: 'second', headers: { 'idempotency-key': `order-${order}` } } as const;
  let answer: ErrandAnswer | undefined;
  await asking.becomes(TAKE_IN_LIMIT_MS, async () => {
    answer = await asking.ask(question);
    return answer.status === 202;
  });
  if (answer?.status !== 202) throw new Error(`order ${order} was not taken in: ${answer?.status} ${answer?.body.slice(0, 300)}`);
  return (JSON.parse(answer.body) as Job).id;
}

/** In the middle of a write: of more refunds than one worker makes at a time, each makes one. */
async function killOne({ stand, asking, checks, output }: StateChecksOptions, { spec }: Release): Promise<void> {
  const busy = await asking.becomes(BUSY_LIMIT_MS, async () => (await asking.refunds()).length > CONCURRENCY);
  const [victim] = await stand.podNames(spec.revision);
  checks.expect('a worker is killed in the middle of its work', busy && victim !== undefined ? 'passed' : 'failed', String(victim));
  if (victim === undefined) return;
  await stand.kill([victim]);
  output.line(`killed ${victim}`);
}

async function checkEnds({ stand, asking, checks, output }: StateChecksOptions, ids: readonly string[]): Promise<void> {
  const read = async (): Promise<readonly Job[]> => Promise.all(ids.map(async (id) => asking.told<Job>({ at: stand.url, path: `/v1/jobs/${id}`, method: 'GET', by: 'second' })));
  let jobs: readonly Job[] = [];
  await asking.becomes(JOBS_LIMIT_MS, async () => {
    jobs = await read().catch(() => jobs);
    return jobs.length > 0 && jobs.every(({ state }) => state !== 'queued' && state !== 'running');
  });
  const bad = jobs.filter(({ state, result }) => state !== 'succeeded' || result?.status !== 'success' || result.evidence.length !== 1);
  checks.expect(`all ${ids.length} jobs succeed, each with its refund`, jobs.length === ids.length && bad.length === 0 ? 'passed' : 'failed', bad.map(({ id, state, attempts, result }) => `${id} ${state} after ${attempts} attempts: ${result?.status}, ${result?.evidence.length} tool calls`).join('; '));
  const again = jobs.filter(({ attempts }) => attempts > 1).length;
  checks.expect('jobs whose worker is gone are begun again by another', again > 0 ? 'passed' : 'failed', `${again} jobs`);
  const refunds = await asking.refunds();
  const keys = [...new Set(refunds)];
  const requests = new Set(keys.map((key) => key.split(':')[0]));
  output.line(`${refunds.length} refunds arrived under ${keys.length} keys of ${requests.size} jobs`);
  checks.expect('a refund whose worker died while it was made is sent again', refunds.length > keys.length ? 'passed' : 'failed', `${refunds.length} sent under ${keys.length} keys`);
  checks.expect('each job refunded once: however often a refund was sent, it came under one key', keys.length === ids.length && requests.size === ids.length ? 'passed' : 'failed', JSON.stringify({ sent: refunds.length, keys: keys.length, requests: requests.size }));
}
