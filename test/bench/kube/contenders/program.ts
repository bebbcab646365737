import { type Figures, type Scenario, SCENARIOS, type Spec } from '../spec.ts';

/** What a contender can do; a scenario that is absent is one it cannot take part in. */
export type Contender = Partial<Readonly<Record<Scenario, (spec: Spec) => Promise<Figures>>>>;

/** Runs `node CONTENDER SCENARIO SPEC`: prints the figures as one line of JSON and exits at once, open connections or not. */
export async function runContender(contender: Contender): Promise<never> {
  const [name, spec] = process.argv.slice(2);
  const scenario = SCENARIOS.find((known) => known === name);
  const measure = scenario === undefined ? undefined : contender[scenario];
  if (measure === undefined || spec === undefined) {
    process.stderr.write(`scenario is '${String(name)}': give one of ${Object.keys(contender).join(', ')}, and a spec as JSON\n`);
    return process.exit(2);
  }
  try {
    const figures = await measure(JSON.parse(spec) as Spec);
    return await say({ figures }, () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return process.exit(1);
  }
}

/** Tells the parent that a stage is reached; the parent notes the time. */
export function mark(stage: 'imported' | 'synced'): void {
  process.stdout.write(`${JSON.stringify({ mark: stage })}\n`);
}

function say<T>(line: unknown, then: () => T): Promise<T> {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve(then()));
  });
}
