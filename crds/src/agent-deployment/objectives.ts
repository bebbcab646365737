import { z } from 'zod';
import { nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const path = 'rollout.gates.objectives[]';

/** In CEL, because the API server's own sentence about `maximum: 99.99` says 99. */
function numberBetween(field: string, low: string, high: string, example: string) {
  return z.number().meta(rules({ rule: `self >= ${low} && self <= ${high}`, message: `${path}.${field} must be between ${low} and ${high}, for example ${example}` }));
}

const points = (field: string, example: string) => numberBetween(field, '0.01', '99.0', example);

const successRate = z
  .object({
    maxDropPoints: points('successRate.maxDropPoints', '2').optional().describe('Margin: by how many percentage points less the new revision may succeed than the stable one in the same time. Default 2; 1 where the stable one succeeded in 99.9 % and the traffic is ample for that.'),
    minPercent: numberBetween('successRate.minPercent', '1.0', '99.99', '99').optional().describe('Fixed bound: lowest success rate of the new revision.'),
  })
  .describe('Share of the requests that end in success.');

const latency = z
  .object({
    percentile: numberBetween('latency.percentile', '50.0', '99.9', '95').default(95).describe('Which share of the requests must be at least as fast, in percent.'),
    maxSlowerPoints: points('latency.maxSlowerPoints', '2.5').optional().describe("Margin: percentage points of requests that may be slower than the stable revision's latency at that percentile, frozen at the start, beyond those of the stable one. Default 2.5."),
    maxMilliseconds: z.int().min(1).max(3_600_000).optional().describe('Fixed bound: highest latency of the new revision at that percentile. Judged at the next time up to which the pods count requests (1000, 1250, 1500, ...), and not measured beyond 60000.'),
  })
  .describe('Time that requests take.');

const risingShare = (kind: string, margin: string, of: string) =>
  z.object({
    maxRisePoints: points(`${kind}.maxRisePoints`, '2').optional().describe(`Margin: percentage points by which the share may lie above that of the stable revision in the same time. Default ${margin}.`),
    maxPercent: numberBetween(`${kind}.maxPercent`, '0.01', '99.0', '5').optional().describe(`Fixed bound: highest share of ${of} on the new revision.`),
  });

const toolErrors = risingShare('toolErrors', '2', 'calls that fail').describe('Share of the calls of tools that fail.');

const citations = z
  .object({
    maxDropPoints: points('citations.maxDropPoints', '5').optional().describe('Margin: by how many percentage points fewer answers may cite a source than on the stable revision in the same time. Default 5.'),
    minPercent: numberBetween('citations.minPercent', '1.0', '99.99', '90').optional().describe('Fixed bound: lowest share of answers that cite a source.'),
  })
  .describe('Share of the answers that cite a source.');

const blocked = z
  .object({ maxShiftPoints: points('blocked.maxShiftPoints', '2').optional().describe('Margin: percentage points by which the share may lie above or below that of the stable revision. Default 2.') })
  .describe('Share of the requests that a rule blocks. A fall is as suspect as a rise, so it is always a guard.');

const cost = z
  .object({ maxIncreasePercent: numberBetween('cost.maxIncreasePercent', '0.1', '1000.0', '20').optional().describe('Margin: percent by which a request may cost more than on the stable revision in the same time. An increase of up to half of it is not taken for harm. Default 20.') })
  .describe('Cost of a request, failed ones included.');

const counterSelector = (field: string) =>
  z.object({
    metric: z
      .string()
      .max(200)
      .meta(rules({ rule: "self.matches('^[a-zA-Z_:][a-zA-Z0-9_:]*$')", message: `${path}.counter.${field}.metric must be the name of a Prometheus counter, for example "orders_total"` }))
      .describe("Name of a counter on the pods' metrics page."),
    labels: z
      .array(z.object({ name: z.string().min(1).max(64).describe('Name of the label.'), value: z.string().max(256).describe('Its value.') }).describe('One label.'))
      .max(8)
      .optional()
      .describe('Labels that its series must have; all series that do are added up.'),
  });

const counter = risingShare('counter', '2', 'bad events')
  .extend({ bad: counterSelector('bad').describe('What counts as bad.'), total: counterSelector('total').describe('What counts at all.') })
  .describe('Share of bad events by two counters of the pods.');

const promql = (field: string, what: string) =>
  z
    .string()
    .min(1)
    .max(1_000)
    .meta(rules({ rule: "!self.matches('(^|[^a-zA-Z0-9_:])(rate|irate|increase)[ \\t\\r\\n]*[(]')", message: `${path}.query.${field} must return a raw counter: write sum by (pod) (orders_total) without rate() and increase(), which guess between two scrapes` }))
    .describe(what);

const query = risingShare('query', '2', 'bad events')
  .extend({
    bad: promql('bad', 'PromQL that returns the counter of what is bad, with the label pod. No rate() and no increase(): raw counters are compared.'),
    total: promql('total', 'PromQL that returns the counter of all, with the label pod.'),
  })
  .describe('Share of bad events by two PromQL queries; needs rollout.gates.source Prometheus.');

const kinds = ['successRate', 'latency', 'toolErrors', 'citations', 'blocked', 'cost', 'counter', 'query'] as const;

export const objective = z
  .object({
    name: nameField(`${path}.name`).describe('Name of the objective; unique in the list.'),
    role: z.enum(['Gate', 'Guard']).optional().describe('Gate: proof that it holds is needed to promote. Guard: it can only roll back. Default Gate for successRate and latency, else Guard. Where no objective is a Gate, the durations of the steps and minDuration alone decide when it is promoted.'),
    weight: numberBetween('weight', '0.01', '1000.0', '1').optional().describe('Share in the evidence for a rollback, relative to the other objectives. Default 1.'),
    successRate: successRate.optional(),
    latency: latency.optional(),
    toolErrors: toolErrors.optional(),
    citations: citations.optional(),
    blocked: blocked.optional(),
    cost: cost.optional(),
    counter: counter.optional(),
    query: query.optional(),
  })
  .meta(
    rules(
      {
        rule: `[${kinds.map((kind) => `has(self.${kind})`).join(', ')}].exists_one(set, set)`,
        message: `${path} needs exactly one of ${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1) ?? ''}; write a second objective for another`,
      },
      {
        rule: "!has(self.blocked) || !has(self.role) || self.role == 'Guard'",
        message: `${path}.role cannot be Gate for blocked, because that it did not rise is no proof that it did not fall: write Guard, or leave role out`,
      },
    ),
  )
  .describe('One service level: compared with the stable revision by a margin, held to a fixed bound, or both. With a fixed bound alone it is that which must be proven, and the comparison only rolls back.');

export type Objective = z.infer<typeof objective>;
export type ObjectiveKind = (typeof kinds)[number];
