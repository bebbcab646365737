import type { Counting } from '../selectors.ts';
import { type Labelled, podOf, sourceOf } from './scrape-source.ts';

/** What the page of a target says a metric is, whether or not it has a series of it. */
export interface Announcement extends Labelled {
  /** Of the metric: `counter`, `gauge` and so on. */
  readonly type: string;
  /** Its name; undefined where one alone was asked for. */
  readonly metric?: string | undefined;
}

/** By the name that was asked for; of all targets that were. */
export type Announcements = ReadonlyMap<string, readonly Announcement[]>;

/** All that Prometheus has of the scrapes of some targets, and all that these announce. */
export interface Stored {
  /** How many series there are of a name, by target; and beside them the samples that the newest scrape kept. */
  readonly series: readonly Series[];
  readonly announced: readonly Announcement[];
}

interface Series extends Labelled {
  /** May be NaN. */
  readonly value: number;
}

/** Samples that a scrape found on the page, and those left of them after metric_relabel_configs. Prometheus writes both with every scrape. */
const [found, left] = ['scrape_samples_scraped', 'scrape_samples_post_metric_relabeling'];

/** What has to be asked for, beside the series of a pod, so that {@link announcedOn} can answer: of the same moment as the series. */
export function namesBeside(counting: Counting): readonly string[] {
  const metrics = decisiveMetrics(counting);
  return metrics.length === 0 ? [] : [found, left, ...metrics.flatMap(namesOf)];
}

/** Names to ask the targets' announcements for: those of counters of which some pod has no series, though all of its page was kept. */
export function namesInQuestion(pods: Iterable<readonly Series[]>, counting: Counting): readonly string[] {
  return [...new Set([...pods].filter(isKeptWhole).flatMap((series) => lacking(series, counting)).flatMap(namesOf))];
}

/**
 * Counters that a pod announces and has no series of: nothing has happened yet, 0, if {@link isStoredAsAnnounced} says so, too. Only by what the very target
 * says that the other series of the pod are from, and only where that scrape kept all samples of the page: what metric_relabel_configs drop is
 * announced, too, and is no 0.
 */
export function announcedOn(series: readonly Series[], announcements: Announcements, counting: Counting): ReadonlySet<string> {
  const [first] = series;
  if (first === undefined || !isKeptWhole(series)) return new Set();
  const says = (name: string): boolean => (announcements.get(name) ?? []).some((each) => each.type === 'counter' && podOf(each) === podOf(first) && sourceOf(each) === sourceOf(first));
  return new Set(lacking(series, counting).filter((metric) => namesOf(metric).some(says)));
}

/** Marks in {@link Stored.series} what the scrape kept: `or` goes by labels, and takes names for none. */
const keptLabel = 'sluice_kept';

/** Selects {@link Stored.series}: counted and kept at one moment, because the next scrape may have more. */
export function storedQuery(matchers: string): string {
  return `count by (__name__, namespace, pod, job, instance) ({__name__!="${left}",${matchers}}) or label_replace(${left}{${matchers}}, "${keptLabel}", "true", "", "")`;
}

/**
 * Whether all samples that the scrape of a pod kept are stored by names that its target announces. Where they are not, some were renamed by
 * metric_relabel_configs, or went to another job or instance: by its old name a counter is announced then, has no series, and is no 0. Series of
 * other names, as recording rules make them with the labels of the pod, are of no scrape and do not count.
 */
export function isStoredAsAnnounced([first]: readonly Series[], { series, announced }: Stored): boolean {
  if (first === undefined) return false;
  const isSame = (each: Labelled): boolean => podOf(each) === podOf(first) && sourceOf(each) === sourceOf(first);
  const own = series.filter(isSame);
  const kept = own.find(({ labels }) => labels.has(keptLabel))?.value;
  const names = new Set(announced.filter(isSame).flatMap(({ metric, type }) => (metric === undefined ? [] : (endings[type] ?? ['']).map((ending) => `${metric}${ending}`))));
  const stored = own.filter((each) => names.has(nameOf(each))).reduce((sum, { value }) => sum + value, 0);
  return kept !== undefined && stored >= kept;
}

/** What follows the announced name in those of the samples, where it is more than the name. */
const endings: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_total', '_created'],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['', '_bucket', '_gsum', '_gcount'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['', '_info'],
};

/** Metrics without which an objective is missing: those after the first of a list may be absent. */
function decisiveMetrics({ counters }: Counting): readonly string[] {
  return [...new Set(counters.flatMap(({ bad, total }) => [bad[0].metric, total[0].metric]))];
}

/** OpenMetrics announces a counter without the ending of its samples. One that has samples of that name is another metric. */
function namesOf(metric: string): readonly string[] {
  const stem = metric.replace(/_total$/, '');
  return stem === metric || stem === '' ? [metric] : [metric, stem];
}

function lacking(series: readonly Series[], counting: Counting): readonly string[] {
  const present = new Set(series.map(nameOf));
  return decisiveMetrics(counting).filter((metric) => namesOf(metric).every((name) => !present.has(name)));
}

function isKeptWhole(series: readonly Series[]): boolean {
  const [scraped, kept] = [found, left].map((name) => series.filter((each) => nameOf(each) === name).map(({ value }) => value));
  return scraped?.length === 1 && kept?.length === 1 && Number.isFinite(scraped[0]) && scraped[0] === kept[0];
}

function nameOf({ labels }: Labelled): string {
  return labels.get('__name__') ?? '';
}
