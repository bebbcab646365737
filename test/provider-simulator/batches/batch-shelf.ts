import type { Clock } from '../clock.ts';
import type { Script } from '../script/script.ts';
import type { EntryEnd } from './answer-entry.ts';

export interface BatchEntry {
  readonly customId: string;
  readonly body: unknown;
}

export interface FinishedEntry {
  readonly customId: string;
  readonly end: EntryEnd;
}

export interface ShelvedBatch {
  readonly id: string;
  readonly entries: readonly BatchEntry[];
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** OpenAI's. */
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly inputFile: string | undefined;
  state: 'running' | 'cancelling' | 'ended';
  endedAt: number | undefined;
  /** In another order than they were asked, as providers give no order. */
  results: readonly FinishedEntry[];
}

/** Batches kept at a time; the oldest make room. */
const CAPACITY = 1000;

export interface ShelfOptions {
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

/** The batches of one provider, in memory. */
export class BatchShelf {
  readonly #options: ShelfOptions;
  readonly #batches = new Map<string, ShelvedBatch>();
  #lost = { script: undefined as Script | undefined, count: 0 };

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** Begins to work on it; `answer` says what becomes of each entry when its time is over. */
  add(facts: Pick<ShelvedBatch, 'id' | 'entries' | 'metadata' | 'inputFile'>, { durationMs }: Script['batches'], answer: (body: unknown) => EntryEnd): ShelvedBatch {
    const { clock, stopping } = this.#options;
    const batch: ShelvedBatch = { ...facts, createdAt: clock.unixSeconds(), state: 'running', endedAt: undefined, results: [] };
    this.#batches.set(batch.id, batch);
    const [oldest] = this.#batches.keys();
    if (this.#batches.size > CAPACITY && oldest !== undefined) this.#batches.delete(oldest);
    void clock.sleep(durationMs, stopping).then(() => this.#finish(batch, answer), () => undefined);
    return batch;
  }

  /** Ends soon afterwards, with nothing answered. */
  cancel(batch: ShelvedBatch): void {
    if (batch.state !== 'running') return;
    batch.state = 'cancelling';
    const { clock, stopping } = this.#options;
    void clock.sleep(1, stopping).then(() => this.#finish(batch, () => ({ kind: 'cancelled' })), () => undefined);
  }

  #finish(batch: ShelvedBatch, answer: (body: unknown) => EntryEnd): void {
    if (batch.state === 'ended') return;
    const end = (body: unknown): EntryEnd => (batch.state === 'cancelling' ? { kind: 'cancelled' } : answer(body));
    batch.results = batch.entries.map(({ customId, body }) => ({ customId, end: end(body) })).toReversed();
    batch.state = 'ended';
    batch.endedAt = this.#options.clock.unixSeconds();
  }

  get(id: string): ShelvedBatch | undefined {
    return this.#batches.get(id);
  }

  delete(id: string): void {
    this.#batches.delete(id);
  }

  /** The newest first, after the one of that id. */
  page(after: string | undefined, limit: number): { readonly batches: readonly ShelvedBatch[]; readonly more: boolean } {
    const all = [...this.#batches.values()].toReversed();
    const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    return { batches: all.slice(from, from + limit), more: all.length > from + limit };
  }

  /** Whether the answer to this submission gets lost, as the script in force says for the first ones. */
  losesAnswer(script: Script): 'lost' | 'sent' {
    if (this.#lost.script !== script) this.#lost = { script, count: 0 };
    if (this.#lost.count >= script.batches.lostAnswers) return 'sent';
    this.#lost.count += 1;
    return 'lost';
  }
}
