import { epochMsOf, isoTime } from '../../evidence/clock-time.ts';
import { isAmount, type ScrapeBlock } from '../sequential/index.ts';

/** A look at the gates that closed a block, as the log keeps it. Times are milliseconds since the epoch. */
export interface LoggedBlock {
  readonly block: ScrapeBlock;
  readonly now: number;
  readonly step: number;
  readonly stepSince: number;
  /** When the gates began, moved on by the time that the clock had been stopped. */
  readonly startedAt: number;
  /** From when the test at the deadline is counted, where that is another time. */
  readonly testFrom?: number | undefined;
}

export class BlockLineError extends Error {
  constructor(line: string) {
    super(`"${line}" is no line of a gate's log; it has the time of the block, then now, since, start, step, stepSince, weight, weightSince and the counts of each metric, as name=value`);
    this.name = 'BlockLineError';
  }
}

const times = ['since', 'start', 'stepSince', 'weightSince'] as const;

/** One line of text: the time of the block, times before it in milliseconds, `test` where the test at the deadline is counted from another time than the start, `share` where ready pods give the new revision another part of the traffic than its weight, `partial=1` where pods could not be read, `anew=1` where another process or window counts since the block before, then after a bar bad/all of the new and of the stable revision; of costs the requests by bucket (`-` where its upper edge is not known, and its requests are in the next one), and after `$` the dollars of all of them. */
export function blockLine({ block, now, step, stepSince, startedAt, testFrom = startedAt }: LoggedBlock): string {
  const { at, since, weight, share, weightSince, metrics, completeness, counting } = block;
  const fields = [`now=${now - at}`, `since=${at - since}`, `start=${at - startedAt}`, `step=${step}`, `stepSince=${at - stepSince}`, `weight=${weight}`, ...(share === undefined ? [] : [`share=${share}`]), `weightSince=${at - weightSince}`, ...(testFrom === startedAt ? [] : [`test=${at - testFrom}`]), ...(completeness === 'Partial' ? ['partial=1'] : []), ...(counting === 'Anew' ? ['anew=1'] : [])];
  return [isoTime(at), ...fields, '|', ...Object.entries(metrics).map(([name, counts]) => `${name}=${countsText(counts)}`)].join(' ');
}

function countsText(counts: ScrapeBlock['metrics'][string]): string {
  if ('countsCanary' in counts) return `${bucketsText(counts.countsCanary, counts.lackingCanary)}${dollarsText(counts.dollarsCanary)};${bucketsText(counts.countsStable, counts.lackingStable)}${dollarsText(counts.dollarsStable)}`;
  return `${counts.xc}/${counts.nc},${counts.xs}/${counts.ns}`;
}

/** A bucket whose upper edge is not known is a dash. */
function bucketsText(counts: readonly number[], lacking: readonly number[] = []): string {
  return counts.map((count, index) => (lacking.includes(index) ? '-' : count)).join(':');
}

function dollarsText(dollars: number | undefined): string {
  return dollars === undefined ? '' : `$${dollars}`;
}

/** The inverse of {@link blockLine}. Throws a BlockLineError for another text. */
export function parseBlockLine(line: string): LoggedBlock {
  const [head = '', tail = ''] = line.split(' |');
  const [time, ...pairs] = head.split(' ');
  const fields = new Map(pairs.map(pairOf));
  const at = epochMsOf(time);
  const number = (name: string): number => {
    const value = Number(fields.get(name) ?? NaN);
    if (!Number.isSafeInteger(value)) throw new BlockLineError(line);
    return value;
  };
  if (at === undefined) throw new BlockLineError(line);
  const [since, start, stepSince, weightSince] = times.map((name) => at - number(name));
  const metrics = tail.split(' ').filter((text) => text !== '').map(pairOf).map(([name, text]) => [name, parseCounts(text, line)] as const);
  return {
    block: { since: since ?? at, at, weightSince: weightSince ?? at, weight: number('weight'), ...(fields.has('share') ? { share: number('share') } : {}), completeness: fields.has('partial') ? 'Partial' : 'Complete', ...(fields.has('anew') ? { counting: 'Anew' as const } : {}), metrics: Object.fromEntries(metrics) },
    now: at + number('now'), step: number('step'), stepSince: stepSince ?? at, startedAt: start ?? at,
    ...(fields.has('test') ? { testFrom: at - number('test') } : {}),
  };
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseCounts(text: string, line: string): ScrapeBlock['metrics'][string] {
  const integers = (list: string, separator: string): number[] => {
    const values = list.split(separator).map(Number);
    if (!values.every(Number.isSafeInteger)) throw new BlockLineError(line);
    return values;
  };
  const amount = (sum: string | undefined): number | undefined => {
    const value = sum === undefined ? undefined : Number(sum);
    if (value !== undefined && !(sum !== '' && isAmount(value))) throw new BlockLineError(line);
    return value;
  };
  if (text.includes(';')) {
    const [canary, stable] = text.split(';').map((arm) => arm.split('$'));
    const [dollarsCanary, dollarsStable] = [amount(canary?.[1]), amount(stable?.[1])];
    const [ofCanary = '', ofStable = ''] = [canary?.[0], stable?.[0]];
    const [lackingCanary, lackingStable] = [dashesIn(ofCanary), dashesIn(ofStable)];
    return {
      countsCanary: integers(withoutDashes(ofCanary), ':'), countsStable: integers(withoutDashes(ofStable), ':'),
      ...(lackingCanary.length === 0 ? {} : { lackingCanary }), ...(lackingStable.length === 0 ? {} : { lackingStable }),
      ...(dollarsCanary === undefined ? {} : { dollarsCanary }), ...(dollarsStable === undefined ? {} : { dollarsStable }),
    };
  }
  const [xc, nc, xs, ns] = integers(text.replace(',', '/'), '/');
  if (xc === undefined || nc === undefined || xs === undefined || ns === undefined) throw new BlockLineError(line);
  return { xc, nc, xs, ns };
}

function dashesIn(buckets: string): readonly number[] {
  return buckets.split(':').flatMap((text, index) => (text === '-' ? [index] : []));
}

function withoutDashes(buckets: string): string {
  return buckets.split(':').map((text) => (text === '-' ? '0' : text)).join(':');
}
