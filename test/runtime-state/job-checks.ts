import type { Release } from '@sluice/crds';
import { ended } from '../gateway/release-watch.ts';
import type { StateChecksOptions } from './session-checks.ts';
import { agentObject, WORKER } from './state-objects.ts';

const JOBS_BEFORE = 12;
const JOBS_DURING = 12;
/** A job whose worker was killed waits until its lease and the lease of its write have lapsed, and behind the others. */
const JOBS_LIMIT_MS = 420_000;
const PROMPT = 'You work on refunds of the shop.';
const FIRST_ORDER = 1_000;

interface Job {
  readonly id: string;
  readonly state: string;
  readonly result?: { readonly status: string; readonly evidence: readonly { readonly tool: string }[] };
}

/** Jobs while the revision of the workers is released, and while one of them is killed. */
export async function checkWorkers(options: StateChecksOptions): Promise<void> {
  const { stand, asking, checks } = options;
  await stand.apply([agentObject(WORKER, PROMPT)]);
  const first = await ended(options, 'an agent of workers', undefined);
  checks.equal('an agent of workers is ready', String(first.status?.phase), 'Promoted');
  checks.equal('workers answer no question', String((await asking.ask({ at: stand.url, path: '/v1/invoke', body: { input: { text: 'Hello?' } }, by: 'second' })).status), '404');
  checks.equal('without a key no job is taken in', String((await asking.ask({ at: stand.url, path: '/v1/jobs', body: { input: { text: 'Refund order 1.' } }, by: 'none' })).status), '401');
  const early = await takeIn(options, 0, JOBS_BEFORE);
  await stand.apply([agentObject(WORKER, `${PROMPT} Be quick.`)]);
  await killOne(options, first);
  const late = await takeIn(options, JOBS_BEFORE, JOBS_DURING);
  const second = await ended(options, 'the next revision of the workers', first);
  checks.equal('the next revision of the workers is promoted while they work', String(second.status?.phase), 'Promoted');
  await checkEnds(options, [...early, ...late]);
}

async function takeIn({ stand, asking }: StateChecksOptions, from: number, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = from; index < from + count; index += 1) ids.push((await asking.told<Job>({ at: stand.url, path: '/v1/jobs', body: { input: { text: `Refund order ${FIRST_ORDER + index}.` } }, by: 'second' }, 202)).id);
  return ids;
}

/** In the middle of its work: refunds arrive. */
async function killOne({ stand, asking, checks, output }: StateChecksOptions, { spec }: Release): Promise<void> {
  const busy = await asking.becomes(60_000, async () => (await asking.refunds()).length > 0);
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
  checks.expect(`all ${ids.length} jobs succeed, each with its refund`, jobs.length === ids.length && bad.length === 0 ? 'passed' : 'failed', JSON.stringify(bad).slice(0, 1_500));
  const refunds = await asking.refunds();
  const keys = [...new Set(refunds)];
  const requests = new Set(keys.map((key) => key.split(':')[0]));
  output.line(`${refunds.length} refunds arrived under ${keys.length} keys of ${requests.size} jobs`);
  checks.expect('each job refunded once: however often a refund was sent, it came under one key', keys.length === ids.length && requests.size === ids.length ? 'passed' : 'failed', JSON.stringify({ sent: refunds.length, keys: keys.length, requests: requests.size }));
}
